package response_test

import (
	"strconv"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/response"
)

// TestEveryPathOfTheTreeLeadsToItsValue: what a click picks is what the key then finds.
func TestEveryPathOfTheTreeLeadsToItsValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ contentType, body, kind, delimiter string }{
		{"application/json", `{"a.b":{"c=d":[1,{"e":"x"}]},"n":null,"t":true}`, "json", ""},
		{"text/xml", `<r id="1"><i k="2">x</i><i>y</i><z><q>5</q></z></r>`, "xml", ""},
		{"text/csv", "id,e.mail\n1,a@b.test\n2,c@d.test\n", "csv", ""},
		{"text/plain", "OK;id=5;to: 7", "text", ";"},
	} {
		def := integration.Response{Type: c.kind, Delimiter: c.delimiter}
		tree, err := response.Tree([]byte(c.body), c.contentType, def)
		if err != nil {
			t.Fatalf("%s: %v", c.kind, err)
		}
		leaves := 0
		var walk func(n response.Node)
		walk = func(n response.Node) {
			for _, kid := range n.Children {
				walk(kid)
			}
			if len(n.Children) > 0 || n.Kind == "null" {
				return
			}
			leaves++
			def.Key = n.Path
			got, f := read(t, answer(200, c.contentType, c.body), def)
			if f != nil || *got.Result != n.Text {
				t.Errorf("%s: %q gives %s, want %q (%+v)", c.kind, n.Path, deref(got.Result), n.Text, f)
			}
		}
		walk(tree)
		if leaves < 3 {
			t.Errorf("%s: only %d values", c.kind, leaves)
		}
	}
}

func TestTheTreeIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("[")
	for i := range 5000 {
		b.WriteString(strconv.Itoa(i) + ",")
	}
	b.WriteString(`"` + strings.Repeat("x", 1000) + `"]`)
	tree, err := response.Tree([]byte(b.String()), "application/json", integration.Response{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(tree.Children); n > 2000 || tree.More != 5001-n {
		t.Errorf("%d values shown, %d left out", n, tree.More)
	}
	tree, err = response.Tree([]byte(`{"a":"`+strings.Repeat("x", 1000)+`"}`), "application/json", integration.Response{})
	if err != nil || len(tree.Children[0].Text) > 210 {
		t.Errorf("%d bytes of text, %v", len(tree.Children[0].Text), err)
	}
}

func TestWhatHasNoTreeSaysSo(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "  ", "{'a':1}", "%PDF-1.4"} {
		if _, err := response.Tree([]byte(body), "application/json", integration.Response{Type: "json"}); err == nil {
			t.Errorf("%q has a tree", body)
		}
	}
}
