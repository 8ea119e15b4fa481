package fabric

import (
	"fmt"
	"regexp"
)

// maxObjectName is the longest name that the NetBox plugin stores, in characters.
const maxObjectName = 253

// objectName matches the names of Kubernetes objects that the NetBox plugin accepts.
// Kubernetes and Hedgehog also allow dots.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// ObjectNameProblem returns why the NetBox plugin does not store an object with this name; ""
// if it does.
func ObjectNameProblem(name string) string {
	switch {
	case len([]rune(name)) > maxObjectName:
		return fmt.Sprintf("the NetBox plugin stores names of at most %d characters", maxObjectName)
	case !objectName.MatchString(name):
		return "the NetBox plugin stores only names of lower-case letters, digits and hyphens, " +
			"with a letter or digit at both ends"
	}
	return ""
}
