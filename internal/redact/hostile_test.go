package redact

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// A text that opens a secret field again and again without ever closing it must not be read to its end each time.
func TestHostileTextsAreReadOnce(t *testing.T) {
	t.Parallel()
	r := New([]string{"canary-secret-0123456789"})
	for unit, end := range map[string]string{
		"<password><![CDATA[": "", "<password><![CDATA[ ": "]]>", "<password><![CDATA[{{": "}}]]>", "<password ": "",
		"form-data; name=\"password\"\r\n\r\n": "", "form-data; name=\"password\"\r\n\r\n{{": "}}\r\n--",
		`"password":'`: "", `password="x`: "", `"password":["",`: "", `\"password\":\"`: "", `'password':["'password':["`: "",
	} {
		body := strings.Repeat(unit, (2<<20)/len(unit)) + end
		began := time.Now()
		r.Text(body)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%q: 2 MiB of it took %v", unit, took)
		}
	}
}

func TestWhatFollowsALongHiddenValueIsHiddenToo(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("x", 2*long)
	for _, body := range []string{
		`{"password":"` + filler + `","token":"canary-7"}`, `password=` + filler + `&token=canary-7`,
		`<password>` + filler + `</password><token>canary-7</token>`, `<password><![CDATA[` + filler + `]]></password><token>canary-7</token>`,
	} {
		if got := New(nil).Text(body); strings.Contains(got, "canary-7") || strings.Contains(got, "xxxx") {
			t.Errorf("Text(%.40q…) = %.80q", body, got)
		}
	}
}

func TestListsUnderASensitiveNameAreHidden(t *testing.T) {
	t.Parallel()
	in := map[string]any{
		"password": []any{"canary-1", json.Number("4711"), nil, []any{"canary-2"}, map[string]any{"name": "Ann", "pwd": "canary-3"}},
		"names":    []any{"Ann"},
	}
	out, err := json.Marshal(New(nil).Value(in))
	if err != nil || strings.Contains(string(out), "canary") || strings.Contains(string(out), "4711") || strings.Count(string(out), "Ann") != 2 {
		t.Errorf("Value = %s, %v", out, err)
	}
	if first, _ := in["password"].([]any); first[0] != "canary-1" {
		t.Error("the value itself was changed")
	}
}
