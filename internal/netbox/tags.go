package netbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	api "github.com/netbox-community/go-netbox/v4"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const tagsPath = "/api/extras/tags/"

// maxSimilar is the largest number of similar tags in a [MissingTag].
const maxSimilar = 3

// MissingTag is a tag that a write names and NetBox does not find.
type MissingTag struct {
	Name string
	// Similar are the names of existing tags that differ only in case or Unicode form, or
	// have the name as their slug.
	Similar []string
}

// MissingTagsError means that NetBox refused a write because tags do not exist.
type MissingTagsError struct {
	Tags []MissingTag
	// Unread is why NetBox's tags could not be read, or nil if they were. Otherwise, Tags has
	// only the tag that NetBox named, which is the first one.
	Unread  error
	Refusal *rest.InvalidError // as NetBox answered, with all else that it refused
}

func (e *MissingTagsError) Error() string {
	names := make([]string, len(e.Tags))
	for i, t := range e.Tags {
		names[i] = fmt.Sprintf("%q", t.Name)
	}
	return fmt.Sprintf("NetBox has no tag named %s: %s", strings.Join(names, ", "), e.Refusal)
}

func (e *MissingTagsError) Unwrap() error { return e.Refusal }

// spellTags runs a write that may name tags. NetBox finds a tag only by the exact bytes of
// its name, and names the first tag that it does not find. Then spellTags reads the tags
// and runs the write again with the names as NetBox spells them. Tags that still don't
// exist are a [*MissingTagsError]. The fabric's present tags, which own returns, come
// first: a token cannot see them in the list.
func (c *Client) spellTags(
	ctx context.Context, set map[string]any, own func(context.Context) []fabric.Tag,
	write func(set map[string]any) (*Read, error),
) (*Read, error) {
	read, err := write(set)
	refusal, first := refusedTag(err)
	sent, _ := set["tags"].([]string)
	if refusal == nil {
		return read, err
	}
	listed, unread := c.readTags(ctx)
	known := append(own(ctx), listed...)
	if names := spelledAs(sent, known); !slices.Equal(names, sent) {
		set = maps.Clone(set)
		set["tags"] = names
		read, err = write(set)
		if refusal, first = refusedTag(err); refusal == nil {
			return read, err
		}
		sent = names
	}
	missing := &MissingTagsError{
		Tags: []MissingTag{{first, similarTags(known, first)}}, Unread: unread, Refusal: refusal,
	}
	// NetBox checks them in this order, so those before the first one exist.
	for _, name := range sent[slices.Index(sent, first)+1:] {
		if unread == nil && !slices.ContainsFunc(known, func(t fabric.Tag) bool { return t.Name == name }) {
			missing.Tags = append(missing.Tags, MissingTag{name, similarTags(known, name)})
		}
	}
	return nil, missing
}

// refusedTag returns the refusal of a write that names a missing tag, and the first such
// name. It returns nil for any other outcome.
func refusedTag(err error) (refusal *rest.InvalidError, name string) {
	invalid, refused := errors.AsType[*rest.InvalidError](err)
	if _, unverified := errors.AsType[*UnverifiedError](err); !refused || unverified {
		return nil, ""
	}
	names := missingTags(invalid)
	if len(names) == 0 {
		return nil, ""
	}
	return invalid, names[0]
}

// spelledAs returns names as the known tags spell them. It keeps a name that no tag has.
func spelledAs(names []string, known []fabric.Tag) []string {
	existing := make([]string, len(known))
	for i, t := range known {
		existing[i] = t.Name
	}
	spelled := slices.Clone(names)
	for i, name := range names {
		if found, ok := fabric.FindText(existing, name); ok {
			spelled[i] = found
		}
	}
	return spelled
}

func similarTags(known []fabric.Tag, name string) []string {
	var similar []string
	for _, t := range known {
		if t.Name != name && (fabric.SimilarText(t.Name, name) || t.Slug == name) {
			similar = append(similar, t.Name)
		}
	}
	slices.Sort(similar)
	similar = slices.Compact(similar)
	return similar[:min(len(similar), maxSimilar)]
}

// readTags reads the tags that the token can see.
func (c *Client) readTags(ctx context.Context) ([]fabric.Tag, error) {
	records, err := readAll[api.NestedTag](ctx, c, tagsPath, url.Values{"fields": {"id,url,display,name,slug"}})
	if err != nil {
		return nil, err
	}
	tags := make([]fabric.Tag, len(records))
	for i, r := range records {
		tags[i] = fabric.Tag{ID: int64(r.Id), Name: r.Name, Slug: r.Slug}
	}
	return tags, nil
}
