package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"tieline/internal/token"
)

// jsonText reads a JSON template as values: tokens stay text. A token that stands where a value would is read as a
// string that begins with bareMark.
type jsonText struct {
	*json.Decoder
	source string
	marks  []jsonMark
}

// jsonMark says which place of the source a place of the probe came from.
type jsonMark struct{ probe, source int }

// bareMark is a private-use character; it stands before a token that is a whole value.
const bareMark = "\uE000"

// newJSONText reads the tokens of a JSON template. Decode and Token give its values.
func newJSONText(source string) (*jsonText, error) {
	template, err := token.Parse(source)
	if e, ok := errors.AsType[*token.SyntaxError](err); ok {
		return nil, &jsonFlawError{e.Offset, e.Message}
	}
	t := &jsonText{source: source}
	var probe bytes.Buffer
	inString, at := false, 0
	for _, p := range template.Parts {
		t.marks = append(t.marks, jsonMark{probe.Len(), at})
		if p.Token == nil {
			if strings.Contains(p.Literal, "{{") || strings.Contains(p.Literal, "${") {
				return nil, &jsonFlawError{at, "Braces that are no token cannot be edited here."}
			}
			inString = endsInString(p.Literal, inString)
			probe.WriteString(p.Literal)
			at += len(p.Literal)
			continue
		}
		text := p.Token.Text
		if !strings.Contains(text, `\"`) {
			text = strings.ReplaceAll(text, `"`, `\"`)
		}
		if !inString {
			text = `"` + bareMark + text + `"`
		}
		probe.WriteString(text)
		at += len(p.Token.Text)
	}
	t.Decoder = json.NewDecoder(bytes.NewReader(probe.Bytes()))
	t.UseNumber()
	return t, nil
}

// endsInString tells whether a piece of JSON ends inside a string.
func endsInString(s string, inString bool) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			inString = !inString
		case s[i] == '\\' && inString:
			i++
		}
	}
	return inString
}

// place is the position in the source that a position of the probe came from.
func (t *jsonText) place(probe int64) int {
	found := jsonMark{}
	for _, m := range t.marks {
		if int64(m.probe) <= probe {
			found = m
		}
	}
	return min(found.source+int(probe)-found.probe, len(t.source))
}

// here is the position in the source of what comes next.
func (t *jsonText) here() int {
	at := t.place(t.InputOffset())
	for at < len(t.source) && strings.IndexByte(" \t\r\n,:", t.source[at]) >= 0 {
		at++
	}
	return at
}

// flaw is an error of the decoder with its position in the source.
func (t *jsonText) flaw(err error) error {
	switch e, ok := errors.AsType[*json.SyntaxError](err); {
	case ok:
		return &jsonFlawError{t.place(max(e.Offset-1, 0)), e.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &jsonFlawError{len(t.source), "the text ends too early"}
	}
	return &jsonFlawError{t.here(), err.Error()}
}

// jsonFlawError is a text that cannot be read, with the byte position.
type jsonFlawError struct {
	offset  int
	message string
}

func (f *jsonFlawError) Error() string { return f.message }

// in says where in a text the flaw is.
func (f *jsonFlawError) in(source string) string {
	before := source[:min(f.offset, len(source))]
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return "Line " + strconv.Itoa(strings.Count(before, "\n")+1) + ", column " + strconv.Itoa(column) + ": " + strings.TrimRight(f.message, ".") + "."
}

// scalarText is a JSON value as a template: a text as it is, a number or a word as written; false for an object,
// a list and null.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimPrefix(v, bareMark), true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// quoteJSON writes a template as a JSON string; nothing but what JSON asks for is escaped.
func quoteJSON(s string) string { return `"` + string(token.AppendJSONText(nil, s)) + `"` }
