//go:build !windows

package netboxtest

import "syscall"

// The errors of a refused connection, of a reset connection, and of a port that is taken.
const (
	ErrRefused = syscall.ECONNREFUSED
	ErrReset   = syscall.ECONNRESET
	ErrInUse   = syscall.EADDRINUSE
)
