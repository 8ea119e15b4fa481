package connection

import "golang.org/x/sys/windows"

// The errors of Windows for a connection that cannot be made or that breaks. They differ
// from ECONNREFUSED and so on in package syscall, which no connection ever returns.
const (
	ErrRefused     = windows.WSAECONNREFUSED
	ErrNoHostRoute = windows.WSAEHOSTUNREACH
	ErrNoNetRoute  = windows.WSAENETUNREACH
	ErrReset       = windows.WSAECONNRESET
	ErrBroken      = windows.WSAECONNABORTED
)
