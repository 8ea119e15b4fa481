// Image builds the container image of a release, as an OCI layout:
//
//	image DIST
//
// DIST is the folder of a release or a snapshot. The image gets the programs from the archives
// there, so it has the same bytes. It needs no compiler, container engine, base image or registry.
// The layout is written to DIST/image. crane and skopeo can push it, and podman can run it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one argument, the folder of a release; got %q", args)
	}
	r, err := openRelease(args[0])
	if err != nil {
		return err
	}
	l := layout{filepath.Join(args[0], "image")}
	if err := os.RemoveAll(l.folder); err != nil {
		return err
	}
	index, err := l.write(r)
	if err != nil {
		return fmt.Errorf("writing %s: %w", l.folder, err)
	}
	for _, p := range r.programs {
		fmt.Printf("%s has linux/%s\n", l.folder, p.architecture)
	}
	fmt.Println(index.Digest)
	return nil
}
