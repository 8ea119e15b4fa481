//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

const (
	startLimit = 60 * time.Second
	// longestSocket is the longest path of a Unix socket that every system accepts.
	longestSocket = 103
)

// postgres is a PostgreSQL server that this program started. It listens only on a Unix socket
// in its folder, so other users cannot reach it.
type postgres struct {
	programs postgresPrograms
	folder   string              // holds the socket and the data folder
	owner    *syscall.Credential // nil means: the user who runs this program
	log      string
	server   *process.Process
}

func newPostgres(programs postgresPrograms, folder, log string) (*postgres, error) {
	if socket := filepath.Join(folder, ".s.PGSQL.5432"); len(socket) > longestSocket {
		return nil, fmt.Errorf("%s is too long a name for a socket; set TMPDIR to a shorter folder", socket)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	database := &postgres{programs: programs, folder: folder, log: log}
	if os.Geteuid() != 0 {
		return database, nil
	}
	owner, err := unprivilegedUser()
	if err != nil {
		return nil, err
	}
	database.owner = owner
	if err := mayEnter(filepath.Dir(folder)); err != nil {
		return nil, err
	}
	return database, os.Chown(folder, int(owner.Uid), int(owner.Gid))
}

// unprivilegedUser returns the user that PostgreSQL runs as if this program runs as root,
// since PostgreSQL refuses to run as root.
func unprivilegedUser() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, &missingError{program: "a user postgres or nobody", install: "the Debian package postgresql, or run " +
		"as another user than root"}
}

// mayEnter checks that other users may enter every folder of the path.
func mayEnter(folder string) error {
	for {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("PostgreSQL's user may not enter %s; set TMPDIR to a folder that it may", folder)
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return nil
		}
		folder = parent
	}
}

func (p *postgres) data() string { return filepath.Join(p.folder, "data") }

func (p *postgres) command(program string, arguments ...string) *exec.Cmd {
	command := exec.Command(program, arguments...)
	command.Dir = p.folder
	if p.owner != nil {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: p.owner}
	}
	return command
}

// initialize creates an empty database. Small log segments keep the dump small.
func (p *postgres) initialize(ctx context.Context) error {
	return process.RunStep(ctx, p.command(p.programs.initdb, "--pgdata", p.data(), "--username", "netbox",
		"--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--wal-segsize", "1"), p.log)
}

// start starts the server. It needs no fsync, since no data has to survive a crash.
func (p *postgres) start(ctx context.Context) error {
	command := p.command(p.programs.postgres, "-D", p.data(), "-k", p.folder, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "max_wal_size=1GB", "-c", "wal_recycle=off")
	started, err := process.Start(command, p.log)
	if err != nil {
		return err
	}
	p.server = started
	return started.WaitUntil(ctx, startLimit, func(ctx context.Context) error {
		return exec.CommandContext(ctx, p.programs.isReady, "--quiet", "--host", p.folder).Run()
	})
}

func (p *postgres) createDatabase(ctx context.Context) error {
	return process.RunStep(ctx, p.command(p.programs.createdb, "--host", p.folder, "--username", "netbox", "netbox"),
		p.log)
}

// execute runs one SQL statement in NetBox's database.
func (p *postgres) execute(ctx context.Context, statement string) error {
	return process.RunStep(ctx, p.command(p.programs.psql, "--host", p.folder, "--username", "netbox", "--no-psqlrc",
		"--command", statement, "netbox"), p.log)
}

func (p *postgres) stop() {
	if p.server != nil {
		p.server.Stop()
		p.server = nil
	}
}
