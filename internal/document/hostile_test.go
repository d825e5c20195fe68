package document

import (
	"strings"
	"testing"
	"time"

	"tieline/internal/fault"
	"tieline/internal/integration"
)

// Texts that are made to cost much are refused, or read, before anybody gets impatient.
func TestHostileTextsCostLittle(t *testing.T) {
	t.Parallel()
	fill := func(unit string) string { return strings.Repeat(unit, MaxBytes/len(unit)) }
	tests := map[string]string{
		"open lists":        strings.Repeat("[", 190_000),
		"open objects":      strings.Repeat("{a: ", 190_000),
		"dashes":            strings.Repeat("- ", 190_000),
		"questions":         strings.Repeat("? ", 190_000),
		"colons":            "x" + fill(": "),
		"ever deeper":       deeper(1200),
		"one long word":     "name: " + fill("a")[:MaxBytes-10],
		"one long quote":    "name: \"" + fill("\\\"")[:MaxBytes-10] + "\"",
		"comments":          strings.Repeat("# a\n", 190_000),
		"empty lines":       strings.Repeat("\n", 190_000) + "name: a",
		"directives":        strings.Repeat("%YAML 1.1\n", 90_000),
		"documents":         strings.Repeat("---\n", 60_000),
		"block of lines":    "name: |\n" + strings.Repeat("  a\n", 190_000),
		"escapes":           `{"name":"` + fill(`\u0000`)[:MaxBytes/2] + `"}`,
		"unknown fields":    "{" + manyFields(40_000) + `"name":"a"}`,
		"one field, often":  "{" + strings.Repeat(`"name":"a",`, 90_000) + `"name":"a"}`,
		"anchors":           "a: &a " + strings.Repeat("[*a", 1000),
		"tabs":              fill("\t"),
		"carriage returns":  strings.Repeat("\r", 190_000),
		"flow after flow":   strings.Repeat("[]\n", 90_000),
		"keys of 1 MiB":     `{"` + fill("k")[:MaxBytes-10] + `":1}`,
		"unclosed brackets": "name: " + strings.Repeat("[a,", 60_000),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			var into integration.Integration
			err := Decode([]byte(text), &into)
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("err = %v", err)
			}
			if err != nil && len(err.Error()) > 64<<10 {
				t.Errorf("the message has %d bytes", len(err.Error()))
			}
		})
	}
}

// deeper nests block mappings, each indented by one more.
func deeper(levels int) string {
	var b strings.Builder
	for n := range levels {
		b.WriteString(strings.Repeat(" ", n) + "a:\n")
	}
	return b.String()
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"f`)
		for ; i > 0; i /= 26 {
			b.WriteByte(byte('a' + i%26))
		}
		b.WriteString(`":1,`)
	}
	return b.String()
}
