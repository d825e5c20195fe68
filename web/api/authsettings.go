package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/request"
)

// authInput are the values of an authentication as sent: their text is kept, so that numbers stay exact.
type authInput map[string]json.RawMessage

// showSetting is a plain value of an authentication in its own form: an object, a number or a list. A text that is
// none of that form, such as a JSON template with bare tokens, is shown as it is.
func showSetting(s integration.AuthSetting, text string) any {
	switch {
	case text == "":
	case s.Form == "json" && strings.HasPrefix(text, "{") && json.Valid([]byte(text)):
		return json.RawMessage(text)
	case s.Form == "number" && json.Valid([]byte(text)):
		return json.RawMessage(text)
	case s.Form == "list":
		return strings.Split(text, "\n")
	case s.Form == "pairs":
		pairs := map[string]string{}
		for _, pair := range request.ExtraParameters(text) {
			pairs[pair[0]] = pair[1]
		}
		return pairs
	}
	return text
}

// readSetting makes of a value in its own form the text that is kept. Everything else stays what it is, so that what
// is no text is refused.
func readSetting(s integration.AuthSetting, raw json.RawMessage) any {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil
	}
	text, ok := "", false
	switch v := value.(type) {
	case string:
		text, ok = escaped.Replace(v), s.Form == "escaped"
	case bool:
		text, ok = switched(s, v), s.Form == "switch"
	case float64:
		text, ok = string(raw), s.Form == "number"
	case []any:
		text, ok = listed(s, v)
	case map[string]any:
		text, ok = objected(s, raw)
	}
	if ok {
		return text
	}
	return value
}

var escaped = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`)

// switched is the first of the words that a setting may hold for true, the last for false.
func switched(s integration.AuthSetting, on bool) string {
	switch {
	case len(s.Options) == 0:
		return ""
	case on:
		return s.Options[0]
	}
	return s.Options[len(s.Options)-1]
}

func listed(s integration.AuthSetting, list []any) (string, bool) {
	between := map[string]string{"list": "\n", "words": " "}[s.Form]
	lines := make([]string, len(list))
	for i, one := range list {
		text, ok := one.(string)
		if !ok || strings.ContainsAny(text, "\r\n") {
			return "", false
		}
		lines[i] = text
	}
	return strings.Join(lines, between), between != ""
}

func objected(s integration.AuthSetting, raw json.RawMessage) (string, bool) {
	switch s.Form {
	case "json":
		var text bytes.Buffer
		err := json.Compact(&text, raw)
		return text.String(), err == nil
	case "pairs":
		var pairs map[string]string
		if json.Unmarshal(raw, &pairs) != nil {
			return "", false
		}
		lines := make([]string, 0, len(pairs))
		for _, name := range slices.Sorted(maps.Keys(pairs)) {
			if strings.ContainsAny(name, "=\r\n") || strings.ContainsAny(pairs[name], "\r\n") {
				return "", false
			}
			lines = append(lines, name+"="+pairs[name])
		}
		return strings.Join(lines, "\n"), true
	}
	return "", false
}
