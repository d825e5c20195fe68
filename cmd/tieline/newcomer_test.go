package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tieline/internal/sandbox"
)

// owned is a portal with its first owner, who looks at the dashboard.
func owned(t *testing.T, h hand, b *tab) *server {
	t.Helper()
	s := serving(t)
	h.open(s.setup)
	h.fill("[name=name]", "Owner")
	h.fill("[name=email]", "owner@acme.test")
	h.fill("[name=password]", "a long enough password")
	h.press("form button[type=submit]")
	b.waitFor(".steps")
	return s
}

func TestGC01TheNewIntegrationAppearsInTheListWithoutAReload(t *testing.T) {
	b := newTab(t)
	h := mouse{b}
	s := owned(t, h, b)
	h.open(s.url + "/integrations/new")
	b.eval(`window.stayed = true`)
	h.fill("[name=name]", "hubspot")
	h.fill("[name=label]", "HubSpot")
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", "HubSpot")
	b.until(`window.stayed && location.pathname === "/integrations" && document.title.startsWith("Integration ")`)
	b.until(`document.activeElement.id === "content"`)
	b.waitText("#toasts", "HubSpot was added")
	b.eval(`history.back()`)
	b.waitText("h1", "Add integration")
}

func TestLeavingUnsavedEditsAsksFirst(t *testing.T) {
	b := newTab(t)
	h := mouse{b}
	s := owned(t, h, b)
	const asks = `!window.dispatchEvent(new Event("beforeunload", {cancelable: true}))`
	h.open(s.url + "/integrations/new")
	b.until(`!(` + asks + `)`)
	h.fill("[name=label]", "HubSpot")
	b.until(asks)
	h.press("main button.btn-primary[value=save]") // without a name: refused, and still unsaved
	b.waitFor("#f-name-problem")
	b.until(asks)
	h.fill("[name=name]", "hubspot")
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", "HubSpot")
	b.until(`!(` + asks + `)`)
	h.open(s.url + "/customers")
	b.until(`!(` + asks + `)`)
	h.open(s.url + "/customers/new")
	h.fill("[name=name]", "Acme")
	b.until(asks)
	h.press("main form button[type=submit]") // a form that the browser posts itself
	b.waitText("h1", "Acme")
	b.until(`!(` + asks + `)`)
}

func TestATokenGoesToTheCursorOfTheFieldThatWasUsedLast(t *testing.T) {
	b := newTab(t)
	h := mouse{b}
	s := owned(t, h, b)
	h.open(s.url + "/integrations/new")
	h.fill("[name=name]", "crm")
	h.press("main button[value=add-parameter]")
	h.fill("[name='parameters.0.name']", "ApiKey")
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", "crm")
	h.open(s.url + "/integrations/crm/endpoints/new")
	h.press("main button[value=add-header]")
	b.waitFor("[name='headers.0.value']")
	h.press("main button[value=add-query]")
	b.waitFor("[name='query.0.value']")
	const token = `button[data-text="{{field.ApiKey}}"]`
	for _, field := range []string{"headers.0.value", "query.0.value", "url"} {
		css := "[name='" + field + "']"
		h.fill(css, "ab")
		b.press(kb.ArrowLeft)
		b.click(token)
		b.until(`document.querySelector("` + css + `").value === "a{{field.ApiKey}}b"`)
		b.until(`document.activeElement.name === "` + field + `"`)
	}
}

// TestTheWholeWayIsGoneWithoutScripts walks from an empty portal to the log in a browser that runs no scripts.
func TestTheWholeWayIsGoneWithoutScripts(t *testing.T) {
	b := newTab(t)
	b.size(1280, false, false)
	h := mouse{b}
	s, vendor := owned(t, h, b), sandboxVendor(t)
	h.press("main a[href='/customers/new']")
	h.fill("[name=name]", "Acme")
	h.press("main form button[type=submit]")
	b.waitText("h1", "Acme")
	h.press("main a[href='/integrations/new']")
	h.fill("[name=name]", "crm")
	h.press("main button[value=add-parameter]")
	h.fill("[name='parameters.0.name']", "ApiKey")
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", "crm")
	h.press("main td a[href$='/integrators/new']")
	b.do("choose the customer", choice("[name=customer]", "acme"))
	h.fill("[name=host]", vendor)
	h.fill("[name=base_url]", "http://"+vendor)
	h.fill("[name='field.ApiKey']", sandbox.CRMKey)
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", vendor)
	h.press(".notice a[href$='/endpoints/new']")
	h.fill("[name=name]", "findContact")
	h.fill("[name=url]", "/crm/contacts")
	h.press("main button[value=add-header]")
	h.fill("[name='headers.0.name']", "ApiKey")
	h.fill("[name='headers.0.value']", "{{field.ApiKey}}")
	h.press("main button[value=add-query]")
	h.fill("[name='query.0.name']", "phone")
	h.fill("[name='query.0.value']", "+15551234567")
	h.press("main button.btn-primary[value=save]")
	b.waitText("h1", "findContact")
	h.press("#test-panel button[value=test]")
	b.waitText("#test-result", "HTTP 200")
	h.press("#test-result .panel-actions a")
	b.waitText("main table", "succeeded")
	h.press("main table tbody a[href*='/runs/']")
	b.waitText("main", "/crm/contacts?phone=")
	h.open(s.url + "/integrations")
	h.press("main details[data-menu] summary")
	h.press("main details[data-menu][open] button[popovertarget]")
	h.press(".ask:popover-open form button[type=submit]")
	b.waitText("main", "No integration yet")
}

// choice picks an option where no script tells the page of it.
func choice(css, value string) chromedp.Action[chromedp.Void] {
	return chromedp.SetValue(chromedp.CSS(css), value)
}
