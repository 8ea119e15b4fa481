package connection

import "golang.org/x/sys/windows"

// What Windows says of a connection that cannot be made, or that breaks. It is not
// what package syscall names ECONNREFUSED and so on: that no connection ever gives.
const (
	ErrRefused     = windows.WSAECONNREFUSED
	ErrNoHostRoute = windows.WSAEHOSTUNREACH
	ErrNoNetRoute  = windows.WSAENETUNREACH
	ErrReset       = windows.WSAECONNRESET
	ErrBroken      = windows.WSAECONNABORTED
)
