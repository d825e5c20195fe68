package integration

import (
	"testing"
)

func TestParseSuccessReadsTheShortForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Success
	}{
		{"CodeResult=100", Success{"CodeResult", "=", "100"}},
		{" CodeResult == 100 ", Success{"CodeResult", "=", "100"}},
		{"status != error", Success{"status", "!=", "error"}},
		{"n>=5", Success{"n", ">=", "5"}},
		{"n <= 5", Success{"n", "<=", "5"}},
		{"n>5", Success{"n", ">", "5"}},
		{"n<5", Success{"n", "<", "5"}},
		{"code in 100,200", Success{"code", "in", "100,200"}},
		{"code NOT IN 100,200", Success{"code", "not in", "100,200"}},
		{"data.0.id is not empty", Success{"data.0.id", "is not empty", ""}},
		{"error is empty", Success{"error", "is empty", ""}},
		{"id is numeric", Success{"id", "is numeric", ""}},
		{"id", Success{"id", "is not empty", ""}},
		{"n between 1,10", Success{"n", "between", "1,10"}},
		{"text matches ^a=b$", Success{"text", "matches", "^a=b$"}},
		{"text starts with OK", Success{"text", "starts with", "OK"}},
		{"text contains =", Success{"text", "contains", "="}},
		{"a=b=c", Success{"a", "=", "b=c"}},
		{"a=", Success{"a", "=", ""}},
	}
	for _, tt := range tests {
		got, err := ParseSuccess(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%q: got %+v, %v, want %+v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "  ", "=1", "!=", "a is empty b", "a matches", "a in "} {
		if got, err := ParseSuccess(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// FuzzParseSuccess holds that a rule written in its short form is read as the same rule.
func FuzzParseSuccess(f *testing.F) {
	for _, seed := range []string{"a=b", "a == b", "a not in 1,2", "a is empty", "a", "=", "a>=1", "a<b=c", "a matches ^x$", "0 mAtChes"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := ParseSuccess(text)
		if err != nil {
			return
		}
		again, err := ParseSuccess(rule.String())
		if err != nil || again != rule {
			t.Fatalf("%q is %+v, written %q, read %+v (%v)", text, rule, rule.String(), again, err)
		}
	})
}
