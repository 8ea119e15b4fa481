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

// client returns NetBox's own client, with the administrator's rights.
//
// Its models are for NetBox 4.2. v4.2.2-3 cannot read choice sets and the custom fields that
// have one, because it expects their choices_count to be a string, and it is a number. It
// does not know a token's version (NetBox 4.5 and later) and the message of an object change
// (4.4 and later). So [madeID] reads the id of a created object itself, and the rest is in a
// model's AdditionalProperties.
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

// Requests returns the requests to the stand-in, without those of this package.
func (n *NetBox) Requests() []netboxtest.Request {
	return slices.DeleteFunc(n.Standin.Requests(), func(r netboxtest.Request) bool {
		return r.Header.Get("User-Agent") == userAgent
	})
}

// withQuery adds the query parameters in its context to a request, since the client does not
// support fields and omit. Each request has its own connection, as in [exchange].
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

// madeID returns the id of the object that a request created.
func madeID(t *testing.T, what string, response *http.Response, err error) int32 {
	t.Helper()
	if response == nil {
		t.Fatalf("making %s: %v", what, err)
	}
	raw, _ := io.ReadAll(response.Body) // the client has replaced it with a copy
	var made struct {
		ID int32 `json:"id"`
	}
	if response.StatusCode != http.StatusCreated || json.Unmarshal(raw, &made) != nil || made.ID == 0 {
		t.Fatalf("making %s: %s, %v: %s", what, response.Status, err, raw)
	}
	return made.ID
}

// removal returns a function that deletes an object. It runs once, at the latest at the end of
// the test.
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
	if n.Standin == nil { // a stand-in ends with its test
		t.Cleanup(remove)
	}
	return remove
}
