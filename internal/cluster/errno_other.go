//go:build !windows

package cluster

import "syscall"

// What a system says of a connection that cannot be made, or that breaks.
const (
	errRefused     = syscall.ECONNREFUSED
	errNoHostRoute = syscall.EHOSTUNREACH
	errNoNetRoute  = syscall.ENETUNREACH
	errReset       = syscall.ECONNRESET
	errBroken      = syscall.EPIPE
)
