package netboxtest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const allowAction = "POST, OPTIONS"

// resolveBranching finds a route below the plugin's path.
func resolveBranching(rest string) *route {
	read := func(handle func(*call) answer) *route {
		return &route{allow: allowRead, methods: []string{"GET"}, handle: handle}
	}
	endpoint, key, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	key, action, _ := strings.Cut(key, "/")
	switch {
	case strings.HasSuffix(rest, "//"):
		return nil
	case rest == "":
		return read((*call).branchingRoot)
	case rest == "changes/":
		return read((*call).serveDiffs)
	case rest == "branches/":
		return &route{allow: "GET, POST, HEAD, OPTIONS", methods: []string{"GET", "POST"},
			handle: (*call).serveBranches}
	case endpoint == "branches" && action == "":
		return &route{allow: allowObject, methods: []string{"GET", "PATCH", "DELETE"},
			handle: onBranch(key, (*call).serveBranch)}
	case endpoint == "branches" && slices.Contains([]string{"sync", "merge", "revert", "archive"}, action):
		return &route{allow: allowAction, methods: []string{"POST"}, handle: onBranch(key,
			func(c *call, b *branch) answer { return c.actOn(b, action) })}
	}
	return nil
}

func (c *call) branchingRoot() answer {
	body := map[string]any{}
	for _, endpoint := range []string{"branch-events", "branchable-models", "branches", "changes"} {
		body[endpoint] = c.base + branchingPath + endpoint + "/"
	}
	return ok(http.StatusOK, body)
}

func onBranch(key string, handle func(*call, *branch) answer) func(*call) answer {
	return byID(key, func(c *call, id int64) answer {
		if !c.may(branchType) {
			return forbidden()
		}
		i := slices.IndexFunc(c.branching.branches, func(b *branch) bool { return b.id == id })
		if i < 0 {
			return detail(http.StatusNotFound, "No Branch matches the given query.")
		}
		return handle(c, c.branching.branches[i])
	})
}

// serveBranches serves the list of branches. It does not support fields= and omit=.
func (c *call) serveBranches() answer {
	if !c.may(branchType) {
		return forbidden()
	}
	if c.method == http.MethodPost {
		return c.createBranch()
	}
	branches := slices.Clone(c.branching.branches)
	slices.SortFunc(branches, func(a, b *branch) int { return strings.Compare(a.name, b.name) })
	rows := []any{}
	for _, b := range branches {
		columns := map[string]string{"id": formatID(b.id), "name": b.name, "status": string(b.status)}
		if filtered(c.r.URL.Query(), columns) {
			rows = append(rows, c.renderBranch(b))
		}
	}
	return c.page(rows)
}

func (c *call) createBranch() answer {
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	wanted := &branch{}
	if errs := c.writeBranch(wanted, data, true); len(errs) > 0 {
		return ok(http.StatusBadRequest, errs)
	}
	b := c.newBranch(wanted.name, c.who)
	b.about = wanted.about
	c.enqueue(b, "Provision branch", c.who, func(j *job) { c.provision(j.branch) })
	a := ok(http.StatusCreated, c.renderBranch(b))
	a.location = c.base + branchingPath + "branches/" + formatID(b.id) + "/"
	return a
}

func (c *call) serveBranch(b *branch) answer {
	if c.method == http.MethodDelete {
		c.branching.branches = slices.DeleteFunc(c.branching.branches, func(o *branch) bool { return o == b })
		return answer{status: http.StatusNoContent}
	}
	if c.method == http.MethodPatch {
		data, refused := c.bodyObject()
		if refused != nil {
			return *refused
		}
		wanted := *b
		if errs := c.writeBranch(&wanted, data, false); len(errs) > 0 {
			return ok(http.StatusBadRequest, errs)
		}
		b.name, b.about, b.updated = wanted.name, wanted.about, c.clock.stamp(b.updated)
	}
	return ok(http.StatusOK, c.renderBranch(b))
}

// writeBranch validates a body's values and writes them to a branch. It ignores schema_id and
// status.
func (c *call) writeBranch(b *branch, data map[string]any, creating bool) refusal {
	errs := refusal{}
	for _, column := range []struct {
		rule  field
		value *string
	}{
		{field{name: "name", required: true, max: 100}, &b.name},
		{field{name: "description", blank: true, max: 200}, &b.about},
	} {
		given, present := data[column.rule.name]
		if !present {
			if column.rule.required && creating {
				errs.add(column.rule.name, msgRequired)
			}
			continue
		}
		value, messages := column.rule.check(given)
		errs.add(column.rule.name, messages...)
		if len(messages) == 0 {
			*column.value = stringOf(value)
		}
	}
	for _, other := range c.branching.branches {
		if len(errs) == 0 && other.id != b.id && other.name == b.name {
			errs.add("name", "branch with this name already exists.")
		}
	}
	return errs
}

// actOn starts a sync, a merge or a revert, which the worker does. It archives at once.
func (c *call) actOn(b *branch, action string) answer {
	if !c.allowed(action, branchType) {
		return detail(http.StatusForbidden, "This user does not have permission to "+action+" branches.")
	}
	data, refused := c.bodyObject()
	if refused != nil {
		return *refused
	}
	switch {
	case action == "archive" && b.status != BranchMerged, action == "revert" && b.status != BranchMerged:
		return *badRequest("Only merged branches can be " + strings.TrimSuffix(action, "e") + "ed.")
	case action == "archive":
		b.status, b.schema = BranchArchived, nil
		return ok(http.StatusOK, c.renderBranch(b))
	case action != "revert" && b.status != BranchReady:
		return *badRequest("Branch is not ready to " + action + ".")
	}
	if acknowledged := data["acknowledge_conflicts"] == true; action != "revert" && !acknowledged {
		if conflicts := c.conflicts(b); len(conflicts) > 0 {
			return ok(http.StatusConflict, map[string]any{"conflicts": conflicts,
				"detail": "All conflicts must be acknowledged before this action can proceed."})
		}
	}
	name := strings.ToUpper(action[:1]) + action[1:] + " branch"
	j := c.enqueue(b, name, c.who, func(j *job) { j.run(c.Server, action, data["commit"] != false) })
	return ok(http.StatusOK, c.renderJob(j))
}

func (c *call) briefBranch(b *branch) map[string]any {
	return map[string]any{
		"id": b.id, "url": c.base + branchingPath + "branches/" + formatID(b.id) + "/",
		"display": b.name, "name": b.name, "status": b.status.labeled(), "description": b.about,
	}
}

func (c *call) renderBranch(b *branch) map[string]any {
	body := c.briefBranch(b)
	body["owner"], body["merged_by"] = c.briefUser(b.owner), c.briefUser(b.mergedBy)
	body["schema_id"], body["comments"] = b.schemaID, ""
	body["last_sync"], body["merged_time"] = orNull(b.lastSync), orNull(b.merged)
	body["tags"], body["custom_fields"] = []any{}, map[string]any{}
	body["created"], body["last_updated"] = isoZ(b.created), isoZ(b.updated)
	return body
}

// briefUser returns a user's brief form. Only the administrator's id is right.
func (c *call) briefUser(who *identity) any {
	if who == nil {
		return nil
	}
	return map[string]any{"id": 1, "url": c.base + "/api/users/users/1/", "display": who.user, "username": who.user}
}

func (status BranchStatus) labeled() map[string]any {
	words := strings.Split(string(status), "-")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return map[string]any{"value": string(status), "label": strings.Join(words, " ")}
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return isoZ(t)
}
