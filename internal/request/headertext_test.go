package request_test

import (
	"fmt"
	"strings"
	"testing"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
)

// rowsText writes rows for comparison.
func rowsText(rows []integration.Row) string {
	var out strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&out, "[%s=%s]", r.Name, r.Value)
	}
	return out.String()
}

func TestHeaderTextIsReadInBothSyntaxes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Content-length: 0|Content-type: application/json|Authorization: OAuth abc:def": "[Content-length=0][Content-type=application/json][Authorization=OAuth abc:def]",
		"A: 1\nB: 2\r\n\n C : 3 ":                 "[A=1][B=2][C=3]",
		"Authorization: Bearer 12|abc":            "[Authorization=Bearer 12|abc]",
		"Authorization: Bearer 12|abc\nX-A: 1":    "[Authorization=Bearer 12|abc][X-A=1]",
		`Authorization: Bearer 12\|abc|X-A: 1`:    "[Authorization=Bearer 12|abc][X-A=1]",
		"X: {{phone_number|e164:\"1\"}}|Y: {{a}}": "[X={{phone_number|e164:\"1\"}}][Y={{a}}]",
		"X:":                         "[X=]",
		"":                           "",
		"A: 1|B: http://x.test/?a=1": "[A=1][B=http://x.test/?a=1]",
	} {
		rows, err := request.ParseHeaderText(text)
		if err != nil || rowsText(rows) != want {
			t.Errorf("%q gives %s, %v, want %s", text, rowsText(rows), err, want)
		}
	}
}

func TestABrokenPartOfHeaderTextIsNamed(t *testing.T) {
	t.Parallel()
	for text, part := range map[string]string{
		"broken|X: 1":            `"broken"`, // CV-02
		"X: 1|broken|Y: 2":       `"broken"`,
		"X: 1\nbroken":           `Line 2: "broken"`,
		"X Y: 1":                 `"X Y" is not a header name`,
		": 1":                    `"" is not a header name`,
		"X: a\tb\x01":            "control character",
		"A: 1|b|C: 2\nd|E: 1":    `"b"`,
		strings.Repeat("a", 200): "…",
	} {
		rows, err := request.ParseHeaderText(text)
		fields, ok := fault.FieldsOf(err)
		if !ok || rows != nil || !strings.Contains(fields["headers"], part) || len(fields["headers"]) > 250 {
			t.Errorf("%q: %v, %v", text, rows, err)
		}
	}
}

func TestHeaderTextWritesWhatItReads(t *testing.T) {
	t.Parallel()
	off := false
	rows := []integration.Row{
		{Name: "Authorization", Value: "Bearer 12|abc"},
		{Name: "X-Two", Value: "1|Y: 2"},
		{Name: "X-Token", Value: `{{phone_number|default:"a|b"}}`},
		{Name: "X-Slash", Value: `a\|b`},
		{Name: "X-Off", Value: "1", Enabled: &off},
		{Name: "X-Field", Source: "field", Value: "ApiKey"},
	}
	text := request.HeaderText(rows)
	again, err := request.ParseHeaderText(text)
	want := `[Authorization=Bearer 12|abc][X-Two=1|Y: 2][X-Token={{phone_number|default:"a|b"}}][X-Slash=a\|b][X-Field={{field.ApiKey}}]`
	if err != nil || rowsText(again) != want {
		t.Errorf("%q gives %s, %v", text, rowsText(again), err)
	}
	if !strings.HasPrefix(text, "Authorization: Bearer 12|abc\n") {
		t.Errorf("a harmless pipe is escaped: %q", text)
	}
}

func TestManagedHeadersAreKnownInAnyCase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Host", "content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Authorization", "proxy-x", "TE", "Trailer",
		"Upgrade", "Expect", "Accept-Encoding", " Host ",
	} {
		if note, ok := request.Managed(name); !ok || !strings.HasPrefix(note, "Managed automatically. ") {
			t.Errorf("%s is not managed: %q", name, note)
		}
	}
	for _, name := range []string{"Accept", "Authorization", "X-Host", "Proxy", ""} {
		if _, ok := request.Managed(name); ok {
			t.Errorf("%s is managed", name)
		}
	}
}

// FuzzHeaderText holds that what was read is written and read again as the same rows.
func FuzzHeaderText(f *testing.F) {
	for _, s := range []string{"A: 1|B: 2", "A: 1\nB: x|y", `A: a\|b|C: d`, "broken|X: 1", "A: {{x|y}}|B: 1", `A: \\|B: 1`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := request.ParseHeaderText(text)
		if err != nil {
			return
		}
		again, err := request.ParseHeaderText(request.HeaderText(rows))
		if err != nil || rowsText(again) != rowsText(rows) {
			t.Errorf("%q gives %s, then %s, %v", text, rowsText(rows), rowsText(again), err)
		}
	})
}
