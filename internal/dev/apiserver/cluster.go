//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/testserver"
)

const (
	startLimit = 2 * time.Minute
	// serverGrace is short, since no client waits for the requests that the API server would
	// finish.
	serverGrace = 5 * time.Second
)

// cluster is an API server and its etcd that this program started, with their folder.
type cluster struct {
	report *process.Progress
	asked  chan<- func() // functions to be run by the main thread, which starts every child

	folder  string // of this run; deleted at the end
	program string // kube-apiserver
	port    *reservedPort
	target  *target
	etcd    *process.Process
	control *http.Server
	ready   bool // whether the command may run

	mu        sync.Mutex       // guards apiServer
	apiServer *process.Process // nil while it is stopped
}

func (c *cluster) setUp(ctx context.Context) (*target, error) {
	etcd, err := exec.LookPath("etcd")
	if err != nil {
		return nil, errors.New("etcd not found; install the Debian package etcd-server")
	}
	crds, err := definitions(os.Getenv("HEDGEHOG_CRD_DIR"))
	if err != nil {
		return nil, err
	}
	if c.program, err = findAPIServer(ctx); err != nil {
		return nil, err
	}
	if c.folder, err = os.MkdirTemp("", "kubernetes-test-"); err != nil {
		return nil, err
	}
	if c.port, err = reservePort(); err != nil {
		return nil, err
	}
	if err := c.writeFiles(); err != nil {
		return nil, err
	}
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"start etcd", func(ctx context.Context) error { return c.startEtcd(ctx, etcd) }},
		{"start the API server", func(ctx context.Context) error {
			started, err := c.startAPIServer()
			if err != nil || started == nil {
				return err
			}
			return c.waitUntilReady(ctx, started)
		}},
		{"install CRDs and users", func(ctx context.Context) error { return installCRDsAndUsers(ctx, c.target, crds) }},
	}
	for _, step := range steps {
		if err := c.report.Step(step.name, func() error { return step.do(ctx) }); err != nil {
			return nil, err
		}
	}
	c.ready = true
	return c.target, c.listen()
}

// findAPIServer returns the program in KUBE_APISERVER, or one that tools/run builds.
func findAPIServer(ctx context.Context) (string, error) {
	if program := os.Getenv("KUBE_APISERVER"); program != "" {
		return exec.LookPath(program)
	}
	command := exec.CommandContext(ctx, filepath.Join("tools", "run"), "path", "kube-apiserver")
	command.Stderr = os.Stderr
	// An interrupted build cleans up after itself.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	path, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("build kube-apiserver with tools/run (run this in the repository's folder, or set "+
			"KUBE_APISERVER): %w", err)
	}
	return strings.TrimSpace(string(path)), nil
}

func (c *cluster) file(name string) string { return filepath.Join(c.folder, name) }

// writeFiles creates the authority, the server's certificate, the key for service accounts
// and the tokens. They are only for this run.
func (c *cluster) writeFiles() error {
	authority, err := testserver.NewAuthority("kubernetes test")
	if err != nil {
		return err
	}
	certificate, key, err := authority.IssuePEM()
	if err != nil {
		return err
	}
	c.target = &target{
		server: fmt.Sprintf("https://127.0.0.1:%d", c.port.number), caFile: c.file("ca.pem"),
		token: rand.Text(), adminToken: rand.Text(), partialToken: rand.Text(), nobodyToken: rand.Text(),
		healthToken: rand.Text(),
	}
	tokens := fmt.Sprintf("%s,admin,1,\"system:masters\"\n%s,%s,2\n%s,%s,3\n%s,nobody,4\n%s,%s,5\n",
		c.target.adminToken, c.target.token, fullUser, c.target.partialToken, partialUser, c.target.nobodyToken,
		c.target.healthToken, healthUser)
	for name, text := range map[string]string{
		"ca.pem": authority.PEM(), "server.pem": certificate, "server.key": key, "tokens.csv": tokens,
	} {
		if err := os.WriteFile(c.file(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// startEtcd starts etcd on sockets in this run's folder, which only its owner may enter. It
// needs no fsync, since no data has to survive a crash.
func (c *cluster) startEtcd(ctx context.Context, program string) error {
	// etcd accepts only host:port. With unix: it creates a socket with that name.
	const client, peer = "unix://etcd:1", "unix://peer:1"
	command := exec.Command(program, "--data-dir", "etcd", "--listen-client-urls", client, "--advertise-client-urls",
		client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer,
		"--unsafe-no-fsync", "--logger", "zap", "--log-level", "warn")
	command.Dir = c.folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "ETCD_") { // etcd reads these as settings
			command.Env = append(command.Env, variable)
		}
	}
	started, err := process.Start(command, c.file("etcd.log"))
	if err != nil {
		return err
	}
	c.etcd = started
	return started.WaitUntil(ctx, startLimit, func(ctx context.Context) error {
		return c.askEtcd(ctx, http.MethodGet, "/health", nil, nil)
	})
}

// startAPIServer starts the API server. The caller waits until it is ready. It returns nil
// if the server already runs.
func (c *cluster) startAPIServer() (*process.Process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.apiServer != nil {
		return nil, nil
	}
	command := exec.Command(c.program,
		"--etcd-servers=unix://"+c.file("etcd:1"),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.port.number), "--permit-port-sharing", // this program reserves it
		"--tls-cert-file="+c.file("server.pem"), "--tls-private-key-file="+c.file("server.key"), "--cert-dir="+c.folder,
		"--token-auth-file="+c.file("tokens.csv"), "--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+c.file("server.key"), "--service-account-signing-key-file="+c.file("server.key"),
		"--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
		// No controller runs that would create service accounts in namespaces.
		"--disable-admission-plugins=ServiceAccount",
	)
	command.Dir = c.folder
	started, err := process.Start(command, c.file("kube-apiserver.log"))
	if err != nil {
		return nil, err
	}
	started.Grace = serverGrace
	c.apiServer = started
	return started, nil
}

func (c *cluster) waitUntilReady(ctx context.Context, started *process.Process) error {
	client, err := c.target.client()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return started.WaitUntil(ctx, startLimit, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.target.server+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+c.target.adminToken)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("/readyz: status %d", resp.StatusCode)
		}
		return nil
	})
}

func (c *cluster) stopAPIServer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.apiServer == nil {
		return
	}
	if c.ready && c.apiServer.Ended() {
		c.report.Note("%v", c.apiServer.Failure("ended while the command ran"))
	}
	c.apiServer.Stop()
	c.apiServer = nil
}

// cleanUp stops the API server and then etcd, and deletes this run's folder. It reports a
// server that ended before the command did.
func (c *cluster) cleanUp() {
	if c.control != nil {
		_ = c.control.Close()
	}
	c.stopAPIServer()
	if c.etcd != nil {
		if c.ready && c.etcd.Ended() {
			c.report.Note("%v", c.etcd.Failure("ended while the command ran"))
		}
		c.etcd.Stop()
	}
	if c.port != nil {
		c.port.release()
	}
	if c.folder == "" {
		return
	}
	if err := os.RemoveAll(c.folder); err != nil {
		c.report.Note("could not delete this run's folder: %v", err)
	}
}
