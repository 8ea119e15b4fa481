package fabricsync

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
)

const (
	maxLine     = 1000 // characters of a text that is stored or told
	maxReason   = 200  // characters of one reason in it
	maxFailures = 5    // objects of a kind whose reasons are told
)

// line makes a text fit for a record: one line, bounded, secrets masked, and
// nothing in it that a database refuses.
func (r *run) line(text string) string { return cut(r.options.NetBox.Mask(text), maxLine) }

func cut(text string, length int) string {
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

// problems says what kept a sync from being complete; "" means nothing did.
func (i *inventory) problems() string {
	var parts []string
	if i.problem != "" {
		parts = append(parts, i.problem)
	}
	for n := range i.run.result.Kinds {
		kind := &i.run.result.Kinds[n]
		switch {
		case slices.Contains(i.refused, kind.Kind): // told once for all kinds
		case kind.Error != "":
			parts = append(parts, kind.Kind.Name+": "+cut(kind.Error, 2*maxReason))
		}
		if kind.Failed > 0 && len(kind.Failures) > 0 {
			parts = append(parts, kind.Kind.Name+": "+kind.notStored())
		}
	}
	if len(i.refused) > 0 {
		parts = slices.Insert(parts, 0, cluster.Forbids(i.server, i.namespace, i.refused).Error())
	}
	return i.run.line(strings.Join(parts, "; "))
}

func (k *KindResult) notStored() string {
	text := fmt.Sprintf("NetBox did not store %d of %d objects: %s", k.Failed, k.InCluster,
		strings.Join(byReason(k.Failures), "; "))
	if more := k.Failed - len(k.Failures); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// byReason puts the names together of objects that have the same reason, as in "a, b: why".
func byReason(objects []string) (grouped []string) {
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

// warn adds to the result what is no failure and yet worth knowing.
func (r *run) warn(format string, a ...any) {
	r.result.Warnings = append(r.result.Warnings, r.line(fmt.Sprintf(format, a...)))
}
