package fabricsync

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

const (
	maxLine     = 1000 // characters of a string that is stored or reported
	maxReason   = 200  // characters of one reason in it
	maxFailures = 5    // objects of a kind whose reasons are reported
)

// recordText makes a string fit for the record: one line of at most maxLine characters,
// secrets masked, without the control characters that a database refuses.
func (r *run) recordText(text string) string { return truncate(r.options.NetBox.Mask(text), maxLine) }

// truncate makes a string one line of at most length characters.
func truncate(text string, length int) string {
	text = strings.ToValidUTF8(text, "?")
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length-1]) + "…"
	}
	return text
}

// problems returns why a sync is not complete, or "" if it is.
func (c *comparison) problems() string {
	var parts []string
	if c.problem != "" {
		parts = append(parts, c.problem)
	}
	for n := range c.run.result.Kinds {
		kind := &c.run.result.Kinds[n]
		switch {
		case slices.Contains(c.forbidden, kind.Kind): // reported once for all kinds
		case kind.Error != "":
			parts = append(parts, kind.Kind.Name+": "+truncate(kind.Error, 2*maxReason))
		}
		if kind.Failed > 0 && len(kind.Failures) > 0 {
			parts = append(parts, kind.Kind.Name+": "+kind.notStored())
		}
	}
	if len(c.forbidden) > 0 {
		parts = slices.Insert(parts, 0, cluster.Forbids(c.forbiddenBy, c.namespace, c.forbidden).Error())
	}
	return c.run.recordText(strings.Join(parts, "; "))
}

// summary returns a kind's result in one line.
func (k *KindResult) summary() string {
	text := fmt.Sprintf("%s: %d in the cluster", k.Kind.Name, k.InCluster)
	if k.Absent {
		text = k.Kind.Name + ": not served by the cluster"
	}
	for _, count := range []struct {
		n    int
		what string
	}{
		{k.Created, "created"}, {k.Updated, "updated"}, {k.Repaired, "repaired"}, {k.Unchanged, "unchanged"},
		{k.NotStorable, "not storable"}, {k.Failed, "not stored"}, {k.Kept, "kept"},
	} {
		if count.n > 0 {
			text += fmt.Sprintf(", %d %s", count.n, count.what)
		}
	}
	if k.Error != "" {
		text += "; " + k.Error
	}
	return text
}

// notStored returns the sentence on the objects that NetBox did not store.
func (k *KindResult) notStored() string {
	text := fmt.Sprintf("NetBox did not store %d of %d objects: %s", k.Failed, k.InCluster,
		strings.Join(groupByReason(k.Failures), "; "))
	if more := k.Failed - len(k.Failures); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// groupByReason turns strings like "name: why" into one string for each reason, such as
// "a, b: why".
func groupByReason(objects []string) (grouped []string) {
	names := map[string][]string{}
	var reasons []string // in the order in which they come
	for _, object := range objects {
		name, reason, _ := strings.Cut(object, ": ")
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], name)
	}
	for _, reason := range reasons {
		text := strings.Join(names[reason], ", ")
		if reason != "" {
			text += ": " + reason
		}
		grouped = append(grouped, text)
	}
	return grouped
}

// warn adds a warning to the result.
func (r *run) warn(format string, a ...any) {
	r.result.Warnings = append(r.result.Warnings, r.recordText(fmt.Sprintf(format, a...)))
}
