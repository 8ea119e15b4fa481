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
	// gunicornSettings are settings that older versions of gunicorn have no flag for. In a file,
	// gunicorn ignores unknown settings.
	gunicornSettings = []byte("control_socket_disable = True\n")
	//go:embed prepare.py
	prepareScript []byte
	//go:embed all:plugin/netbox_hedgehog
	fixture embed.FS
)

const (
	pluginPackage       = "netbox_hedgehog"
	configurationModule = "netbox_test_configuration"
	// Tokens of the seeded users. They are valid only for a NetBox on loopback during one run.
	adminToken   = "adminadminadminadminadminadminadminadmin"
	adminTokenV2 = "nbt_adminadmin12.adminadminadminadminadminadminadminadmin"
	limitedToken = "limitedlimitedlimitedlimitedlimitedlimit"

	serveLimit = 3 * time.Minute
)

// netBox is a NetBox that this program set up, with its folder and servers.
type netBox struct {
	folder   string // of this run; deleted at the end
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
	ready    bool             // whether the command may run
}

// settings are an administrator's choices. The provider must work with all of them.
type settings struct {
	displayURL   string // the fixture plugin's form
	objectFilter string // how the fixture plugin filters objects by fabric
	timeZone     string // of the times in answers
	maxPageSize  int    // the most objects on a page
	branching    bool   // whether it has NetBox Branching
}

// startNetBox sets up and starts a NetBox. The returned function removes it, even after an
// error, and is never nil.
func startNetBox(ctx context.Context, chosen settings, report *process.Progress) (*target, func(), error) {
	n := &netBox{settings: chosen, report: report}
	running, err := n.setUp(ctx)
	return running, n.cleanUp, err
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

// removeProbe deletes the fabric that probeDisplayURL could not delete, since tests start
// with a NetBox without fabrics.
func (n *netBox) removeProbe(ctx context.Context) error {
	return n.postgres.execute(ctx, "DELETE FROM netbox_hedgehog_hedgehogfabric WHERE name LIKE '"+probePrefix+"%'")
}

// prepare finds every program before the slow steps, and creates this run's folder.
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
	// Others may enter it, since PostgreSQL's user must reach its own folder.
	if err := os.Chmod(n.folder, 0o711); err != nil {
		return "", err
	}
	n.postgres, err = newPostgres(programs, filepath.Join(n.folder, "postgres"), n.log("postgres"))
	if err != nil {
		return "", err
	}
	return redis, n.writeFiles()
}

// openPlugin returns the source of the plugin under test: the fixture, or the user's.
func openPlugin(folder string) (fs.FS, error) {
	if folder == "" {
		return fs.Sub(fixture, "plugin/"+pluginPackage)
	}
	if _, err := os.Stat(filepath.Join(folder, pluginPackage, "__init__.py")); err != nil {
		return nil, fmt.Errorf("NETBOX_PLUGIN_DIR has no package %s: %w", pluginPackage, err)
	}
	return os.DirFS(filepath.Join(folder, pluginPackage)), nil
}

// writeFiles writes the configuration and a copy of the plugin. Because of the copy, Python's
// path has nothing else from the folder of the user's plugin, and compiled files don't get
// into the source.
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

// command returns a command for a program of the Python environment, with the given plugins.
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

// prepareDatabase starts PostgreSQL with a database that has NetBox's and the plugin's tables
// and the seed data. It keeps two dumps: NetBox's own tables, which take minutes to create,
// and the whole database. The plugin's tables change more often and take seconds.
func (n *netBox) prepareDatabase(ctx context.Context) error {
	bare, whole, err := n.dumpNames()
	if err != nil {
		return err
	}
	err = n.haveDump(ctx, whole, func() error {
		err := n.haveDump(ctx, bare, func() error {
			return n.report.Step("create NetBox's tables (once, minutes)", func() error { return n.migrate(ctx) })
		})
		if err != nil {
			return err
		}
		return n.report.Step("create the plugin's tables and data", func() error { return n.seed(ctx) })
	})
	if err != nil {
		return err
	}
	return errors.Join(n.postgres.start(ctx), n.store.prune(time.Now()))
}

// dumpNames returns the names of the dumps, which have a hash of everything that their
// content depends on.
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

// haveDump restores the named dump into the data folder. If there is no such dump, build must
// leave a stopped database there, and haveDump saves it.
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

// serve starts gunicorn on a socket that is already bound, so that no other program can take
// the port.
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

// cleanUp stops NetBox and then the servers that it needs, and deletes this run's folder. It
// reports a server that ended before the command did.
func (n *netBox) cleanUp() {
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
		n.report.Note("could not delete this run's folder: %v", err)
	}
}

var missingModule = regexp.MustCompile(`No module named '([^'.]+)`)

// explainMissingModule adds what to do if the plugin needs a Python package that NetBox does
// not have.
func explainMissingModule(err error) error {
	failed, ok := errors.AsType[*process.Error](err)
	if !ok {
		return err
	}
	match := missingModule.FindStringSubmatch(failed.Tail)
	if match == nil {
		return err
	}
	return fmt.Errorf("%w\n\nthe plugin needs the Python module %s: list the packages that it needs in "+
		"NETBOX_PLUGIN_REQUIREMENTS, separated by spaces", err, match[1])
}
