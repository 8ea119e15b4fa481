package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// settingFile is a file that a setting names.
type settingFile struct{ setting, path string }

// String names the setting, and its variable.
func (f settingFile) String() string {
	return fmt.Sprintf("%s (or %s)", f.setting, Variable(f.setting))
}

// described names the file, and the setting.
func (f settingFile) described() string {
	return fmt.Sprintf("%s (of %s or %s)", f.path, f.setting, Variable(f.setting))
}

// read returns what is in the file, or a [*ConfigError].
func (f settingFile) read() ([]byte, error) {
	raw, err := os.ReadFile(f.path)
	if err == nil {
		return bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), nil // an editor's mark of UTF-8
	}
	detail := fmt.Sprintf("The file that %s names cannot be read: %v.", f, err)
	if errors.Is(err, fs.ErrNotExist) {
		detail += f.whereItIs()
	}
	return nil, &ConfigError{f.setting, detail}
}

// whereItIs says where a file was looked for, if its path does not show it.
func (f settingFile) whereItIs() string {
	if strings.HasPrefix(f.path, "~") {
		return ` A "~" is not the home directory here. Give the whole path; in Terraform, pathexpand() makes it.`
	}
	if here, err := os.Getwd(); err == nil && !filepath.IsAbs(f.path) {
		return " It is relative to " + here + "."
	}
	return ""
}
