package fabric

import (
	"strconv"
	"strings"
)

// ParseImportID parses what a user passes to terraform import: a numeric id or a
// name. A name that looks like an id needs the prefix "name:".
func ParseImportID(text string) (id int64, name string, p *Problem) {
	if rest, ok := strings.CutPrefix(text, namePrefix); ok {
		if p := ValidateName(rest); p != nil {
			return 0, "", p
		}
		return 0, rest, nil
	}
	switch {
	case Blank(text):
		return 0, "", problem("Invalid import id", "The id %q is blank. Give the fabric's id, or its name.", text)
	case IsImportedID(text):
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || ValidateID(n) != nil {
			return 0, "", problem("Invalid import id", "%q is not a valid id: ids are whole numbers from 1. Give the "+
				"fabric's id, or its name.", text)
		}
		return n, "", nil
	}
	if p := ValidateName(text); p != nil {
		return 0, "", p
	}
	return 0, text, nil
}

// ImportID returns the import id of a fabric with this name.
func ImportID(name string) string {
	if IsImportedID(name) || strings.HasPrefix(name, namePrefix) {
		return namePrefix + name
	}
	return name
}

// namePrefix is the prefix of a name that looks like an id.
const namePrefix = "name:"

// IsImportedID reports whether [ParseImportID] reads a string as an id.
func IsImportedID(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// ValidateID checks a fabric's numeric id. Nil means valid.
func ValidateID(id int64) *Problem {
	if id < 1 {
		return problem("Invalid fabric id", "%d is not a valid id: ids are whole numbers from 1.", id)
	}
	return nil
}
