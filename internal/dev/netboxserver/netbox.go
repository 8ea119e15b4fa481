//go:build unix

package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

var (
	//go:embed configuration.py
	configuration []byte
	// gunicornSettings are what not every gunicorn knows as a flag; it passes over unknown ones in a file.
	gunicornSettings = []byte("control_socket_disable = True\n")
	//go:embed prepare.py
	prepareScript []byte
	//go:embed all:plugin/netbox_hedgehog
	fixture embed.FS
)

const (
	pluginPackage       = "netbox_hedgehog"
	configurationModule = "netbox_test_configuration"
	// Tokens of the seeded users. They open a NetBox that lives on loopback for one test run.
	adminToken   = "adminadminadminadminadminadminadminadmin"
	adminTokenV2 = "nbt_adminadmin12.adminadminadminadminadminadminadminadmin"
	limitedToken = "limitedlimitedlimitedlimitedlimitedlimit"

	serveLimit = 3 * time.Minute
)

// netBox is a NetBox of our own: its folder, its servers, and what stops them.
type netBox struct {
	folder   string // of this run; removed at the end
	release  release
	store    cache
	python   environment
	postgres *postgres
	plugin   fs.FS
	settings settings
	report   *process.Progress
	redis    *process.Process
	gunicorn *process.Process
	worker   *process.Process // nil without NetBox Branching
	ready    bool             // whether the command has a server to run against
}

// settings are an administrator's choices, which the provider must not depend on.
type settings struct {
	displayURL   string // the fixture plugin's form
	objectFilter string // how the fixture plugin filters objects by fabric
	timeZone     string // of the times in answers
	maxPageSize  int    // objects on a page, whatever is asked for
	branching    bool   // whether it has NetBox Branching
}

// startNetBox sets up and starts a NetBox. The returned function takes it away
// again, whatever became of it; it is never nil.
func startNetBox(ctx context.Context, chosen settings, report *process.Progress) (*target, func(), error) {
	n := &netBox{settings: chosen, report: report}
	running, err := n.setUp(ctx)
	return running, n.takeAway, err
}

func (n *netBox) setUp(ctx context.Context) (*target, error) {
	redis, err := n.prepare(ctx)
	if err != nil {
		return nil, err
	}
	if err := n.startRedis(ctx, redis); err != nil {
		return nil, err
	}
	if err := n.prepareDatabase(ctx); err != nil {
		return nil, explainMissingModule(err)
	}
	running := &target{own: true, token: adminToken, limitedToken: limitedToken}
	if since(n.release.version, firstV2Tokens) {
		running.tokenV2 = adminTokenV2
	}
	err = n.report.Step("start NetBox", func() error {
		if err := n.serve(ctx, running); err != nil {
			return err
		}
		return n.startWorker(ctx, running)
	})
	if err != nil {
		return nil, explainMissingModule(err)
	}
	if os.Getenv("NETBOX_PLUGIN_DIR") == "" {
		running.displayURL, running.objectFilter = n.settings.displayURL, n.settings.objectFilter
	}
	if err := running.inspect(ctx); err != nil {
		return nil, err
	}
	n.ready = true
	return running, n.removeProbe(ctx)
}

// removeProbe deletes what probeDisplayURL could not: tests start from a NetBox without fabrics.
func (n *netBox) removeProbe(ctx context.Context) error {
	return n.postgres.execute(ctx, "DELETE FROM netbox_hedgehog_hedgehogfabric WHERE name LIKE '"+probePrefix+"%'")
}

// prepare finds every program before anything slow begins, and makes this run's folder.
func (n *netBox) prepare(ctx context.Context) (redis string, err error) {
	programs, postgresErr := findPostgres(ctx, "/usr/lib/postgresql")
	redis, redisErr := findRedis()
	interpreter, pythonErr := findPython(ctx, pythonCandidates(ctx))
	var releaseErr error
	n.release, releaseErr = n.settings.release(os.Getenv("NETBOX_VERSION"), os.Getenv("NETBOX_SOURCE"))
	err = errors.Join(postgresErr, redisErr, pythonErr, releaseErr)
	if err != nil {
		return "", err
	}
	if n.plugin, err = openPlugin(os.Getenv("NETBOX_PLUGIN_DIR")); err != nil {
		return "", err
	}
	if n.store, err = openCache(); err != nil {
		return "", err
	}
	extra := n.requirements(strings.Fields(os.Getenv("NETBOX_PLUGIN_REQUIREMENTS")))
	if n.python, err = prepareEnvironment(ctx, n.store, interpreter, n.release, extra, n.report); err != nil {
		return "", err
	}
	if n.folder, err = os.MkdirTemp("", "netbox-test-"); err != nil {
		return "", err
	}
	// Open to pass through, so that PostgreSQL's user reaches its own folder.
	if err := os.Chmod(n.folder, 0o711); err != nil {
		return "", err
	}
	n.postgres, err = newPostgres(programs, filepath.Join(n.folder, "postgres"), n.log("postgres"))
	if err != nil {
		return "", err
	}
	return redis, n.writeFiles()
}

