package netboxtest

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The Allow headers of a list, an object and a read-only view.
const (
	allowList   = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"
	allowObject = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
	allowRead   = "GET, HEAD, OPTIONS"
)

const pluginPath = "/api/plugins/hedgehog/"

// call is one request on its way through the server.
type call struct {
	*Server
	r         *http.Request
	method    string // GET also for HEAD
	body      []byte
	who       *identity
	base      string // scheme, host as in the request, and prefix
	view      view
	requestID string
	broken    bool // an event of the request failed
	branch    *branch
	merging   *branch // whose changes a merge or a revert does in main
}

// route is the handler of a path.
type route struct {
	allow   string
	methods []string // that handle accepts
	handle  func(*call) answer
}

// serve handles a request, inside of the log and the interceptors.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	id := newRequestID()
	s.mu.Lock()
	a := s.dispatch(r, body, id)
	s.work()
	s.mu.Unlock()
	s.log.note(r, func(entry *Request) { entry.Handled = a.status })
	s.send(w, r, a, id)
}

func (s *Server) dispatch(r *http.Request, body []byte, requestID string) answer {
	path, inside := strings.CutPrefix(r.URL.Path, s.prefix)
	if !inside || !strings.HasPrefix(path, "/") {
		a := notFoundPage()
		a.notAPI = true
		return a
	}
	if !strings.HasPrefix(path, "/api/") {
		return sitePage(path)
	}
	branch, refused := s.chosenBranch(r, path)
	if refused != nil {
		return *refused
	}
	defer s.enter(branch)()
	if !strings.HasSuffix(path, "/") {
		if s.resolve(path+"/") == nil {
			return notFoundPage()
		}
		location := s.prefix + path + "/"
		if r.URL.RawQuery != "" {
			location += "?" + r.URL.RawQuery
		}
		return answer{status: http.StatusMovedPermanently, location: location, bare: true}
	}
	to := s.resolve(path)
	if to == nil {
		return notFoundPage()
	}
	c := &call{Server: s, r: r, method: r.Method, body: body, base: baseOf(r) + s.prefix,
		view: viewOf(r.URL.Query(), s.profile), requestID: requestID, branch: branch}
	if c.method == http.MethodHead {
		c.method = http.MethodGet
	}
	a := c.afterEvents(c.run(to))
	if a.status != http.StatusInternalServerError {
		a.allow = to.allow
	}
	return a
}

// baseOf returns the scheme and host of a request.
func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (c *call) run(to *route) answer {
	who, refused := c.authenticate(c.r)
	if refused != nil {
		return *refused
	}
	c.who = who
	if !slices.Contains(to.methods, c.method) {
		return detail(http.StatusMethodNotAllowed, `Method "`+c.r.Method+`" not allowed.`)
	}
	return to.handle(c)
}

// sitePage serves pages outside of the API.
func sitePage(path string) answer {
	a := notFoundPage()
	if path == "/" || path == "/login/" {
		a = htmlPage(http.StatusOK, "Home")
	}
	a.notAPI = true
	return a
}

// resolve finds the route of a path with its trailing slash; nil is an HTML 404.
func (s *Server) resolve(path string) *route {
	read := func(h func(*call) answer) *route {
		return &route{allow: allowRead, methods: []string{"GET"}, handle: h}
	}
	if path == "/api/status/" {
		return read((*call).status)
	}
	if found := resolvePlain(strings.TrimPrefix(path, "/api/")); found != nil {
		return found
	}
	if rest, found := strings.CutPrefix(path, "/api/extras/"); found {
		return resolveExtras(rest)
	}
	if rest, found := strings.CutPrefix(path, "/api/core/object-changes/"); found {
		return resolveChanges(rest)
	}
	if s.branching != nil {
		if rest, found := strings.CutPrefix(path, branchingPath); found {
			return resolveBranching(rest)
		}
		if rest, found := strings.CutPrefix(path, "/api/core/jobs/"); found {
			return resolveJobs(rest)
		}
	}
	rest, found := strings.CutPrefix(path, pluginPath)
	if !found || s.noPlugin {
		return nil
	}
	switch rest {
	case "":
		return read((*call).pluginRoot)
	case "sync/", "status/": // both fail before they check the method
		return &route{methods: []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
			handle: func(*call) answer { return querysetError() }}
	}
	return s.resolveModel(rest)
}

func (s *Server) resolveModel(rest string) *route {
	endpoint, key, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	m := s.models[endpoint]
	if m == nil || strings.Contains(key, "/") || strings.HasSuffix(rest, "//") {
		return nil
	}
	if key == "" {
		return &route{allow: allowList, methods: []string{"GET", "POST", "PATCH", "DELETE"},
			handle: func(c *call) answer { return c.serveList(m) }}
	}
	return &route{allow: allowObject, methods: []string{"GET", "PATCH", "DELETE"},
		handle: func(c *call) answer { return c.serveObject(m, key) }}
}

func (c *call) pluginRoot() answer {
	body := map[string]any{}
	for endpoint := range c.models {
		body[endpoint] = c.base + pluginPath + endpoint + "/"
	}
	return ok(http.StatusOK, body)
}

func (c *call) status() answer {
	plugins, workers := map[string]any{}, 0
	if !c.noPlugin {
		plugins[pluginName] = pluginVersion
	}
	if c.branching != nil {
		plugins[branchingName] = branchingVersion
		workers = btoi(!c.branching.idle)
	}
	return ok(http.StatusOK, map[string]any{
		"django-version":      c.profile.django,
		"hostname":            "netbox",
		"installed_apps":      c.profile.installedApps(),
		"netbox-version":      c.profile.claims,
		"netbox-full-version": c.profile.claims,
		"plugins":             plugins,
		"python-version":      pythonVersion,
		"rq-workers-running":  workers,
	})
}

// parseID reads the id in an object's path. NetBox has another answer if it is not a number.
func parseID(key string) (id int64, numeric bool) {
	for _, c := range key {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil { // larger than any id
		return -1, true
	}
	return id, true
}
