package netbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const (
	customFieldsPath = "/api/extras/custom-fields/"
	fabricObjectType = "netbox_hedgehog.hedgehogfabric"
)

// CustomFields returns the custom fields that NetBox defines for fabrics, by key.
// It asks once; what it cannot get it asks for again. A token that may not see
// definitions is a [*ForbiddenError]: an object permission of the token's user
// on extras | custom field is what it takes.
func (c *Client) CustomFields(ctx context.Context) (map[string]fabric.CustomFieldDefinition, error) {
	if err := c.Check(ctx); err != nil {
		return nil, err
	}
	if known := c.customFields.Load(); known != nil {
		return *known, nil
	}
	result, err := c.together(ctx, customFieldsPath, func(ctx context.Context) (any, error) {
		definitions, err := c.readCustomFields(ctx)
		if err == nil {
			c.customFields.Store(&definitions)
		}
		return definitions, err
	})
	definitions, _ := result.(map[string]fabric.CustomFieldDefinition)
	return definitions, err
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
	records = slices.DeleteFunc(records, func(r customFieldRecord) bool { return !slices.Contains(r.ObjectTypes, fabricObjectType) })
	var choices map[int64][]string
	if slices.ContainsFunc(records, func(r customFieldRecord) bool { return r.ChoiceSet != nil }) {
		choices, err = c.readChoices(ctx)
		if _, forbidden := errors.AsType[*ForbiddenError](err); err != nil && !forbidden {
			return nil, err // without the permission, choices are not known
		}
	}
	definitions := make(map[string]fabric.CustomFieldDefinition, len(records))
	for _, r := range records {
		d := fabric.CustomFieldDefinition{
			Key: r.Name, Type: choiceValue(r.Type), Required: r.Required, Minimum: limit(r.Minimum), Maximum: limit(r.Maximum), RelatedType: r.RelatedType,
		}
		if r.ChoiceSet != nil {
			d.Choices = choices[r.ChoiceSet.ID]
		}
		definitions[r.Name] = d
	}
	return definitions, nil
}

// limit writes a limit as a person would: NetBox gives 1.0 for 1.
func limit(n *json.Number) *json.Number {
	if n == nil {
		return nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil // a limit that cannot be read is left to NetBox
	}
	short := json.Number(strconv.FormatFloat(f, 'f', -1, 64))
	return &short
}

// choiceValue reads a choice, bare or as {"value", "label"}; "" for none.
func choiceValue(raw json.RawMessage) string {
	text, _ := reduce(plainJSON(raw)).(string)
	return text
}

// readAll reads a list of NetBox's own objects, page by page.
func readAll[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	var all []T
	size := maxPageSize
	for far := (extent{}); ; {
		if err := far.more(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		q := url.Values{"limit": {size.String()}, "offset": {strconv.Itoa(far.objects)}}
		for key, values := range query {
			q[key] = values
		}
		a, err := c.send(ctx, http.MethodGet, path, q, nil, nil)
		switch {
		case size.smaller(err):
			continue
		case err != nil:
			return nil, err
		}
		var body struct {
			Next    *string `json:"next"`
			Results *[]T    `json:"results"`
		}
		if err := c.decode(a, &body); err != nil {
			return nil, err
		}
		if body.Results == nil {
			return nil, c.unexpected(a, `the list has no "results"`)
		}
		all = append(all, *body.Results...)
		far.objects = len(all)
		switch {
		case body.Next == nil:
			return all, nil
		case len(*body.Results) == 0:
			return nil, fmt.Errorf("%s: %w", path, &PagingError{"a page is empty although another is to follow"})
		}
	}
}
