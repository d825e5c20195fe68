package response

import (
	"strings"
	"testing"
)

func TestTheNextLinkOfALinkHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, header, want string }{
		{"plain", `<https://a.example/x?page=2>; rel="next"`, "https://a.example/x?page=2"},
		{"among others", `<https://a.example/1>; rel="prev", <https://a.example/3>; rel="next", <https://a.example/9>; rel="last"`, "https://a.example/3"},
		{"commas and semicolons in the address", `<https://a.example/x?conditions=a,b;c&fields=id,name>; rel="next"`, "https://a.example/x?conditions=a,b;c&fields=id,name"},
		{"several relations", `</x>; rel="last  NEXT"`, "/x"},
		{"without quotes", `</x>;rel=next`, "/x"},
		{"blanks and tabs", "  < /x >\t;  rel = \"next\"  ", "/x"},
		{"capital letters", `</x>; REL="Next"`, "/x"},
		{"quoted commas", `</a>; title="one, <two>; rel=next"; rel=prev, </b>; rel=next`, "/b"},
		{"quoted pairs", `</a>; title="\"; rel=next"; rel=prev, </b>; rel="next"`, "/b"},
		{"the first rel counts", `</a>; rel=prev; rel=next`, ""},
		{"another document", `</a>; rel=next; anchor="/other", </b>; rel=next`, "/b"},
		{"empty parameters", `</a>;;; rel=next;`, "/a"},
		{"no comma between", `</a>; rel=prev </b>; rel=next`, "/b"},
		{"empty header", ``, ""},
		{"empty target", `<>; rel="next"`, ""},
		{"no relation", `</a>`, ""},
		{"half a word", `</a>; rel="nextish"`, ""},
		{"not closed", `</a; rel=next`, ""},
		{"quotes not closed", `</a>; rel="next`, "/a"},
	} {
		if got := nextLink([]string{c.header}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := nextLink([]string{`</1>; rel="prev"`, `</2>; rel="next"`}); got != "/2" {
		t.Errorf("two headers: %q", got)
	}
}

// FuzzLinks holds that the parser ends, that what it finds stands in the header, and that a link it is given
// beside any other text before is found.
func FuzzLinks(f *testing.F) {
	for _, seed := range []string{`<a>; rel="next"`, `<a,b>; rel=next, <c>`, `<a>; title="x\"`, `>,;<="`, `<>;rel`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, l := range parseLinks(header) {
			if !strings.Contains(header, l.target) || strings.Contains(l.target, ">") {
				t.Errorf("%q is not in %q", l.target, header)
			}
		}
		if strings.ContainsAny(header, `<"`) {
			return // a text that is not closed may take in what follows
		}
		if got := nextLink([]string{header + `, </n?a=1,2>; rel="next"`}); got != "/n?a=1,2" {
			t.Errorf("behind %q the next link is %q", header, got)
		}
	})
}
