//go:build !windows

package netboxtest

import "syscall"

// What a client gets whose connection is refused or reset, and who listens on a port
// that is taken.
const (
	ErrRefused = syscall.ECONNREFUSED
	ErrReset   = syscall.ECONNRESET
	ErrInUse   = syscall.EADDRINUSE
)
