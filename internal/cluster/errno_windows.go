package cluster

import "golang.org/x/sys/windows"

// What Windows says of a connection that cannot be made, or that breaks. It is not
// what package syscall names ECONNREFUSED and so on: that no connection ever gives.
const (
	errRefused     = windows.WSAECONNREFUSED
	errNoHostRoute = windows.WSAEHOSTUNREACH
	errNoNetRoute  = windows.WSAENETUNREACH
	errReset       = windows.WSAECONNRESET
	errBroken      = windows.WSAECONNABORTED
)
