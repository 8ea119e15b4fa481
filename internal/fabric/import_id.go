package fabric

import (
	"strconv"
	"strings"
)

// ParseImportID reads what a person gives to import a fabric: its numeric id,
// or its name. A name that looks like an id takes the prefix "name:".
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
			return 0, "", problem("Invalid import id", "%q is not an id that NetBox gives. Give the fabric's id, or "+
				"its name.", text)
		}
		return n, "", nil
	}
	if p := ValidateName(text); p != nil {
		return 0, "", p
	}
	return 0, text, nil
}

// ImportID returns what [ParseImportID] reads as a name.
func ImportID(name string) string {
	if IsImportedID(name) || strings.HasPrefix(name, namePrefix) {
		return namePrefix + name
	}
	return name
}

// namePrefix begins the import id of a name that looks like an id.
const namePrefix = "name:"

// IsImportedID reports whether ParseImportID reads a text as an id.
func IsImportedID(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// ValidateID checks a fabric's numeric id. Nil means valid.
func ValidateID(id int64) *Problem {
	if id < 1 {
		return problem("Invalid fabric id", "%d is not an id that NetBox gives: ids are whole numbers from 1.", id)
	}
	return nil
}
