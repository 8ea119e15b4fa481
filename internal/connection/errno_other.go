//go:build !windows

package connection

import "syscall"

// The errors of the system for a connection that cannot be made or that breaks.
const (
	ErrRefused     = syscall.ECONNREFUSED
	ErrNoHostRoute = syscall.EHOSTUNREACH
	ErrNoNetRoute  = syscall.ENETUNREACH
	ErrReset       = syscall.ECONNRESET
	ErrBroken      = syscall.EPIPE
)
