package testserver

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
)

// KeyContents returns values that a user may give by mistake instead of the path of a key, by
// description. The key is in PEM.
func KeyContents(key string) map[string]string {
	block, _ := pem.Decode([]byte(key))
	body := base64.StdEncoding.EncodeToString(block.Bytes)
	lines := strings.Split(strings.TrimSpace(key), "\n")
	return map[string]string{
		"PEM":                             key,
		"PEM without its last line break": strings.TrimSpace(key),
		"PEM in one line":                 strings.Join(lines, " "),
		"PEM in one line, escaped":        strings.Join(lines, `\n`),
		"PEM in quotation marks":          `"` + strings.Join(lines, `\n`) + `"`,
		"PEM in Base64":                   base64.StdEncoding.EncodeToString([]byte(key)),
		"PEM in JSON":                     `{"url":"https://a.example.com","key":"` + body + `"}`,
		"PEM after a comment":             "# the key\n" + key,
		"its lines alone":                 strings.Join(lines[1:len(lines)-1], "\n"),
		"its lines, joined":               body,
		"its lines, with a break":         body + "\n",
		"its lines, cut off":              body[:40],
		"DER":                             string(block.Bytes),
		"hexadecimal":                     hex.EncodeToString(block.Bytes),
	}
}

// Reveals reports whether text contains a piece of a key in PEM, in any encoding.
func Reveals(text, key string) bool {
	const piece = 8
	block, _ := pem.Decode([]byte(key))
	for _, form := range []string{
		base64.StdEncoding.EncodeToString(block.Bytes), base64.StdEncoding.EncodeToString([]byte(key)),
		hex.EncodeToString(block.Bytes), string(block.Bytes),
	} {
		for i := range len(form) - piece {
			if strings.Contains(text, form[i:i+piece]) {
				return true
			}
		}
	}
	return false
}