// openPlugin returns the sources of the plugin under test: the fixture, or the user's.
func openPlugin(folder string) (fs.FS, error) {
	if folder == "" {
		return fs.Sub(fixture, "plugin/"+pluginPackage)
	}
	if _, err := os.Stat(filepath.Join(folder, pluginPackage, "__init__.py")); err != nil {
		return nil, fmt.Errorf("NETBOX_PLUGIN_DIR holds no package %s: %w", pluginPackage, err)
	}
	return os.DirFS(filepath.Join(folder, pluginPackage)), nil
}

// writeFiles writes the configuration and a copy of the plugin. A copy alone
// on Python's path keeps whatever else is next to the user's plugin out of
// it, and compiled files out of the sources.
func (n *netBox) writeFiles() error {
	files := map[string][]byte{
		"conf/" + configurationModule + ".py": configuration,
		"gunicorn.conf.py":                    gunicornSettings,
		"prepare.py":                          prepareScript,
	}
	err := walkSources(n.plugin, func(name string, text []byte) error {
		files["plugin/"+pluginPackage+"/"+name] = text
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the plugin: %w", err)
	}
	for name, text := range files {
		path := filepath.Join(n.folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (n *netBox) log(name string) string { return filepath.Join(n.folder, name+".log") }

// command runs a program of the Python environment, with the plugin or without any.
func (n *netBox) command(plugins, program string, arguments ...string) *exec.Cmd {
	command := exec.Command(n.python.program(program), arguments...)
	command.Dir = n.folder
	command.Env = append(os.Environ(),
		"PYTHONPATH="+strings.Join([]string{filepath.Join(n.folder, "conf"), filepath.Join(n.folder, "plugin"),
			n.python.source()}, string(filepath.ListSeparator)),
		"NETBOX_ROOT="+filepath.Join(n.folder, "root"),
		"NETBOX_CONFIGURATION="+configurationModule,
		"DJANGO_SETTINGS_MODULE=netbox.settings",
		"NETBOX_TEST_RUN="+n.folder,
		"NETBOX_TEST_PLUGINS="+plugins,
		"NETBOX_TEST_DISPLAY_URL="+n.settings.displayURL,
		"NETBOX_TEST_OBJECT_FILTER="+n.settings.objectFilter,
		"NETBOX_TEST_TIME_ZONE="+n.settings.timeZone,
		"NETBOX_TEST_MAX_PAGE_SIZE="+strconv.Itoa(n.settings.maxPageSize),
		"NETBOX_TEST_TOKEN="+adminToken,
		"NETBOX_TEST_TOKEN_V2="+adminTokenV2,
		"NETBOX_TEST_LIMITED_TOKEN="+limitedToken,
	)
	return command
}

func (n *netBox) startRedis(ctx context.Context, program string) error {
	socket := filepath.Join(n.folder, "redis.sock")
	command := exec.Command(program, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
		"--save", "", "--appendonly", "no", "--dir", n.folder)
	started, err := process.Start(command, n.log("redis"))
	if err != nil {
		return err
	}
	n.redis = started
	return started.WaitUntil(ctx, startLimit, func(ctx context.Context) error {
		connection, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if err != nil {
			return err
		}
		return connection.Close()
	})
}

// prepareDatabase starts PostgreSQL with a NetBox that has the plugin's tables
// and the seed. What it makes on the way is kept: NetBox's own tables take
// minutes, the plugin's change more often and take seconds.
func (n *netBox) prepareDatabase(ctx context.Context) error {
	bare, whole, err := n.dumpNames()
	if err != nil {
		return err
	}
	err = n.haveDump(ctx, whole, func() error {
		err := n.haveDump(ctx, bare, func() error {
			return n.report.Step("make NetBox's tables (minutes, once)", func() error { return n.migrate(ctx) })
		})
		if err != nil {
			return err
		}
		return n.report.Step("make the plugin's tables and the seed", func() error { return n.seed(ctx) })
	})
	if err != nil {
		return err
	}
	return errors.Join(n.postgres.start(ctx), n.store.prune(time.Now()))
}

// dumpNames names the dumps after everything that their content depends on.
func (n *netBox) dumpNames() (bare, whole string, err error) {
	plugin, err := folderContent(n.plugin)
	if err != nil {
		return "", "", fmt.Errorf("read the plugin: %w", err)
	}
	system := runtime.GOOS + "/" + runtime.GOARCH + "/" + n.postgres.programs.major
	bareKey := contentKey(append(n.release.parts(), []byte(system))...)
	wholeKey := contentKey([]byte(bareKey), plugin, prepareScript, configuration, []byte(n.plugins()))
	return "netbox-" + bareKey, "netbox-hedgehog-" + wholeKey, nil
}

// haveDump puts the named dump into the data folder. Where there is none,
// build has to leave a stopped cluster there, which is then kept.
func (n *netBox) haveDump(ctx context.Context, name string, build func() error) error {
	unlock, err := n.store.lock(ctx, name, n.report)
	if err != nil {
		return err
	}
	defer unlock()
	dump := n.store.path(name + dumpSuffix)
	if err := n.store.touch(dump); err == nil {
		return n.report.Step("restore the database", func() error {
			return restoreFolder(dump, n.postgres.data(), n.postgres.owner)
		})
	}
	if err := build(); err != nil {
		return err
	}
	return saveFolder(n.postgres.data(), dump)
}

func (n *netBox) migrate(ctx context.Context) error {
	if err := n.postgres.initialize(ctx); err != nil {
		return err
	}
	defer n.postgres.stop()
	if err := n.postgres.start(ctx); err != nil {
		return err
	}
	if err := n.postgres.createDatabase(ctx); err != nil {
		return err
	}
	return process.RunStep(ctx, n.command("", "django-admin", "migrate", "--no-input"), n.log("migrate"))
}

func (n *netBox) seed(ctx context.Context) error {
	defer n.postgres.stop()
	if err := n.postgres.start(ctx); err != nil {
		return err
	}
	script := filepath.Join(n.folder, "prepare.py")
	return process.RunStep(ctx, n.command(n.plugins(), "python", script), n.log("prepare"))
}

// serve starts gunicorn on a socket that is already bound, so that no other program can take the port.
func (n *netBox) serve(ctx context.Context, running *target) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	running.url = "http://" + listener.Addr().String()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer socket.Close()

	command := n.command(n.plugins(), "gunicorn", "--bind", "fd://3", "--workers", "2", "--threads", "3",
		"--timeout", "120", "--worker-tmp-dir", n.folder, "--config", filepath.Join(n.folder, "gunicorn.conf.py"),
		"netbox.wsgi")
	command.ExtraFiles = []*os.File{socket}
	started, err := process.Start(command, n.log("netbox"))
	if err != nil {
		return err
	}
	n.gunicorn = started
	return started.WaitUntil(ctx, serveLimit, func(ctx context.Context) error {
		_, err := running.status(ctx)
		return err
	})
}

// takeAway stops the servers, NetBox before what it needs, and removes this
// run's folder. A server that did not last as long as the command is reported.
func (n *netBox) takeAway() {
	servers := []*process.Process{n.gunicorn, n.worker}
	if n.postgres != nil {
		servers = append(servers, n.postgres.server)
	}
	for _, running := range append(servers, n.redis) {
		if running == nil {
			continue
		}
		if n.ready && running.Ended() {
			n.report.Note("%v", running.Failure("ended while the command ran"))
		}
		running.Stop()
	}
	if n.folder == "" {
		return
	}
	if err := os.RemoveAll(n.folder); err != nil {
		n.report.Note("could not remove this run's folder: %v", err)
	}
}

var missingModule = regexp.MustCompile(`No module named '([^'.]+)`)

// explainMissingModule says what to do about a plugin that needs a package NetBox does not bring.
func explainMissingModule(err error) error {
	failed, ok := errors.AsType[*process.Error](err)
	if !ok {
		return err
	}
	match := missingModule.FindStringSubmatch(failed.Tail)
	if match == nil {
		return err
	}
	return fmt.Errorf("%w\n\nthe plugin needs the Python module %s: name the packages it needs in "+
		"NETBOX_PLUGIN_REQUIREMENTS, separated by blanks", err, match[1])
}
