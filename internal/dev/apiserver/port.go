//go:build unix

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// reservedPort is a loopback port that no other program can take: its socket is bound, but
// never listens. The API server can bind the same port, repeatedly, since both sockets
// allow sharing.
type reservedPort struct {
	number int
	socket int
}

func reservePort() (*reservedPort, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	unix.CloseOnExec(socket)
	port := &reservedPort{socket: socket}
	if port.number, err = bindShared(socket); err != nil {
		port.release()
		return nil, fmt.Errorf("reserve a port: %w", err)
	}
	return port, nil
}

func bindShared(socket int) (int, error) {
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return 0, err
	}
	if err := unix.Bind(socket, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	name, err := unix.Getsockname(socket)
	if err != nil {
		return 0, err
	}
	address, ok := name.(*unix.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("a socket of type %T", name)
	}
	return address.Port, nil
}

func (p *reservedPort) release() { _ = unix.Close(p.socket) }
