package netbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// RewrittenTagError is a 412 for a fabric that has not changed: something between here and
// NetBox changes the If-Match header.
type RewrittenTagError struct {
	ID          int64
	Request     rest.Request
	LastUpdated time.Time // of the fabric, as it was read before and after; zero for null
}

func (e *RewrittenTagError) Error() string {
	return fmt.Sprintf("%s: precondition failed, although the fabric has not changed: a proxy or gateway in "+
		"front of NetBox changes the If-Match header; configure it to pass If-Match and ETag on unchanged",
		e.Request)
}

// AnotherFabricError means that the id now belongs to another fabric.
type AnotherFabricError struct {
	ID                int64
	Name              string // name of the other fabric
	Expected, Present string // created, RFC 3339
}

func (e *AnotherFabricError) Error() string {
	return fmt.Sprintf("NetBox's fabric %d is not the one that was there before: it was created at %s, not at %s; "+
		"check that NetBox's URL names the right NetBox", e.ID, e.Present, e.Expected)
}

// ConflictError means that a write was given up because another user changed the fabric.
type ConflictError struct {
	ID          int64
	Operation   string // "update" or "delete"
	Differences []fabric.Difference
}

func (e *ConflictError) Error() string {
	lines := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		lines[i] = d.String()
	}
	return fmt.Sprintf("fabric %d was changed by another user: %s", e.ID, strings.Join(lines, "; "))
}

// NameTakenError means that another fabric has the name of a create or a change.
type NameTakenError struct {
	Name string
	ID   int64 // of that fabric; 0 if this token cannot see it, or it is unknown
	// Unread reports whether the list of fabrics could not be read to find the fabric.
	Unread bool
	// Cycle reports whether the writes of this run wait for each other's names.
	Cycle bool
}

func (e *NameTakenError) Error() string {
	if e.Unread {
		return fmt.Sprintf("the fabric name %q is taken", e.Name)
	}
	if e.ID == 0 {
		return fmt.Sprintf("the fabric name %q is taken by a fabric that this API token cannot see", e.Name)
	}
	return fmt.Sprintf("the fabric name %q is taken by fabric %d", e.Name, e.ID)
}

// UnverifiedError is a write of unknown outcome: it may have taken effect, or may still do
// so.
type UnverifiedError struct {
	Write error // why the write's outcome is unknown
	// Read is why the outcome could not be verified. If it is nil, reading worked and the
	// write was not done. Attempt or End is then why it was not sent again. NetBox may
	// still carry out what was sent.
	Read     error
	Attempt  error // how the last attempt failed
	Attempts int   // number of attempts, including that one
	End      error // how the operation ended before another attempt
}

func (e *UnverifiedError) Error() string {
	unknown := fmt.Sprintf("the outcome of a write is unknown (%v)", e.Write)
	switch {
	case e.Read != nil:
		return fmt.Sprintf("%s, and reading back failed: %v", unknown, e.Read)
	case e.End != nil:
		return fmt.Sprintf("%s: it had not taken effect when it was read back, and it was not sent again: %v", unknown,
			e.End)
	}
	return fmt.Sprintf("%s: it had not taken effect when it was read back, and attempt %d failed: %v", unknown,
		e.Attempts, e.Attempt)
}

func (e *UnverifiedError) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Write, e.Read, e.Attempt, e.End}, func(err error) bool { return err == nil })
}

// AmbiguousNameError means that several fabrics have the name in other Unicode forms, and
// none exactly.
type AmbiguousNameError struct {
	Name string
	IDs  []int64
}

func (e *AmbiguousNameError) Error() string {
	return fmt.Sprintf("the fabrics %v have the name %q in other Unicode forms, and none has exactly this name", e.IDs,
		e.Name)
}
