package acctest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"

	api "github.com/netbox-community/go-netbox/v4"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// client returns NetBox's own client, with the rights of the administrator.
//
// Its models are those of NetBox 4.2. v4.2.2-3 cannot read choice sets and the custom
// fields that have one: their choices_count is a number, which the models take for a
// text. Nor does it know a token's version, which NetBox has since 4.5, and the message
// of an object change, since 4.4. So what a request has made is read by [madeID],
// whatever the model says, and the rest is in a model's AdditionalProperties.
func (n *NetBox) client() *api.APIClient {
	configuration := api.NewConfiguration()
	configuration.Servers[0].URL = n.URL
	configuration.AddDefaultHeader("Authorization", authorization(n.admin))
	if n.branch != "" {
		configuration.AddDefaultHeader(branchHeader, n.branch)
	}
	configuration.UserAgent = userAgent
	configuration.HTTPClient = &http.Client{Transport: withQuery{}}
	return api.NewAPIClient(configuration)
}

// userAgent marks the requests of this package.
const userAgent = "acctest"

// Requests returns what the stand-in was asked, but for what this package has asked.
func (n *NetBox) Requests() []netboxtest.Request {
	return slices.DeleteFunc(n.Standin.Requests(), func(r netboxtest.Request) bool {
		return r.Header.Get("User-Agent") == userAgent
	})
}

// withQuery adds to a request the parameters that its context has: the client knows
// neither fields nor omit. Each request has a connection of its own, as in [exchange].
type withQuery struct{}

type queryKey struct{}

func (withQuery) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Close = true
	if more, given := r.Context().Value(queryKey{}).(url.Values); given {
		query := r.URL.Query()
		for name, values := range more {
			query[name] = values
		}
		r.URL.RawQuery = query.Encode()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// madeID returns the id of what a request has made.
func madeID(t *testing.T, what string, response *http.Response, err error) int32 {
	t.Helper()
	if response == nil {
		t.Fatalf("making %s: %v", what, err)
	}
	raw, _ := io.ReadAll(response.Body) // which the client has replaced by what it has read
	var made struct {
		ID int32 `json:"id"`
	}
	if response.StatusCode != http.StatusCreated || json.Unmarshal(raw, &made) != nil || made.ID == 0 {
		t.Fatalf("making %s: %s, %v: %s", what, response.Status, err, raw)
	}
	return made.ID
}

// removal returns what removes an object. It runs once, after the test at the latest.
func (n *NetBox) removal(
	t *testing.T, what string, destroy func(ctx context.Context) (*http.Response, error),
) (remove func()) {
	t.Helper()
	var once sync.Once
	remove = func() {
		once.Do(func() {
			response, err := destroy(context.Background())
			if response == nil || response.StatusCode != http.StatusNoContent &&
				response.StatusCode != http.StatusNotFound {
				t.Errorf("removing %s: %v", what, err)
			}
		})
	}
	if n.Standin == nil { // a stand-in goes with its test
		t.Cleanup(remove)
	}
	return remove
}
