//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// nowName is the name of the working tree's program.
const nowName = "now"

// program is a built provider.
type program struct {
	name string // for humans
	path string
}

// build builds the working tree's program and, where one is named, that of a commit.
func build(ctx context.Context, folder, base string) ([]program, error) {
	var programs []program
	add := func(name, source string) error {
		p := program{name: name, path: filepath.Join(folder, fmt.Sprintf("program-%d", len(programs)))}
		cmd := exec.CommandContext(ctx, "go", "build", "-o", p.path, ".")
		cmd.Dir = source
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
		programs = append(programs, p)
		return nil
	}
	if base != "" {
		source := filepath.Join(folder, "base")
		if err := checkOut(ctx, base, source); err != nil {
			return nil, err
		}
		if err := add("base "+base, source); err != nil {
			return nil, err
		}
	}
	return programs, add(nowName, ".")
}

// checkOut writes the files of a commit into a folder.
func checkOut(ctx context.Context, commit, folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	archive := exec.CommandContext(ctx, "git", "archive", "--format=tar", commit+"^{commit}")
	extract := exec.CommandContext(ctx, "tar", "-x", "-C", folder)
	var said bytes.Buffer
	archive.Stderr, extract.Stderr = &said, &said
	var err error
	if extract.Stdin, err = archive.StdoutPipe(); err != nil {
		return err
	}
	if err := extract.Start(); err != nil {
		return err
	}
	if err := errors.Join(archive.Run(), extract.Wait()); err != nil {
		return fmt.Errorf("the files of commit %s: %w\n%s", commit, err, said.String())
	}
	return nil
}

// startServers starts the servers of a measurement in a process of their own.
func startServers(ctx context.Context, l load) (*remote, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, own)
	cmd.Env = append(os.Environ(), envLoad+"="+string(text))
	cmd.Stderr = os.Stderr
	r := &remote{cmd: cmd}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if r.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r.out = json.NewDecoder(out)
	if err := r.out.Decode(&r.address); err != nil {
		r.close()
		return nil, fmt.Errorf("the servers do not start: %w", err)
	}
	return r, nil
}

// remote are servers in another process.
type remote struct {
	address
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

// take returns what was counted since it was last called.
func (r *remote) take() (c counts, err error) {
	if _, err := fmt.Fprintln(r.in); err != nil {
		return c, err
	}
	return c, r.out.Decode(&c)
}

func (r *remote) close() {
	_ = r.in.Close() // which ends it
	_ = r.cmd.Wait()
}

// syncing is a program that runs.
type syncing struct {
	cmd   *exec.Cmd
	lines chan line
	log   bytes.Buffer
	began time.Time
}

// line is a line of --output json, as far as it is looked at.
type line struct {
	Outcome string         `json:"outcome"`
	Message string         `json:"message"`
	Objects map[string]int `json:"objects"`
}

func (p program) start(ctx context.Context, at address, args ...string) (*syncing, error) {
	s := &syncing{lines: make(chan line), began: time.Now()}
	s.cmd = exec.CommandContext(ctx, p.path, append([]string{"sync", "--output", "json", "--log-level", "warn"},
		args...)...)
	s.cmd.Env = []string{"NETBOX_SERVER_URL=" + at.URL, "NETBOX_API_TOKEN=" + at.Token}
	s.cmd.Stderr = &s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(s.lines)
		for in := bufio.NewReader(out); ; {
			text, err := in.ReadBytes('\n')
			if err != nil {
				return
			}
			var l line
			if err := json.Unmarshal(text, &l); err != nil {
				l.Message = err.Error()
			}
			s.lines <- l
		}
	}()
	return s, nil
}

// synced waits for so many syncs, which must be as wanted.
func (s *syncing) synced(number int, wanted func(line) error) error {
	for number > 0 {
		l, more := <-s.lines
		switch {
		case !more:
			return fmt.Errorf("it ended too soon:\n%s", s.log.String())
		case l.Outcome == "skipped": // the fabric of the other objects
			continue
		case l.Outcome != "synced":
			return fmt.Errorf("a sync ended as %q: %s\n%s", l.Outcome, l.Message, s.log.String())
		}
		number--
		if err := wanted(l); err != nil {
			return err
		}
	}
	return nil
}

// end waits for the end of the program, which a watch is asked for.
func (s *syncing) end(watch bool) (took time.Duration, err error) {
	if watch {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return 0, err
		}
	}
	s.drain()
	if err := s.cmd.Wait(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, s.log.String())
	}
	return time.Since(s.began), nil
}

// kill ends a program that is not wanted any more.
func (s *syncing) kill() {
	_ = s.cmd.Process.Kill()
	s.drain()
	_ = s.cmd.Wait()
}

// drain reads all of the program's output: until then, the program may wait for it.
func (s *syncing) drain() {
	for range s.lines {
	}
}

// cpu is the time that the program has computed for; it has ended.
func (s *syncing) cpu() time.Duration {
	return s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
}

// peak is the largest resident set of the program, in bytes; it has ended.
func (s *syncing) peak() int64 {
	usage, ok := s.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := int64(usage.Maxrss)   //nolint:unconvert // it has 32 bits on systems of 32 bits
	if runtime.GOOS == "darwin" { // which counts bytes; all others count KiB
		return peak
	}
	return peak * 1024
}

// spent returns the CPU time of a program that runs; 0 where the system does not say.
func (s *syncing) spent() time.Duration {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may have blanks
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100 // USER_HZ
}
