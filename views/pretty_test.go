package views

import "testing"

func TestBodiesAreLaidOutWithoutChangingThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, kind, pretty string }{
		"json":       {`{"b":12345678901234567890,"a":[1.0,"<x>"]}`, "JSON", "{\n  \"b\": 12345678901234567890,\n  \"a\": [\n    1.0,\n    \"<x>\"\n  ]\n}"},
		"broken":     {`{"a":`, "text", ""},
		"xml":        {`<?xml version="1.0"?><a x="1"><b>t &amp; u</b><c/></a>`, "XML", "<?xml version=\"1.0\"?>\n<a x=\"1\">\n  <b>t &amp; u</b>\n  <c/>\n</a>"},
		"broken xml": {`<a><b></a`, "text", ""},
		"html":       {`<p>one<br>two`, "text", ""},
		"text":       {"a=1;b=2", "text", ""},
		"bytes":      {"%PDF-1.7\x00\xff\xfe", "bytes", ""},
		"cut":        {"caf\xc3", "text", ""},
		"empty":      {"", "text", ""},
	} {
		got := layOut([]byte(c.body))
		if got.Kind != c.kind || got.Pretty != c.pretty {
			t.Errorf("%s: kind %s, pretty %q", name, got.Kind, got.Pretty)
		}
	}
}
