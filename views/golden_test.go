package views

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// exported are the components of a folder's generated files that other packages may render.
func exported(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_templ.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no generated files: %v", err)
	}
	form := regexp.MustCompile(`(?m)^func (?:\(\w+ \*?\w+\) )?([A-Z]\w*)\(.*\) templ\.Component \{`)
	var names []string
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range form.FindAllSubmatch(content, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}

func all() map[string][]templ.Component {
	everything := fixtures()
	maps.Copy(everything, integrationFixtures())
	return everything
}

func TestEveryComponentIsRenderedHereAndIsSoundHTML(t *testing.T) {
	t.Parallel()
	rendered := all()
	for _, name := range exported(t, ".") {
		if len(rendered[name]) == 0 {
			t.Errorf("%s is never rendered by a test", name)
		}
	}
	for name, components := range rendered {
		for i, c := range components {
			var out bytes.Buffer
			if err := c.Render(t.Context(), &out); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			keep(t, fmt.Sprintf("%s-%d.html", name, i), out.Bytes())
			for _, fault := range faults(t, out.Bytes()) {
				t.Errorf("%s %d: %s", name, i, fault)
			}
		}
	}
}

// keep writes what was rendered into a folder for looking at, where one is named.
func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	if dir := os.Getenv("TIELINE_KEEP_PAGES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// faults are what no page may have: inline styles and scripts, ids that stand twice, references to ids that do
// not exist, buttons, links and inputs without a name.
func faults(t *testing.T, page []byte) []string {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ids := map[string]int{}
	labelled := map[string]bool{}
	for n := range doc.Descendants() {
		if v := attr(n, "id"); v != "" {
			ids[v]++
		}
		if n.Data == "label" && attr(n, "for") != "" {
			labelled[attr(n, "for")] = true
		}
	}
	for id, n := range ids {
		if n > 1 {
			found = append(found, "the id "+id+" stands twice")
		}
	}
	whole := bytes.Contains(page, []byte("<html"))
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			found = append(found, faultOf(n, a, ids, whole)...)
		}
		if (n.Data == "button" || n.Data == "a" || n.Data == "summary") && textOf(n) == "" && attr(n, "aria-label") == "" && !hidden(n) {
			found = append(found, n.Data+" without a name")
		}
		if (n.Data == "input" && attr(n, "type") != "hidden" || n.Data == "select" || n.Data == "textarea") &&
			attr(n, "aria-label") == "" && !labelled[attr(n, "id")] && !inLabel(n) {
			found = append(found, n.Data+" "+attr(n, "name")+" without a label")
		}
	}
	slices.Sort(found)
	return found
}

func faultOf(n *html.Node, a html.Attribute, ids map[string]int, whole bool) []string {
	switch {
	case a.Key == "style", strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"):
		return []string{a.Key + " is inline code"}
	case n.Data == "script" && attr(n, "src") == "":
		return []string{"a script without a source"}
	case strings.HasPrefix(a.Val, "javascript:"), strings.HasPrefix(a.Val, "js:"):
		return []string{a.Key + " holds a script"}
	case a.Key == "aria-describedby", a.Key == "aria-labelledby", a.Key == "aria-controls", whole && (a.Key == "for" || a.Key == "popovertarget"):
		for id := range strings.FieldsSeq(a.Val) {
			if ids[id] == 0 {
				return []string{a.Key + " names " + id + ", which is not there"}
			}
		}
	case whole && a.Key == "hx-target" && strings.HasPrefix(a.Val, "#") && ids[a.Val[1:]] == 0:
		return []string{"hx-target names " + a.Val + ", which is not there"}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func hidden(n *html.Node) bool { return attr(n, "aria-hidden") == "true" }

func inLabel(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	return false
}

func TestEveryPartAndIconIsUsedByAPage(t *testing.T) {
	t.Parallel()
	var sources strings.Builder
	for _, pattern := range []string{"*.templ", "*.go", "ui/*.templ", "ui/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_templ.go") || strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "icons.templ") {
				continue
			}
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(content)
		}
	}
	for _, name := range exported(t, "ui") {
		uses := len(regexp.MustCompile(`\b`+name+`\(`).FindAllString(sources.String(), -1))
		definitions := len(regexp.MustCompile(`templ (?:\(\w+ \w+\) )?`+name+`\(`).FindAllString(sources.String(), -1))
		if uses == definitions {
			t.Errorf("nothing uses ui.%s", name)
		}
	}
}
