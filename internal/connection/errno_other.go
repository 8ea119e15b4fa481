//go:build !windows

package connection

import "syscall"

// What a system says of a connection that cannot be made, or that breaks.
const (
	ErrRefused     = syscall.ECONNREFUSED
	ErrNoHostRoute = syscall.EHOSTUNREACH
	ErrNoNetRoute  = syscall.ENETUNREACH
	ErrReset       = syscall.ECONNRESET
	ErrBroken      = syscall.EPIPE
)
