package netboxtest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// German is a language that NetBox can answer in besides English.
const German = "de"

// germanWords has the German refusals, by a pattern of the English text. The first three are
// from a live NetBox 4.7.3, the others from NetBox's and Django's catalogs. Other messages, such
// as the refusals of a token, have no translation.
var germanWords = []struct {
	english *regexp.Regexp
	german  string
}{
	{regexp.MustCompile(`^(.+) with this (\w+) already exists\.$`), "$1 mit diesem Wert für das Feld $2 existiert " +
		"bereits."},
	{regexp.MustCompile(`^Invalid value for custom field '(.+?)': `), "Ungültiger Wert für das benutzerdefinierte " +
		"Feld '$1': "},
	{regexp.MustCompile(`^Authentication credentials were not provided\.$`), "Anmeldedaten fehlen."},
	{regexp.MustCompile(`Value must be an integer\.$`), "Der Wert muss eine Ganzzahl sein."},
	{regexp.MustCompile(`Value must be true or false\.$`), "Der Wert muss wahr oder falsch sein."},
	{regexp.MustCompile(`^Custom field '(.+)' must have a unique value\.$`), "Benutzerdefiniertes Feld '$1'muss " +
		"einen eindeutigen Wert haben."},
	{regexp.MustCompile(`^You do not have permission to perform this action\.$`), "Sie sind nicht berechtigt, diese " +
		"Aktion durchzuführen."},
	{regexp.MustCompile(`^Related object not found using the provided attributes: `), "Verwandtes Objekt wurde mit " +
		"den angegebenen Attributen nicht gefunden: "},
}

// language returns the language of the answer: the request's if NetBox has it, otherwise the
// server's.
func (s *Server) language(r *http.Request) string {
	for asked := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(asked), ";")
		switch primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary {
		case "en", German:
			return primary
		}
	}
	return s.ownLanguage
}

// inGerman translates the strings of a JSON body.
func inGerman(body []byte) []byte {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return body
	}
	return encodeJSON(translated(v))
}

func translated(v any) any {
	switch v := v.(type) {
	case string:
		for _, words := range germanWords {
			v = words.english.ReplaceAllString(v, words.german)
		}
		return v
	case []any:
		for i := range v {
			v[i] = translated(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = translated(v[key])
		}
	}
	return v
}
