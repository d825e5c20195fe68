package main

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"tieline/internal/sandbox"
)

// hand is one way to work with a page: the mouse, or the keyboard alone.
type hand interface {
	open(url string)
	press(css string)
	fill(css, text string)
	choose(css, value, label string)
}

type mouse struct{ *tab }

func (m mouse) press(css string)            { m.t.Helper(); m.click(css) }
func (m mouse) choose(css, value, _ string) { m.t.Helper(); m.tab.choose(css, value) }

type keyboard struct{ *tab }

func (k keyboard) press(css string) {
	k.t.Helper()
	k.waitFor(css)
	k.tabTo(css)
	if strings.Contains(css, ":checked") { // a box is ticked with the space bar; Enter would send the form
		k.tab.press(" ")
		return
	}
	k.tab.press("\r")
}

func (k keyboard) fill(css, text string) {
	k.t.Helper()
	k.waitFor(css)
	k.tabTo(css)
	k.eval(`document.activeElement.select?.()`)
	k.tab.press("\b")
	k.typed(text)
}

// choose types the first letters of an option, as one does in a list.
func (k keyboard) choose(css, value, label string) {
	k.t.Helper()
	k.waitFor(css)
	k.tabTo(css)
	k.typed(label)
	k.until(`document.querySelector(` + quote(css) + `).value === ` + quote(value))
}

// sandboxVendor serves the fake vendor for a test and gives its host and port.
func sandboxVendor(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sandbox.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the sandbox: %v", err)
		}
	})
	return l.Addr().String()
}

func TestThePortalIsWorkedWithTheMouse(t *testing.T) {
	b := newTab(t)
	walk(t, b, mouse{b})
}

func TestThePortalIsWorkedWithTheKeyboardAlone(t *testing.T) {
	b := newTab(t)
	walk(t, b, keyboard{b})
}

// walk goes the whole way of a newcomer: set up, customer, integration, integrator, endpoint, test, log.
func walk(t *testing.T, b *tab, h hand) {
	t.Helper()
	s, vendor := serving(t), sandboxVendor(t)
	h.open(s.setup)
	h.fill("[name=name]", "Owner")
	h.fill("[name=email]", "owner@acme.test")
	h.fill("[name=password]", "a long enough password")
	h.press("form button[type=submit]")

	h.press("nav a[href='/customers']")
	h.press("a[href='/customers/new']")
	h.fill("[name=name]", "Acme Telecom")
	h.press("main form button[type=submit]")
	b.waitText("h1", "Acme Telecom")

	h.press("nav a[href='/integrations']")
	h.press("a[href='/integrations/new']")
	h.fill("[name=name]", "hubspot")
	h.fill("[name=label]", "HubSpot")
	h.press("main button[value=add-parameter]")
	h.fill("[name='parameters.0.name']", "ApiKey")
	h.press("[name='parameters.0.secret']:not(:checked)")
	h.press("main button.btn-primary[value=save]")

	b.waitText("main table", "HubSpot")
	h.press("a[aria-label='Open HubSpot']")
	b.until(`new URL(location.href).searchParams.get("tab") === "integrators"`)
	b.until(`document.querySelector("[aria-selected=true], [aria-current=page][role=tab]")?.innerText.includes("Integrators")`)
	h.press("a[href$='/integrators/new']")
	h.choose("[name=customer]", "acme-telecom", "Acme")
	h.fill("[name=host]", vendor)
	h.fill("[name=base_url]", "http://"+vendor)
	h.fill("[name='field.ApiKey']", sandbox.CRMKey)
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", vendor)
	if text := b.text("body"); strings.Contains(text, sandbox.CRMKey) {
		t.Error("the API key is shown")
	}

	h.press("a[href='/integrations/hubspot?tab=endpoints']")
	h.press("a[href$='/endpoints/new']")
	h.fill("[name=name]", "findContact")
	h.fill("[name=url]", "/crm/contacts")
	h.press("main button[value=add-header]")
	h.fill("[name='headers.0.name']", "ApiKey")
	h.fill("[name='headers.0.value']", "{{field.ApiKey}}")
	h.press("main button[value=add-query]")
	h.fill("[name='query.0.name']", "phone")
	h.fill("[name='query.0.value']", "{{phone_number}}")
	b.waitText("#preview", "phone=")
	h.press("main button.btn-primary[value=save]")
	b.waitText("h1", "findContact")

	h.press("#test-panel summary")
	h.fill("[name='test.tokens']", `{"phone_number":"+15551234567"}`)
	h.press("button[value=test]")
	b.waitText("#test-result", "HTTP 200")
	b.waitText("#test-result", "succeeded")
	h.press("#test-result a[href*='tab=logs'], #test-result a[href*='/runs']")
	b.waitText("main table", "succeeded")
	h.press("main table tbody a[href*='/runs/']")
	b.waitText("dialog[open]", "/crm/contacts?phone=")
	if text := b.text("body"); strings.Contains(text, sandbox.CRMKey) {
		t.Error("the API key is shown in the log")
	}
	if _, isKeyboard := h.(keyboard); isKeyboard {
		b.press("\x1b")
		b.until(`document.querySelector("dialog[open]") === null && document.activeElement.matches("main table a")`)
	}
}

// TestEveryPageIsAccessibleAndFitsASmallScreen reads every page of the demo with axe, light and dark, at 1280
// and 375 px.
func TestEveryPageIsAccessibleAndFitsASmallScreen(t *testing.T) {
	b := newTab(t)
	s := serving(t)
	h := mouse{b}
	h.open(s.setup)
	h.fill("[name=name]", "Owner")
	h.fill("[name=email]", "owner@acme.test")
	h.fill("[name=password]", "a long enough password")
	h.press("form button[type=submit]")
	b.waitFor("nav a[href='/customers']")
	h.press("form[action='/demo'] button")
	b.waitText("main", "harbour-bakery")
	h.open(s.url + "/integrations/new?preset=connectwise")
	h.press("#settings-form .form-actions button[value=save]")
	b.waitText("main", "ConnectWise PSA")
	paths := b.links(s.url)
	if len(paths) < 15 {
		t.Fatalf("only %d pages were found: %v", len(paths), paths)
	}
	for _, path := range []string{ // whatever the way through the links left out
		"/integrations/new?preset=hubspot", "/integrations/import", "/integrations/connectwise/integrators/new",
		"/integrations/connectwise/endpoints/new?q=invoice+pdf", "/integrations/connectwise/operations?q=addressformats+put",
		"/integrations/connectwise/endpoints/listTickets", "/integrations/connectwise/endpoints/patchTicket",
		"/integrations/connectwise/endpoints/listTickets?tab=response", "/integrations/sandbox-crm/mappings/lead",
		"/integrations/sandbox-crm/endpoints/findContact?tab=mapping", "/integrations/sandbox-crm/endpoints/findContact?tab=triggers",
		"/integrations/sandbox-crm/endpoints/findContact/triggers/new",
	} {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	for _, view := range []struct {
		width int64
		dark  bool
	}{{1280, false}, {1280, true}, {375, false}, {375, true}} {
		b.size(view.width, view.dark, true)
		for _, path := range paths {
			b.open(s.url + path)
			if b.overflows() {
				t.Errorf("%s is wider than %d px", path, view.width)
			}
			for _, finding := range b.axe() {
				t.Errorf("%s at %d px, dark %v: %s", path, view.width, view.dark, finding)
			}
		}
	}
}
