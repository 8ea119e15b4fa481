package netboxtest

import "golang.org/x/sys/windows"

// The errors of a refused connection, of a reset connection, and of a port that is taken.
const (
	ErrRefused = windows.WSAECONNREFUSED
	ErrReset   = windows.WSAECONNRESET
	ErrInUse   = windows.WSAEADDRINUSE
)
