package rest

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

const testAgent = "terraform-provider-hedgehog/1.2.3"

// Short names that all tests here use.
var (
	startNetBox = netboxtest.Start
	startServer = netboxtest.StartHTTP
	intercept   = netboxtest.InterceptFabrics
	cut         = netboxtest.Cut
	answerHTML  = netboxtest.AnswerHTML
	answerJSON  = netboxtest.AnswerJSON
)

// newClient returns a client with the stand-in's administrator token, which does not wait
// between attempts.
func newClient(t *testing.T, url string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{
		ServerURL: url, APIToken: netboxtest.AdminToken, UserAgent: testAgent,
		RequestTimeout: 20 * time.Second, RetryWait: time.Millisecond,
		Needs: Requirements{Plugin: "netbox_hedgehog", Version: "4.4.7"},
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withoutCheck(c *Config) { c.SkipVersion = true }

func wantError[E error](t *testing.T, err error) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("error %T (%v), want %T", err, err, e)
	}
	return e
}

func TestNew_refusesConfigurationsThatCannotWork(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.pem")
	server, good := "server_url", "https://netbox.example.com"
	for _, test := range []struct {
		config Config
		field  string
		says   string
	}{
		{Config{ServerURL: ""}, server, "has no scheme"},
		{Config{ServerURL: "netbox.example.com"}, server, `The URL "netbox.example.com" (of server_url or ` +
			`NETBOX_SERVER_URL) has no scheme. It must be`},
		{Config{ServerURL: "netbox.example.com:8443/netbox"}, server, "has no scheme"},
		{Config{ServerURL: "localhost:8000"}, server, "has no scheme"},
		{Config{ServerURL: "192.0.2.1:8000"}, server, "has no scheme"},
		{Config{ServerURL: "//netbox.example.com"}, server, "has no scheme"},
		{Config{ServerURL: "http:/netbox.example.com"}, server, `(of server_url or NETBOX_SERVER_URL) has no "//" ` +
			`after "http:". It must be`},
		{Config{ServerURL: "HTTPS:netbox.example.com"}, server, `has no "//" after "HTTPS:". It`},
		{Config{ServerURL: "https"}, server, "has no scheme"},
		{Config{ServerURL: "user:secret@netbox.example.com"}, server, `"…@netbox.example.com" (of`},
		{Config{ServerURL: "ftp://netbox.example.com"}, server, `has the scheme "ftp"`},
		{Config{ServerURL: "htps://netbox.example.com"}, server, `has the scheme "htps"`},
		{Config{ServerURL: "https:///api"}, server, "has no host"},
		{Config{ServerURL: "https://:8443"}, server, "has no host"},
		{Config{ServerURL: "https://netbox example.com"}, server, "cannot be read as a URL"},
		{Config{ServerURL: " " + good}, server, "cannot be read as a URL"},
		{Config{ServerURL: good + "/api"}, server, "without /api"},
		{Config{ServerURL: good + "/netbox/api/"}, server, "without /api"},
		{Config{ServerURL: "https://user:secret@netbox.example.com"}, server, "contains a user name or password"},
		{Config{ServerURL: "https://user:sec?ret#secret@netbox.example.com"}, server, `"…@netbox.example.com"`},
		{Config{ServerURL: good + "?token=secret"}, server, `"https://netbox.example.com…" (of server_url or ` +
			`NETBOX_SERVER_URL) contains a query`},
		{Config{ServerURL: good + "?"}, server, "contains a query"},
		{Config{ServerURL: good + "#secret"}, server, "contains a query or a fragment"},
		{Config{ServerURL: good, APIToken: "secret "}, "api_token", `trimspace() removes it; in a shell, tr -d '\n' `},
		{Config{ServerURL: good, APIToken: " \n"}, "api_token", "is only white space. Perhaps it comes from a " +
			"variable that is not set."},
		{Config{ServerURL: good, APIToken: "sec\nret"}, "api_token", "contains white space"},
		{Config{ServerURL: good, APIToken: "sec\x00ret"}, "api_token", "contains white space or another character"},
		{Config{ServerURL: good, APIToken: "Token secret"}, "api_token", `(of api_token or NETBOX_API_TOKEN) begins ` +
			`with "Token ", which`},
		{Config{ServerURL: good, APIToken: "token  secret\n"}, "api_token", `begins with "token "`},
		{Config{ServerURL: good, APIToken: "Bearer nbt_secret.secret"}, "api_token", `begins with "Bearer ", which ` +
			`belongs to the header Authorization`},
		{Config{ServerURL: good, APIToken: "Authorization: Token secret"}, "api_token", "is a whole header"},
		{Config{ServerURL: good, APIToken: "authorization:secret"}, "api_token", "is a whole header"},
		{Config{ServerURL: good, APIToken: `"secret"`}, "api_token", "(of api_token or NETBOX_API_TOKEN) begins or " +
			"ends with a quotation mark"},
		{Config{ServerURL: good, APIToken: `'Token secret'` + "\n"}, "api_token", "begins or ends with a " +
			"quotation mark"},
		{Config{ServerURL: good, APIToken: `secret"`}, "api_token", "begins or ends with a quotation mark"},
		{Config{ServerURL: good, APIToken: "Token"}, "api_token", `is only the word "Token"`},
		{Config{ServerURL: good, APIToken: "bearer "}, "api_token", `is only the word "bearer"`},
		{Config{ServerURL: good, CACertFile: missing}, "ca_cert_file", "Cannot read the file"},
		{Config{ServerURL: good, CACertFile: "client_test.go"}, "ca_cert_file", "contains no CA certificate in PEM"},
	} {
		_, err := New(test.config)
		if e := wantError[*ConfigError](t, err); e.Field != test.field || !strings.Contains(e.Detail, test.says) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: got %v, want an error of %s: %s", test.config, err, test.field, test.says)
		}
	}
}

