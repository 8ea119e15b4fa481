package fabric

import (
	"fmt"
	"regexp"
)

// maxObjectName is the longest name that NetBox's plugin stores, in characters.
const maxObjectName = 253

// objectName matches the names of Kubernetes objects that NetBox's plugin accepts.
// Kubernetes and Hedgehog also allow dots.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// ObjectNameProblem returns why NetBox's plugin does not store an object with this name; ""
// if it does.
func ObjectNameProblem(name string) string {
	switch {
	case len([]rune(name)) > maxObjectName:
		return fmt.Sprintf("NetBox's plugin stores names of at most %d characters", maxObjectName)
	case !objectName.MatchString(name):
		return "NetBox's plugin stores only names of lower-case letters, digits and hyphens, " +
			"with a letter or digit at both ends"
	}
	return ""
}
