package netboxtest

import "golang.org/x/sys/windows"

// What a client gets whose connection is refused or reset, and who listens on a port
// that is taken.
const (
	ErrRefused = windows.WSAECONNREFUSED
	ErrReset   = windows.WSAECONNRESET
	ErrInUse   = windows.WSAEADDRINUSE
)
