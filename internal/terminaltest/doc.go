// Package terminaltest gives tests a terminal to print on, on Linux.
package terminaltest
