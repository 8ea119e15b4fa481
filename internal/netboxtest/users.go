package netboxtest

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

func (c *call) createUser(data map[string]any, errs refusal) map[string]any {
	for _, required := range []string{"username", "password"} {
		if stringOf(data[required]) == "" {
			errs.add(required, msgRequired)
		}
	}
	name := stringOf(data["username"])
	if c.store.userNamed(name) != nil {
		errs.add("username", "A user with that username already exists.")
	}
	if len(errs) == 0 {
		c.store.users[c.store.lastPlain] = &identity{user: name}
	}
	return map[string]any{"display": name, "username": name, "is_active": true, "permissions": []any{}}
}

// createPermission knows the constraint name__startswith only.
func (c *call) createPermission(data map[string]any, errs refusal) map[string]any {
	p := permission{types: texts(data["object_types"]), actions: texts(data["actions"])}
	if constraints, given := data["constraints"].(map[string]any); given {
		p.prefix = stringOf(constraints["name__startswith"])
		if len(constraints) != 1 || p.prefix == "" {
			errs.add("constraints", "The stand-in knows name__startswith only.")
		}
	}
	list, _ := data["users"].([]any)
	for _, v := range list {
		id, _ := idOf(v)
		if user := c.store.users[id]; user != nil {
			user.permissions = append(user.permissions, p)
		} else {
			errs.add("users", `Invalid pk "`+pyString(v)+`" - object does not exist.`)
		}
	}
	return map[string]any{"display": data["name"], "name": data["name"], "object_types": p.types, "actions": p.actions}
}

// createToken makes a token of the version that the body says. NetBox chooses the token
// itself where it has versions; before, the body may say the key.
func (c *call) createToken(data map[string]any, errs refusal) map[string]any {
	attributes, _ := data["user"].(map[string]any)
	user := c.store.userNamed(stringOf(attributes["username"]))
	if user == nil {
		errs.add("user", noSuchAttributes(attributes))
		return nil
	}
	body := map[string]any{"user": map[string]any{"id": c.store.lastPlain, "display": user.user,
		"url": c.base + "/api/users/users/", "username": user.user}, "write_enabled": true}
	token := stringOf(data["key"])
	if c.profile.tokensV2 {
		token = newKey()
		body["key"], body["version"], body["token"] = nil, data["version"], token
	} else {
		body["key"] = token
	}
	body["display"] = strings.Repeat("*", 34) + token[max(0, len(token)-6):]
	if stringOf(body["version"]) == "2" {
		key := newKey()[:12]
		body["key"], body["display"], token = key, key, "nbt_"+key+"."+token
	}
	c.tokens[token] = user
	return body
}

func newKey() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (st *store) userNamed(name string) *identity {
	for _, user := range st.users {
		if user.user == name {
			return user
		}
	}
	return nil
}

// texts are the texts of a list.
func texts(v any) []string {
	list, _ := v.([]any)
	all := []string{}
	for _, e := range list {
		all = append(all, strings.TrimSpace(stringOf(e)))
	}
	return all
}