func TestClient_tokenForms(t *testing.T) {
	for name, test := range map[string]struct{ token, want string }{
		"v1":   {netboxtest.AdminToken, "Token " + netboxtest.AdminToken},
		"v2":   {netboxtest.AdminTokenV2, "Bearer " + netboxtest.AdminTokenV2},
		"none": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := startNetBox(t, netboxtest.Options{})
			id := s.AddFabric(map[string]any{"name": "alpha"})
			_, err := get(t.Context(), newClient(t, s.URL(), func(c *Config) { c.APIToken = test.token }), id)
			if test.token == "" {
				if e := wantError[*ForbiddenError](t, err); !e.BadToken() {
					t.Errorf("%v: not reported as a missing token", err)
				}
			} else if err != nil {
				t.Error(err)
			}
			for _, r := range s.Requests() {
				if got := r.Header.Get("Authorization"); got != test.want {
					t.Errorf("%s: Authorization %q, want %q", r.Path, got, test.want)
				}
			}
		})
	}
}

func TestClient_sendsUserAgentAndExtraHeaders(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	c := newClient(t, s.URL(), func(c *Config) {
		c.Headers = map[string]string{"X-Gateway-Key": "gateway-secret"}
	})
	if _, err := create(t.Context(), c, "alpha"); err != nil {
		t.Fatal(err)
	}
	if len(s.Requests()) < 2 {
		t.Fatal("no status and no create were asked for")
	}
	for _, r := range s.Requests() {
		if r.Header.Get("X-Gateway-Key") != "gateway-secret" || r.Header.Get("User-Agent") != testAgent ||
			r.Header.Get("Accept-Language") != "en" || r.Header.Get("Authorization") != "Token "+
			netboxtest.AdminToken || !strings.Contains(r.Header.Get("Accept"), "application/json") {
			t.Errorf("%s %s: headers %v", r.Method, r.Path, r.Header)
		}
	}
}

func TestClient_keepsPathPrefix(t *testing.T) {
	for _, slash := range []string{"", "/"} {
		s := startNetBox(t, netboxtest.Options{PathPrefix: "/tools/netbox"})
		c := newClient(t, s.URL()+slash)
		read, err := create(t.Context(), c, "alpha")
		if err != nil {
			t.Fatal(err)
		}
		if found, err := get(t.Context(), c, read.ID); err != nil || found.ID != read.ID {
			t.Errorf("found %v, %v", found, err)
		}
		_, err = get(t.Context(), c, 99)
		if e := wantError[*NotFoundError](t, err); e.Request.URL != s.URL()+recordsPath+"99/" {
			t.Errorf("URL %s", e.Request.URL)
		}
	}
}

func TestClient_concurrentUseAndObservation(t *testing.T) {
	s := startNetBox(t, netboxtest.Options{})
	id := s.AddFabric(map[string]any{"name": "alpha"})
	var mu sync.Mutex
	var seen []Exchange
	c := newClient(t, s.URL(), func(c *Config) {
		c.ObserveExchange = func(_ context.Context, e Exchange) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, e)
		}
	})
	var group sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		group.Go(func() { _, errs[i] = get(t.Context(), c, id) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := s.Count("GET", "/api/status/"); got != 1 {
		t.Errorf("%d status requests, want one for all", got)
	}
	if len(seen) != 21 {
		t.Fatalf("%d exchanges, want 21", len(seen))
	}
	last := seen[20]
	if last.Method != "GET" || last.Path != recordPath(id)+"?omit=display_url" || last.Status != 200 ||
		last.Problem != "" || last.Duration <= 0 {
		t.Errorf("exchange %+v", last)
	}
}
