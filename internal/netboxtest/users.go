package netboxtest

import (
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

func (c *call) createUser(data map[string]any, errs refusal) (body map[string]any, remove func()) {
	for _, required := range []string{"username", "password"} {
		if stringOf(data[required]) == "" {
			errs.add(required, msgRequired)
		}
	}
	name := stringOf(data["username"])
	if c.store.userNamed(name) != nil {
		errs.add("username", "A user with that username already exists.")
	}
	id, user := c.store.lastPlain, &identity{user: name}
	if len(errs) == 0 {
		c.store.users[id] = user
	}
	body = map[string]any{"display": name, "username": name, "is_active": true, "permissions": []any{}}
	return body, func() { // the tokens are deleted with their user
		delete(c.store.users, id)
		maps.DeleteFunc(c.tokens, func(_ string, owner *identity) bool { return owner == user })
		c.store.plain[tokensPath] = slices.DeleteFunc(c.store.plain[tokensPath], func(token plainObject) bool {
			owner, _ := token.body["user"].(map[string]any)
			return owner["username"] == name
		})
	}
}

// createPermission supports only the constraint name__startswith.
func (c *call) createPermission(data map[string]any, errs refusal) (body map[string]any, remove func()) {
	p := permission{id: c.store.lastPlain, types: texts(data["object_types"]), actions: texts(data["actions"])}
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
	body = map[string]any{"display": data["name"], "name": data["name"], "object_types": p.types, "actions": p.actions}
	return body, func() {
		for _, user := range c.store.users {
			user.permissions = slices.DeleteFunc(user.permissions, func(q permission) bool { return q.id == p.id })
		}
	}
}

// createToken creates a token with the body's version, if this NetBox has versions. The body may
// have the token, or the key before there were versions. NetBox 4.7 chooses the token.
func (c *call) createToken(data map[string]any, errs refusal) (body map[string]any, remove func()) {
	attributes, _ := data["user"].(map[string]any)
	user := c.store.userNamed(stringOf(attributes["username"]))
	if user == nil {
		errs.add("user", noSuchAttributes(attributes))
		return nil, nil
	}
	body = map[string]any{"user": map[string]any{"id": c.store.lastPlain, "display": user.user,
		"url": c.base + "/api/users/users/", "username": user.user}, "write_enabled": true}
	token := stringOf(data["key"])
	if c.profile.tokensV2 {
		token = stringOf(data["token"])
		if token == "" || c.profile.tokensChosen {
			token = newKey()
		}
		body["key"], body["version"], body["token"] = nil, data["version"], nil
		if c.profile.tokensAnswered {
			body["token"] = token
		}
	} else {
		body["key"] = token
	}
	body["display"] = strings.Repeat("*", 34) + token[max(0, len(token)-6):]
	if stringOf(body["version"]) == "2" {
		key := newKey()[:12]
		body["key"], body["display"], token = key, key, "nbt_"+key+"."+token
	}
	c.tokens[token] = user
	return body, func() { delete(c.tokens, token) }
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

// texts returns the strings of a list.
func texts(v any) []string {
	list, _ := v.([]any)
	all := []string{}
	for _, e := range list {
		all = append(all, strings.TrimSpace(stringOf(e)))
	}
	return all
}
