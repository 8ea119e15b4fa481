package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// settingFile is a file that a setting names.
type settingFile struct {
	setting, path string
	to            Audience // of messages about it
}

// String returns the name of the setting.
func (f settingFile) String() string { return f.to.Name(f.setting) }

// described names the file and the setting.
func (f settingFile) described() string { return f.path + " " + f.of() }

// of names the setting, in parentheses after the file.
func (f settingFile) of() string { return f.to.of(f.setting) }

// read returns the content of the file, or a [*ConfigError]. The error has the path only if
// it looks like a path: it may be the content of the file, even of a private key.
func (f settingFile) read() ([]byte, error) {
	if isContent(f.path) {
		return nil, &ConfigError{f.setting, fmt.Sprintf("%s must be the path of a file, but it has the content of a "+
			"file. Write the content to a file and give its path.%s", f,
			f.to.Choose(" In Terraform, remove file().", ""))}
	}
	raw, err := os.ReadFile(f.path)
	if err == nil {
		return bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), nil // byte order mark of UTF-8
	}
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		err = wrong.Err
	}
	if !isPath(f.path) {
		return nil, &ConfigError{f.setting, fmt.Sprintf("Cannot read the file that %s names: %v. The value "+
			"does not look like a path, so it is not repeated here. If it is the content of a file, write it to a "+
			"file and give its path.%s", f, err, f.lineBreak())}
	}
	return nil, &ConfigError{f.setting, fmt.Sprintf("Cannot read the file %q %s: %v.%s", f.path, f.of(), err,
		f.nextStep(err))}
}

// nextStep returns what to do about a file that cannot be read.
func (f settingFile) nextStep(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.pathAdvice()
	case errors.Is(err, fs.ErrPermission):
		return " Give the user who runs this program the permission to read it."
	case errors.Is(err, syscall.EISDIR):
		return " Use a file in it."
	}
	return " Check the path."
}

// lineBreak returns a hint for a path that was read from a file.
func (f settingFile) lineBreak() string {
	if strings.HasSuffix(f.path, "\n") {
		return " It ends with a line break: " + f.to.Choose("in Terraform, trimspace() removes it.", "remove it.")
	}
	return ""
}

// pathAdvice returns where a file was looked for, if its path does not show that, and
// otherwise a hint to check the path.
func (f settingFile) pathAdvice() string {
	if strings.HasPrefix(f.path, "~") {
		return ` "~" is not expanded. Use the full path` + f.to.Choose(", or pathexpand() in Terraform.", ".")
	}
	if here, err := os.Getwd(); err == nil && !filepath.IsAbs(f.path) {
		return " The path is relative to " + here + "."
	}
	return " Check the path."
}
