package examplestest

import (
	"regexp"
	"strings"
	"unicode"
)

// heading is one of a document in Markdown.
type heading struct {
	level int
	text  string
}

var headingLine = regexp.MustCompile(`^(#{1,6}) +(.+?) *#*$`)

// headingsOf are the headings of a document, in their order.
func headingsOf(text string) []heading {
	var found []heading
	for _, line := range proseOf(text) {
		if m := headingLine.FindStringSubmatch(line.text); m != nil {
			found = append(found, heading{len(m[1]), m[2]})
		}
	}
	return found
}

// line is one of a document, with its number from 1.
type line struct {
	number int
	text   string
}

// proseOf are the lines outside of fenced blocks.
func proseOf(text string) []line {
	var lines []line
	fence := ""
	for i, l := range strings.Split(text, "\n") {
		opened := strings.TrimLeft(l, " ")
		switch {
		case fence == "" && strings.HasPrefix(opened, "```"):
			fence = opened[:len(opened)-len(strings.TrimLeft(opened, "`"))]
		case fence != "" && strings.TrimSpace(l) == fence:
			fence = ""
		case fence == "":
			lines = append(lines, line{i + 1, l})
		}
	}
	return lines
}

// block is a fenced block of a document.
type block struct {
	language, text string
	line           int    // of its first line, from 1
	before         string // the paragraph before it, in one line
}

// blocksOf are the fenced blocks of a document, in their order.
func blocksOf(text string) []block {
	var found []block
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		language, opens := strings.CutPrefix(lines[i], "```")
		if !opens {
			continue
		}
		b := block{language: language, line: i + 2, before: paragraphBefore(lines[:i])}
		for i++; i < len(lines) && lines[i] != "```"; i++ {
			b.text += lines[i] + "\n"
		}
		found = append(found, b)
	}
	return found
}

func paragraphBefore(lines []string) string {
	end := len(lines)
	for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	begin := end
	for begin > 0 && strings.TrimSpace(lines[begin-1]) != "" && !strings.HasPrefix(lines[begin-1], "```") {
		begin--
	}
	return strings.Join(lines[begin:end], " ")
}

// slug is the anchor that GitHub and the registry make of a heading.
func slug(heading string) string {
	heading = strings.NewReplacer("`", "", "*", "").Replace(linkText.ReplaceAllString(heading, "$1"))
	var b strings.Builder
	for _, r := range strings.ToLower(heading) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

var linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
