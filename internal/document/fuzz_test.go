package document

import (
	"bytes"
	"encoding/json"
	"testing"

	"tieline/internal/fault"
)

// FuzzDecode holds that any text is either read or refused as invalid, and that what was read is written and
// read again to the same text.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "[]", "name: a", "tieline: 1\nintegration: {name: a}", `{"name":"a","endpoints":[{"name":"b","body":{"kind":"json"}}]}`,
		"a: &a [*a]", "- - - a", "? a\n: b", "name: |\n  a\n  b\n", `{"a":1e999}`, "{\"\\ud800\":1}", "%YAML 1.1\n---\nname: x", "\xff\xfea\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := DecodeIntegration(data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%q: %v is no invalid fault", data, err)
			}
			return
		}
		text, err := EncodeYAML(in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeIntegration(text)
		if err != nil {
			t.Fatalf("%q was written as\n%s\nwhich is refused: %v", data, text, err)
		}
		if second, err := EncodeYAML(again); err != nil || !bytes.Equal(second, text) {
			t.Fatalf("%q\n%s\n%s\n%v", data, text, second, err)
		}
	})
}

// FuzzJSON holds that our reader accepts nothing that encoding/json refuses, and the other way round but for
// our own bounds: UTF-8, depth and size.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e-3,"\u00e9\n",true,false,null]}`, `[`, `"\u12"`, `-0.0`, `01`, `{"a":1,}`, ` 1 `, `"` + "\x7f" + `"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, bad := readJSON(data)
		if valid := json.Valid(data); bad == nil && !valid {
			t.Fatalf("%q is accepted", data)
		} else if bad != nil && valid && invalidUTF8(data) < 0 && bad.message != tooDeep && bad.message != tooMany {
			t.Fatalf("%q is refused: %s", data, bad.message)
		}
		if bad == nil {
			var out, want bytes.Buffer
			bare := plainNode(n)
			out.Write(bare.appendJSON(nil, "", ""))
			if err := json.Compact(&want, data); err != nil {
				t.Fatal(err)
			}
			var a, b any
			if json.Unmarshal(out.Bytes(), &a) != nil || json.Unmarshal(want.Bytes(), &b) != nil {
				t.Fatalf("%q was written as %s", data, out.Bytes())
			}
		}
	})
}

// plainNode drops the raw text, so that a node is written from its parts.
func plainNode(n node) node {
	n.raw = nil
	for i := range n.items {
		n.items[i] = plainNode(n.items[i])
	}
	for i := range n.members {
		n.members[i].value = plainNode(n.members[i].value)
	}
	return n
}

// BenchmarkDecodeCall reads the body of a call by name, which is on the hot path.
func BenchmarkDecodeCall(b *testing.B) {
	body := []byte(`{"customer":"acme","tokens":{"phone_number":"+15551234567","first_name":"Test","status":"SALE"},"input":{"id":4},"correlation_id":"call-88"}`)
	type call struct {
		Customer      string         `json:"customer"`
		Callcenter    string         `json:"callcenter_id"`
		Integrator    string         `json:"integrator"`
		Tokens        map[string]any `json:"tokens"`
		Input         any            `json:"input"`
		Record        map[string]any `json:"record"`
		CorrelationID string         `json:"correlation_id"`
	}
	b.ReportAllocs()
	for b.Loop() {
		var c call
		if err := DecodeJSON(body, &c); err != nil {
			b.Fatal(err)
		}
	}
}
