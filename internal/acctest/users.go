package acctest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"testing"

	api "github.com/netbox-community/go-netbox/v4"
)

// Permission is a permission on objects, as NetBox's administrator gives it.
type Permission struct {
	Types       []string       // such as netbox_hedgehog.hedgehogfabric
	Actions     []string       // view, add, change, delete
	Constraints map[string]any // which objects; all if empty
}

// As returns the NetBox as a new user sees it who has these permissions and no other.
// The user is removed after the test.
func (n *NetBox) As(t *testing.T, permissions ...Permission) *NetBox {
	t.Helper()
	users, name := n.client().UsersAPI, Name("user")
	_, response, err := users.UsersUsersCreate(t.Context()).UserRequest(api.UserRequest{
		Username: name, Password: "Aa1-" + random(16),
	}).Execute()
	id := madeID(t, "the user "+name, response, err)
	n.removal(t, "the user "+name, func(ctx context.Context) (*http.Response, error) {
		return users.UsersUsersDestroy(ctx, id).Execute()
	})
	for _, p := range permissions {
		request := api.ObjectPermissionRequest{
			Name: Name("permission"), ObjectTypes: p.Types, Actions: p.Actions, Users: []int32{id},
		}
		if p.Constraints != nil {
			request.Constraints = p.Constraints
		}
		_, response, err := users.UsersPermissionsCreate(t.Context()).ObjectPermissionRequest(request).Execute()
		made := madeID(t, "a permission of "+name, response, err)
		n.removal(t, "a permission of "+name, func(ctx context.Context) (*http.Response, error) {
			return users.UsersPermissionsDestroy(ctx, made).Execute()
		})
	}
	as := *n
	as.Token = n.newToken(t, name)
	return &as
}

// newToken makes a v1 token of a user. It goes with the user. NetBox takes the key from
// the request before 4.5. Since then it has versions, which the client does not know, and
// chooses the token itself.
func (n *NetBox) newToken(t *testing.T, user string) string {
	t.Helper()
	token := random(20)
	made, response, err := n.client().UsersAPI.UsersTokensCreate(t.Context()).TokenRequest(api.TokenRequest{
		User: api.BriefUserRequest{Username: user}, Key: &token,
		AdditionalProperties: map[string]any{"version": 1},
	}).Execute()
	madeID(t, "a token of "+user, response, err)
	if chosen, _ := made.AdditionalProperties["token"].(string); chosen != "" {
		token = chosen
	}
	Secret(t, token)
	return token
}

// random returns this many random bytes in hexadecimal digits.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// WithoutDefinitions returns the NetBox as a user sees it who may do everything with
// fabrics, and read nothing else: no definition of a custom field.
func (n *NetBox) WithoutDefinitions(t *testing.T) *NetBox {
	t.Helper()
	return n.As(t, Permission{Types: []string{fabricObject}, Actions: []string{"view", "add", "change", "delete"}})
}

// Limited returns the NetBox as a user sees it who may only view the fabrics named
// limited-….
func (n *NetBox) Limited(t *testing.T) *NetBox {
	t.Helper()
	return n.As(t, Permission{Types: []string{fabricObject}, Actions: []string{"view"},
		Constraints: map[string]any{"name__startswith": "limited-"}})
}
