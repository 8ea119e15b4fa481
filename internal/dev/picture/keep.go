package picture

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// drawVariable, if it is 1, has [Keep] write files instead of comparing them.
const drawVariable = "HEDGEHOG_DRAW"

// Keep returns an error when a committed file is not what was drawn, so that a test
// notices. make pictures writes all such files.
func Keep(file string, drawn []byte) error {
	if os.Getenv(drawVariable) == "1" {
		return os.WriteFile(file, drawn, 0o644)
	}
	committed, err := os.ReadFile(file)
	if err == nil && !bytes.Equal(committed, drawn) {
		err = fmt.Errorf("%s is not what is drawn now", filepath.Base(file))
	}
	if err != nil {
		return fmt.Errorf("%w: run make pictures", err)
	}
	return nil
}

// Keep keeps a picture as a file, which must have no [Drawing.Problems].
func (d *Drawing) Keep(file string) error {
	err := Keep(file, d.SVG())
	if problems := d.Problems(); len(problems) > 0 {
		err = errors.Join(err, fmt.Errorf("%s cannot be read well:\n%s", filepath.Base(file),
			strings.Join(problems, "\n")))
	}
	return err
}
