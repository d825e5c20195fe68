package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is one page of a headless Chromium, driven as a person would: by mouse or by keyboard.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// newTab starts a browser of its own for a test, or skips it where browser tests are not asked for.
func newTab(t *testing.T) *tab {
	t.Helper()
	if os.Getenv("TIELINE_TEST_BROWSER") == "" {
		t.Skip("browser tests run with TIELINE_TEST_BROWSER=1 (make test)")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not installed: make deps")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.WindowSize(1280, 900))
	allocator, cancelAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	ctx, stop := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(func() { stop(); cancel(); cancelAllocator() })
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context that starts it
		t.Fatal(err)
	}
	return &tab{t, ctx}
}

func (b *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.fail("%s: %v", what, err)
	}
}

// fail ends the test with what the page says; its picture is kept where the test's artifacts are (-artifacts).
func (b *tab) fail(format string, args ...any) {
	b.t.Helper()
	if picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100)); err == nil {
		_ = os.WriteFile(filepath.Join(b.t.ArtifactDir(), "page.png"), picture, 0o600)
	}
	b.t.Fatalf(format+"\nat %s:\n%s", append(args, b.address(), b.text("body"))...)
}

// open goes to an address and waits for the page.
func (b *tab) open(url string) { b.t.Helper(); b.do("open "+url, chromedp.Navigate(url)) }

// click presses the mouse on an element that can be seen.
func (b *tab) click(css string) {
	b.t.Helper()
	b.waitFor(css)
	b.eval(`document.querySelector(` + quote(css) + `).scrollIntoView({block: "center", behavior: "instant"})`)
	b.do("click "+css, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

// fill replaces what stands in a field.
func (b *tab) fill(css, text string) {
	b.t.Helper()
	b.do("fill "+css, chromedp.WaitVisible(chromedp.CSS(css)), chromedp.Clear(chromedp.CSS(css)), chromedp.SendKeys(chromedp.CSS(css), text))
}

// choose picks an option of a select by its value.
func (b *tab) choose(css, value string) {
	b.t.Helper()
	b.do("choose "+css, chromedp.SetValue(chromedp.CSS(css), value))
	b.eval(`document.querySelector(` + quote(css) + `).dispatchEvent(new Event("change",{bubbles:true}))`)
}

// waitFor waits until an element can be seen.
func (b *tab) waitFor(css string) {
	b.t.Helper()
	b.do("wait for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

// waitText waits until an element's text holds some words.
func (b *tab) waitText(css, words string) {
	b.t.Helper()
	b.until(`(document.querySelector(` + quote(css) + `)?.innerText ?? "").includes(` + quote(words) + `)`)
}

// until waits until a script's expression is true, over the page changes that happen meanwhile.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`Boolean(`+expression+`)`)); err == nil && ok {
			return
		}
		select {
		case <-ctx.Done():
			b.fail("never true: %s", expression)
		case <-tick.C:
		}
	}
}

// typed sends text key by key to whatever has the focus.
func (b *tab) typed(text string) {
	b.t.Helper()
	b.do("type", chromedp.KeyEvent(text))
}

// links gives one address of every kind of page that links lead to from the start page, ids folded.
func (b *tab) links(base string) []string {
	b.t.Helper()
	var found []string
	queue, kinds := []string{"/"}, map[string]bool{}
	for len(queue) > 0 && len(found) < 60 {
		path := queue[0]
		queue = queue[1:]
		kind := pageKind.ReplaceAllString(path, "*")
		if kinds[kind] {
			continue
		}
		kinds[kind] = true
		found = append(found, path)
		b.open(base + path)
		next, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("a[href^='/']")].map(a => a.getAttribute("href"))
			.filter(h => !/^\/(static|logout|api)|\.csv|\/export/.test(h) && !h.includes("#"))`))
		if err != nil {
			b.t.Fatal(err)
		}
		queue = append(queue, next...)
	}
	return found
}

// pageKind folds what differs between pages of one kind: ids, and every query but the tab.
var pageKind = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[?&](?:[^t=&][^=&]*|t[^a=&][^=&]*)=[^&]*`)

// text is what a person reads in an element; "" where there is none.
func (b *tab) text(css string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector(`+quote(css)+`)?.innerText ?? ""`))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return text
}

func (b *tab) eval(script string) {
	b.t.Helper()
	b.do("script", chromedp.Evaluate[chromedp.Void](script+";undefined"))
}

// address is where the browser is.
func (b *tab) address() string {
	b.t.Helper()
	at, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

// press sends keys to whatever has the focus.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do("press a key", chromedp.KeyEvent(k))
	}
}

// tabTo presses Tab until the element has the focus; it fails where a keyboard never gets there.
func (b *tab) tabTo(css string) {
	b.t.Helper()
	for range 150 {
		at, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.activeElement?.matches(`+quote(css)+`) ?? false`))
		if err == nil && at {
			return
		}
		b.press(kb.Tab)
	}
	b.fail("the keyboard never reaches %s", css)
}

// size sets the window's width, the colour scheme and whether scripts run.
func (b *tab) size(width int64, dark, scripts bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	ctx := b.ctx
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// axe runs axe-core and gives the serious and critical findings.
func (b *tab) axe() []string {
	b.t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		b.t.Fatal("axe-core is not installed: make deps")
	}
	b.eval(string(source))
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run().then(r => r.violations
		.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.html.slice(0, 120)).slice(0, 4).join(" | ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

// overflows tells whether the page is wider than the window.
func (b *tab) overflows() bool {
	b.t.Helper()
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > window.innerWidth + 1`))
	if err != nil {
		b.t.Fatal(err)
	}
	return wide
}

func quote(s string) string {
	b, _ := json.Marshal(s) //nolint:errchkjson // a string always encodes
	return strings.ReplaceAll(string(b), "<", `\u003c`)
}
