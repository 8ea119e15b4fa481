package netboxtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

const jobType = "core.job"

// job is a job of NetBox's background worker for a branch.
type job struct {
	id                          int64
	branch                      *branch
	name, uuid                  string
	who                         *identity
	do                          func(*job)
	status                      string
	failure                     string
	log                         []string
	created, started, completed time.Time
}

// enqueue adds a job, which the worker does after the request.
func (s *Server) enqueue(b *branch, name string, who *identity, do func(*job)) *job {
	s.branching.lastJob++
	j := &job{id: s.branching.lastJob, branch: b, name: name, uuid: newRequestID(), who: who, do: do, status: "pending",
		created: s.clock.stamp(time.Time{})}
	s.branching.jobs[j.id] = j
	s.branching.waiting = append(s.branching.waiting, j)
	return j
}

// work does the waiting jobs, if the worker runs.
func (s *Server) work() {
	for s.branching != nil && !s.branching.idle && len(s.branching.waiting) > 0 {
		j := s.branching.waiting[0]
		s.branching.waiting = s.branching.waiting[1:]
		j.started, j.status = s.clock.stamp(j.created), "completed"
		j.do(j)
		j.completed = s.clock.stamp(j.started)
	}
}

// run does an action on a branch, completely or not at all. Without commit it is a dry run.
func (j *job) run(s *Server, action string, commit bool) {
	b, main := j.branch, s.branching.main
	r := &replayer{call: &call{Server: s, who: j.who, requestID: j.uuid}, job: j, from: b}
	if action != "sync" {
		r.merging = b
	}
	var err error
	switch action {
	case "merge":
		if len(b.schema.changes) == 0 {
			j.note("No changes found; aborting.")
			return
		}
		err = r.into(main.clone(s.models), main.changes, func() error { return r.applyAll(b.schema.changes) })
	case "revert":
		err = r.into(main.clone(s.models), main.changes, func() error { return r.undoAll(b.schema.changes) })
	case "sync":
		err = r.into(b.schema.clone(s.models), b.schema.changes, r.sync)
	}
	switch {
	case err != nil:
		j.status, j.failure = "errored", err.Error()
		j.note("%v", err)
	case commit:
		r.keep(action)
	}
	s.store.schema = s.branching.main
}

// keep stores the result.
func (r *replayer) keep(action string) {
	b, now := r.from, r.clock.stamp(r.job.started)
	switch action {
	case "merge":
		r.branching.main = r.work
		b.status, b.merged, b.mergedBy = BranchMerged, now, r.job.who
	case "revert":
		r.branching.main = r.work
		b.status, b.merged, b.mergedBy = BranchReady, time.Time{}, nil
	case "sync":
		b.schema, b.lastSync, b.seen = r.work, r.job.started, len(r.branching.main.changes)
		for d, original := range r.baselines {
			d.original = original
		}
	}
	b.updated = r.clock.stamp(now)
}

func (j *job) note(format string, arguments ...any) {
	j.log = append(j.log, fmt.Sprintf(format, arguments...))
}

func resolveJobs(rest string) *route {
	key := strings.TrimSuffix(rest, "/")
	if key == "" || strings.Contains(key, "/") {
		return nil
	}
	return &route{allow: allowRead, methods: []string{"GET"}, handle: byID(key, (*call).serveJob)}
}

func (c *call) serveJob(id int64) answer {
	if !c.may(jobType) {
		return forbidden()
	}
	j := c.branching.jobs[id]
	if j == nil {
		return detail(http.StatusNotFound, "No Job matches the given query.")
	}
	a := ok(http.StatusOK, c.renderJob(j))
	a.etag = c.tagOf(j.created)
	return a
}

func (c *call) renderJob(j *job) map[string]any {
	path := formatID(j.id) + "/"
	body := map[string]any{
		"id": j.id, "url": c.base + "/api/core/jobs/" + path, "display_url": c.base + "/core/jobs/" + path,
		"display": j.name, "name": j.name, "object_type": branchType, "object_id": j.branch.id,
		"object": c.briefBranch(j.branch), "user": c.briefUser(j.who), "job_id": j.uuid, "error": j.failure,
		"status":  map[string]any{"value": j.status, "label": strings.ToUpper(j.status[:1]) + j.status[1:]},
		"created": isoZ(j.created), "started": orNull(j.started), "completed": orNull(j.completed),
		"scheduled": nil, "interval": nil, "execution_time": nil, "data": nil, "log_entries": []any{},
		"queue_name":    "default",
		"notifications": map[string]any{"value": "always", "label": "Always"},
	}
	if !j.completed.IsZero() {
		body["execution_time"], body["data"] = "00:00:00.500000", map[string]any{"log": j.log}
	}
	if j.status == "errored" {
		body["log_entries"] = []any{map[string]any{"level": "error", "message": "Traceback (most recent call last)",
			"timestamp": isoZ(j.completed)}}
	}
	return body
}
