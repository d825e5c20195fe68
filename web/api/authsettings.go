package api

import (
	"bytes"
	"encoding/json"
	"strings"

	"tieline/internal/integration"
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
	switch v := value.(type) {
	case map[string]any:
		var text bytes.Buffer
		if s.Form == "json" && json.Compact(&text, raw) == nil {
			return text.String()
		}
	case float64:
		if s.Form == "number" {
			return string(raw)
		}
	case []any:
		if lines, ok := texts(v); ok && s.Form == "list" {
			return strings.Join(lines, "\n")
		}
	}
	return value
}

func texts(list []any) ([]string, bool) {
	lines := make([]string, len(list))
	for i, one := range list {
		text, ok := one.(string)
		if !ok || strings.ContainsAny(text, "\r\n") {
			return nil, false
		}
		lines[i] = text
	}
	return lines, true
}
