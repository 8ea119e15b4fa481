package fabric

import (
	"fmt"
	"regexp"
)

// maxObjectName is the longest name that NetBox's plugin stores, in characters.
const maxObjectName = 253

// objectName is what NetBox's plugin accepts as the name of a Kubernetes object. It is
// narrower than Kubernetes, which allows dots, as Hedgehog does.
var objectName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// ObjectNameProblem says why NetBox's plugin does not store an object of a name; "" means
// that it does.
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
