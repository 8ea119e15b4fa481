package acctest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"testing"

	api "github.com/netbox-community/go-netbox/v4"
)

// Permission is an object permission in NetBox.
type Permission struct {
	Types       []string       // such as netbox_hedgehog.hedgehogfabric
	Actions     []string       // view, add, change, delete
	Constraints map[string]any // which objects; all if empty
}

// As returns a new user's view of the NetBox. The user has only these permissions. The end of
// the test deletes the user.
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
	as.user, as.Token = name, n.newToken(t, name, 1)
	return &as
}

// newToken creates a token for a user. NetBox deletes it with the user. Since 4.5 tokens have
// a version, which the client does not know. The request chooses the token (before 4.5, the
// key). Since 4.6 the answer contains it, and since 4.7 NetBox chooses it.
func (n *NetBox) newToken(t *testing.T, user string, version int) string {
	t.Helper()
	token := random(20)
	made, response, err := n.client().UsersAPI.UsersTokensCreate(t.Context()).TokenRequest(api.TokenRequest{
		User: api.BriefUserRequest{Username: user}, Key: &token,
		AdditionalProperties: map[string]any{"version": version, "token": token},
	}).Execute()
	madeID(t, "a token of "+user, response, err)
	if answered, ok := made.AdditionalProperties["token"].(string); ok {
		token = answered
	}
	if version > 1 {
		if made.AdditionalProperties["version"] == nil {
			t.Skip("NetBox has v2 tokens since 4.5")
		}
		token = "nbt_" + made.GetKey() + "." + token
	}
	Secret(t, tokensOf(token)...)
	return token
}

// WithTokenV2 returns the view of a user with a v2 token, who may do everything with fabrics.
// It skips the test if NetBox has no v2 tokens.
func (n *NetBox) WithTokenV2(t *testing.T) *NetBox {
	t.Helper()
	v2 := n.WithoutDefinitions(t)
	v2.Token = n.newToken(t, v2.user, 2)
	return v2
}

// random returns random bytes in hexadecimal digits.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// WithoutDefinitions returns the view of a user who may do everything with fabrics and nothing
// else. In particular, the user cannot read the definitions of custom fields.
func (n *NetBox) WithoutDefinitions(t *testing.T) *NetBox {
	t.Helper()
	return n.As(t, Permission{Types: []string{fabricObject}, Actions: []string{"view", "add", "change", "delete"}})
}

// Limited returns the view of a user who may only view the fabrics named limited-….
func (n *NetBox) Limited(t *testing.T) *NetBox {
	t.Helper()
	return n.As(t, Permission{Types: []string{fabricObject}, Actions: []string{"view"},
		Constraints: map[string]any{"name__startswith": "limited-"}})
}
