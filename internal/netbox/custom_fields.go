package netbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

const (
	customFieldsPath = "/api/extras/custom-fields/"
	fabricObjectType = "netbox_hedgehog.hedgehogfabric"
)

// CustomFields returns the custom fields that NetBox defines for fabrics, by key, no older
// than since. If the token cannot view them, the error is a [*rest.ForbiddenError]: its
// user needs the permission to view extras | custom field.
func (c *Client) CustomFields(ctx context.Context, since time.Time) (map[string]fabric.CustomFieldDefinition, error) {
	return c.definitions(ctx, &c.customFields, customFieldsPath, since, c.readCustomFields)
}

// CustomFieldKeys returns the custom fields that NetBox defines for fabrics, with only
// their keys, no older than since. Every fabric's record lists them, so this needs no
// permission on definitions. It returns nil if the token sees no fabric.
func (c *Client) CustomFieldKeys(ctx context.Context, since time.Time) (map[string]fabric.CustomFieldDefinition,
	error) {
	return c.definitions(ctx, &c.customKeys, fabricsPath+"#keys", since, c.readCustomFieldKeys)
}

// definitions returns the last answer if it is new enough, and asks NetBox otherwise. It
// keeps a failure for all callers that accept an answer of that age, and a refusal for all
// callers: a token gets no new permissions while Terraform runs.
func (c *Client) definitions(
	ctx context.Context, last *atomic.Pointer[definitionsAnswer], key string, since time.Time,
	ask func(context.Context) (map[string]fabric.CustomFieldDefinition, error),
) (map[string]fabric.CustomFieldDefinition, error) {
	if err := c.Check(ctx); err != nil {
		return nil, err
	}
	for {
		if r := last.Load(); r.serves(since) {
			return r.definitions, r.err
		}
		// Another caller's request may have been sent too early. Then ask once more.
		if err := c.rest.Singleflight(ctx, key, refreshDefinitions(last, since, ask)); err != nil {
			return nil, err
		}
	}
}

// serves reports whether the answer is new enough for a caller. A refusal always is.
func (r *definitionsAnswer) serves(since time.Time) bool {
	return r != nil && (!r.asked.Before(since) || isRefusal(r.err))
}

// refreshDefinitions returns a function that asks NetBox, unless a call that has just ended
// left an answer that serves.
func refreshDefinitions(
	last *atomic.Pointer[definitionsAnswer], since time.Time,
	ask func(context.Context) (map[string]fabric.CustomFieldDefinition, error),
) func(context.Context) error {
	return func(ctx context.Context) error {
		if last.Load().serves(since) {
			return nil
		}
		r := definitionsAnswer{asked: time.Now()}
		r.definitions, r.err = ask(ctx)
		last.Store(&r)
		return nil
	}
}

func isRefusal(err error) bool {
	_, refused := errors.AsType[*rest.ForbiddenError](err)
	return refused
}

// setCustomTypes sets the types of a record's values from their definitions, if these have
// been read. It also drops the answer that there was no fabric to show the keys.
func (c *Client) setCustomTypes(values map[string]fabric.CustomValue) {
	if none := c.customKeys.Load(); none != nil && none.definitions == nil && none.err == nil {
		c.customKeys.CompareAndSwap(none, nil)
	}
	last := c.customFields.Load()
	if last == nil {
		return
	}
	for key, v := range values {
		if d, defined := last.definitions[key]; defined {
			values[key] = fabric.CustomValue{Type: d.Type, Value: v.Value}
		}
	}
}

// readCustomFieldKeys reads the keys from the record of one fabric.
func (c *Client) readCustomFieldKeys(ctx context.Context) (map[string]fabric.CustomFieldDefinition, error) {
	query := withoutDisplayURL()
	query.Set("limit", "1")
	query.Set("fields", "custom_fields")
	a, err := c.rest.Get(ctx, fabricsPath, query)
	if err != nil {
		return nil, err
	}
	var page struct {
		Results []struct {
			CustomFields map[string]json.RawMessage `json:"custom_fields"`
		} `json:"results"`
	}
	if err := a.Decode(&page); err != nil || len(page.Results) == 0 {
		return nil, err
	}
	keys := map[string]fabric.CustomFieldDefinition{}
	for key := range page.Results[0].CustomFields {
		keys[key] = fabric.CustomFieldDefinition{Key: key}
	}
	return keys, nil
}

// customFieldRecord is a definition as NetBox writes it.
type customFieldRecord struct {
	Name        string          `json:"name"`
	Type        json.RawMessage `json:"type"`
	ObjectTypes []string        `json:"object_types"`
	Required    bool            `json:"required"`
	Minimum     *json.Number    `json:"validation_minimum"`
	Maximum     *json.Number    `json:"validation_maximum"`
	RelatedType string          `json:"related_object_type"`
	ChoiceSet   *struct {
		ID int64 `json:"id"`
	} `json:"choice_set"`
}

func (c *Client) readCustomFields(ctx context.Context) (map[string]fabric.CustomFieldDefinition, error) {
	records, err := readAll[customFieldRecord](ctx, c, customFieldsPath, url.Values{"object_type": {fabricObjectType}})
	if err != nil {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(r customFieldRecord) bool {
		return !slices.Contains(r.ObjectTypes,
			fabricObjectType)
	})
	var choices map[int64][]string
	if slices.ContainsFunc(records, func(r customFieldRecord) bool { return r.ChoiceSet != nil }) {
		choices, err = c.readChoices(ctx)
		if _, forbidden := errors.AsType[*rest.ForbiddenError](err); err != nil && !forbidden {
			return nil, err // without the permission, choices are unknown
		}
	}
	definitions := make(map[string]fabric.CustomFieldDefinition, len(records))
	for _, r := range records {
		d := fabric.CustomFieldDefinition{
			Key: r.Name, Type: choiceValue(r.Type), Required: r.Required, Minimum: limit(r.Minimum),
			Maximum: limit(r.Maximum), RelatedType: r.RelatedType,
		}
		if r.ChoiceSet != nil {
			d.Choices = choices[r.ChoiceSet.ID]
		}
		definitions[r.Name] = d
	}
	return definitions, nil
}

// limit writes a limit in its short form: NetBox writes 1.0 for 1.
func limit(n *json.Number) *json.Number {
	if n == nil {
		return nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil // NetBox checks a limit that cannot be read
	}
	short := json.Number(strconv.FormatFloat(f, 'f', -1, 64))
	return &short
}

// choiceValue decodes a choice, plain or as {"value", "label"}, or "" if there is none.
func choiceValue(raw json.RawMessage) string {
	text, _ := reduce(plainJSON(raw)).(string)
	return text
}
