package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestLongTextsKeepTheLayout fills a portal with the longest names, addresses and lists that forms take, and
// looks whether a page gets wider than its window.
func TestLongTextsKeepTheLayout(t *testing.T) {
	b := newTab(t)
	h := mouse{b}
	s := owned(t, h, b)
	long, slug := strings.Repeat("W", 120), strings.Repeat("w", 63)
	b.post("/customers/new", [][2]string{{"name", long}, {"slug", slug}, {"notes", strings.Repeat("n", 4000)}})
	b.post("/integrations/new", [][2]string{{"op", "save"}, {"name", slug}, {"label", long}, {"type", "crm"}, {"enabled", "on"}, {"description", strings.Repeat("d", 500)}})
	b.post("/integrations/"+slug+"/integrators/new", [][2]string{{"op", "save"}, {"customer", slug}, {"label", long}, {"host", slug + ".example"}, {"enabled", "on"}})
	endpoint := [][2]string{{"op", "save"}, {"name", slug}, {"label", long}, {"method", "GET"}, {"url", "https://{{host}}/" + strings.Repeat("u", 4000)}, {"enabled", "on"}}
	for i := range 100 {
		at := "headers." + strconv.Itoa(i)
		endpoint = append(endpoint, [2]string{at + ".name", "X-" + strings.Repeat("H", 60)}, [2]string{at + ".value", long}, [2]string{at + ".enabled", "on"})
	}
	b.post("/integrations/"+slug+"/endpoints/new", endpoint)
	one := "/integrations/" + slug
	for _, width := range []int64{1280, 375} {
		b.size(width, false, true)
		for _, path := range []string{
			"/", "/customers", "/customers/" + slug, "/customers/" + slug + "?tab=settings", "/integrations", one, one + "?tab=endpoints",
			one + "?tab=settings", one + "/integrators/new", one + "/endpoints/" + slug, one + "/endpoints/" + slug + "?tab=test",
			one + "/endpoints/" + slug + "?tab=history", "/runs", "/audit",
		} {
			b.open(s.url + path)
			if b.text("h1") == "" || strings.Contains(b.text("h1"), "no such") {
				b.fail("%s is not there", path)
			}
			if b.overflows() {
				t.Errorf("%s is wider than %d px: %s", path, width, b.widest())
			}
		}
	}
}

// post sends a form as the page's own scripts could, and fails unless it was taken.
func (b *tab) post(path string, form [][2]string) {
	b.t.Helper()
	pairs, err := json.Marshal(form)
	if err != nil {
		b.t.Fatal(err)
	}
	said, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`fetch(`+quote(path)+`, {method: "POST", body: new URLSearchParams(`+string(pairs)+`)})
		.then(async r => r.redirected ? "" : r.status + [...new DOMParser().parseFromString(await r.text(), "text/html").querySelectorAll(".notice-bad")].map(n => n.textContent).join(" "))`,
		chromedp.EvalAwaitPromise))
	if err != nil || said != "" {
		b.t.Fatalf("%s: %s, %v", path, said, err)
	}
}

// widest names the innermost elements that stick out of the window.
func (b *tab) widest() string {
	b.t.Helper()
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("body *")]
		.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && ![...e.children].some(c => c.getBoundingClientRect().right > innerWidth + 1))
		.slice(0, 4).map(e => e.tagName + "." + e.className + " in " + e.parentElement.tagName + "." + e.parentElement.className).join(" | ")`))
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}
