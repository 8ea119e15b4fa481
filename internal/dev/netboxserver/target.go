//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/dev/process"
)

const (
	displayURLPublished = "published"
	displayURLPatched   = "patched"

	objectFilterNone   = "none"
	objectFilterFields = "fields"
	objectFilterSet    = "filterset"

	fabricsPath = "/api/plugins/hedgehog/fabrics/"
	// suitePrefix is the prefix of the names of fabrics that acceptance tests create.
	suitePrefix = "tf-acc-"
	probePrefix = suitePrefix + "probe-"
	// largestAnswer is how much of an answer is read at most, in bytes.
	largestAnswer = 64 << 20
)

// target is the NetBox that the command uses.
type target struct {
	url          string // without a trailing slash
	token        string // an administrator's
	tokenV2      string // the same administrator's, NetBox >= 4.5; empty for the user's NetBox
	limitedToken string // of a user who may only view fabrics named limited-…; empty like tokenV2
	displayURL   string // published or patched
	objectFilter string // none, fields or filterset; empty for the user's NetBox
	version      string // NetBox's
	branching    string // the version of NetBox Branching; empty without it
	own          bool   // set up by this program
}

// namedTarget returns the NetBox in the environment, or nil if there is none.
func namedTarget(url, token string) (*target, error) {
	switch {
	case url == "" && token == "":
		return nil, nil
	case url == "" || token == "":
		return nil, errors.New("NETBOX_SERVER_URL and NETBOX_API_TOKEN go together: set both to use a running " +
			"NetBox, or neither")
	}
	return &target{url: strings.TrimRight(url, "/"), token: token}, nil
}

// environment returns base with the variables that describe the target to acceptance tests.
func (t *target) environment(base []string) []string {
	const prefix = "HEDGEHOG_ACC_"
	environment := []string{}
	for _, variable := range base {
		if !strings.HasPrefix(variable, prefix) {
			environment = append(environment, variable)
		}
	}
	for _, variable := range [][2]string{
		{"SERVER_URL", t.url},
		{"API_TOKEN", t.token},
		{"API_TOKEN_V2", t.tokenV2},
		{"LIMITED_TOKEN", t.limitedToken},
		{"DISPLAY_URL", t.displayURL},
		{"OBJECT_FILTER", t.objectFilter},
		{"NETBOX_VERSION", t.version},
		{"BRANCHING", t.branching},
	} {
		if variable[1] != "" {
			environment = append(environment, prefix+variable[0]+"="+variable[1])
		}
	}
	return environment
}

// inspect reads NetBox's version, checks that the plugin is installed, and detects the form of
// its display_url.
func (t *target) inspect(ctx context.Context) error {
	status, err := t.status(ctx)
	if err != nil {
		return err
	}
	if status.Plugins[pluginPackage] == "" {
		return fmt.Errorf("the NetBox at %s has no plugin %s", t.url, pluginPackage)
	}
	t.version, t.branching = status.Version, status.Plugins[branchingPackage]
	if t.displayURL == "" {
		t.displayURL, err = t.probeDisplayURL(ctx)
	}
	return err
}

type statusAnswer struct {
	Version string            `json:"netbox-version"`
	Plugins map[string]string `json:"plugins"`
	Workers int               `json:"rq-workers-running"`
}

func (t *target) status(ctx context.Context) (statusAnswer, error) {
	var answer statusAnswer
	code, err := t.request(ctx, http.MethodGet, "/api/status/", nil, &answer)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("GET %s/api/status/: status %d", t.url, code)
	}
	return answer, err
}

type fabric struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// probeDisplayURL reads a fabric with its display_url. The status 500 means the published
// plugin. If NetBox has no fabric, it creates one, and deletes it again if NetBox allows that.
func (t *target) probeDisplayURL(ctx context.Context) (string, error) {
	fabrics, err := t.fabrics(ctx)
	if err != nil {
		return "", err
	}
	var probe fabric
	if len(fabrics) > 0 {
		probe = fabrics[0]
	} else {
		probe.Name = probePrefix + strings.ToLower(rand.Text()[:8])
		code, err := t.request(ctx, http.MethodPost, fabricsPath+"?omit=display_url",
			map[string]string{"name": probe.Name}, &probe)
		if err != nil {
			return "", err
		}
		if code != http.StatusCreated {
			return "", fmt.Errorf("create a fabric to find out about display_url: status %d", code)
		}
		defer func() {
			_, _ = t.request(ctx, http.MethodDelete, fmt.Sprintf("%s%d/", fabricsPath, probe.ID), nil, nil)
		}()
	}
	code, err := t.request(ctx, http.MethodGet, fmt.Sprintf("%s%d/", fabricsPath, probe.ID), nil, nil)
	switch {
	case err != nil:
		return "", err
	case code == http.StatusOK:
		return displayURLPatched, nil
	case code == http.StatusInternalServerError:
		return displayURLPublished, nil
	}
	return "", fmt.Errorf("read fabric %d: status %d", probe.ID, code)
}

// fabrics returns id and name of every fabric.
func (t *target) fabrics(ctx context.Context) ([]fabric, error) {
	const page = 1000 // the most that NetBox returns at once
	all := []fabric{}
	for {
		var answer struct {
			Count   int      `json:"count"`
			Results []fabric `json:"results"`
		}
		path := fmt.Sprintf("%s?fields=id,name&ordering=id&limit=%d&offset=%d", fabricsPath, page, len(all))
		code, err := t.request(ctx, http.MethodGet, path, nil, &answer)
		if err != nil {
			return nil, err
		}
		if code != http.StatusOK {
			return nil, fmt.Errorf("list fabrics: status %d", code)
		}
		all = append(all, answer.Results...)
		if len(answer.Results) == 0 || len(all) >= answer.Count {
			return all, nil
		}
	}
}

// request sends a request, and decodes a successful answer into the value unless that is nil.
func (t *target) request(ctx context.Context, method, path string, body, into any) (status int, err error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		content = strings.NewReader(string(text))
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, t.url+path, content)
	if err != nil {
		return 0, err
	}
	scheme := "Token "
	if strings.HasPrefix(t.token, "nbt_") {
		scheme = "Bearer "
	}
	request.Header.Set("Authorization", scheme+t.token)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Close = true // NetBox soon closes a connection that is idle
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer))
	if err != nil || into == nil || response.StatusCode >= http.StatusMultipleChoices {
		return response.StatusCode, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return response.StatusCode, fmt.Errorf("%s %s%s: %w", method, t.url, path, err)
	}
	return response.StatusCode, nil
}

// reportLeftovers prints the tests' fabrics that are still on the user's NetBox.
func reportLeftovers(ctx context.Context, server *target, report *process.Progress) {
	fabrics, err := server.fabrics(ctx)
	if err != nil {
		report.Note("could not look for fabrics left behind: %v", err)
		return
	}
	for _, left := range fabrics {
		if strings.HasPrefix(left.Name, suitePrefix) {
			report.Note("left behind on %s: fabric %d %q", server.url, left.ID, left.Name)
		}
	}
}
