package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// capital returns a string with its first letter in upper case.
func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// sentenceOf returns a string that ends with a period.
func sentenceOf(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// quote returns a value in quotes.
func quote(s types.String) string { return fmt.Sprintf("%q", s.ValueString()) }
