package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// door takes the sign-in page, and signs in.
func (b *browser) door(ctx context.Context, folder string) error {
	for _, l := range looks {
		if err := b.take(ctx, shot{name: "login", path: "/login", wait: "form"}, l, filepath.Join(folder, "login-"+l.name+".png")); err != nil {
			return err
		}
	}
	return b.do(ctx,
		chromedp.SendKeys(chromedp.CSS("input[name=email]"), email),
		chromedp.SendKeys(chromedp.CSS("input[name=password]"), password),
		chromedp.Submit(chromedp.CSS("form")),
		chromedp.WaitVisible(chromedp.CSS(".frame")),
	)
}

// empties are the pages that a newcomer meets with nothing in them.
func empties() []shot {
	return []shot{
		{name: "empty-dashboard", path: "/"},
		{name: "empty-customers", path: "/customers"},
		{name: "empty-integrations", path: "/integrations"},
		{name: "empty-runs", path: "/runs"},
		{name: "empty-variables", path: "/variables"},
		{name: "empty-apikeys", path: "/apikeys"},
	}
}

// fill fills the demo.
func (b *browser) fill(ctx context.Context) error {
	return b.do(ctx,
		chromedp.Navigate(b.base+"/"),
		chromedp.Submit(chromedp.CSS("form[action$='/demo']")),
		chromedp.WaitVisible(chromedp.CSS(".counts")),
	)
}

func (b *browser) do(tab context.Context, actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(tab, 60*time.Second)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// first is the address of the first link that fits a selector on a page, "" where there is none.
func (b *browser) first(tab context.Context, path, selector string) (string, error) {
	if err := b.do(tab, chromedp.Navigate(b.base+path)); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(tab, 20*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector(`+"`"+selector+"`"+`)?.getAttribute("href") ?? ""`))
}

// found are pages whose address holds an id or a name: the page that links to them and the link.
var found = []struct{ name, from, link, query string }{
	{"customer", "/customers", "td.main-cell a", ""},
	{"customer-runs", "/customers", "td.main-cell a", "?tab=runs"},
	{"customer-addresses", "/customers", "td.main-cell a", "?tab=outbound"},
	{"customer-settings", "/customers", "td.main-cell a", "?tab=settings"},
	{"run-failed", "/runs?status=failed", "td.cell-actions a", ""},
	{"run-succeeded", "/runs?status=succeeded", "td.cell-actions a", ""},
	{"user", "/users", "td.main-cell a", ""},
	{"integration", "/integrations", "tbody a[href^='/integrations/']", ""},
	{"integration-endpoints", "/integrations", "tbody a[href^='/integrations/']", "?tab=endpoints"},
	{"integration-logs", "/integrations", "tbody a[href^='/integrations/']", "?tab=logs"},
	{"integration-settings", "/integrations", "tbody a[href^='/integrations/']", "?tab=settings"},
	{"integration-mappings", "/integrations", "tbody a[href*='-crm']", "?tab=mappings"},
	{"mapping", "/integrations", "tbody a[href*='-crm']", "/mappings/lead"},
	{"mapping-new", "/integrations", "tbody a[href^='/integrations/']", "/mappings/new"},
	{"endpoint-mapping", "/integrations", "tbody a[href*='-crm']", "/endpoints/saveLead?tab=mapping"},
}

// saveView names the filter that is looked at, the first time, and opens its form.
const saveView = `if (!document.querySelector(".chip")) {
	document.querySelector(".view-form input[name=name]").value = "Failed calls";
	document.querySelector(".view-form form").submit();
} else document.querySelector(".view-form").open = true`

// pages are all pages of the portal.
func (b *browser) pages(ctx context.Context) ([]shot, error) {
	shots := []shot{
		{name: "dashboard", path: "/"},
		{name: "customers", path: "/customers"},
		{name: "customer-new", path: "/customers/new"},
		{name: "integrations", path: "/integrations"},
		{name: "integration-new", path: "/integrations/new"},
		{name: "integration-import", path: "/integrations/import"},
		{name: "runs", path: "/runs"},
		{name: "runs-view", path: "/runs?status=failed", script: saveView, wait: ".chip"},
		{name: "runs-empty", path: "/runs?q=nothing-like-this"},
		{name: "run-dialog", path: "/runs?status=failed", script: `document.querySelector("td.cell-actions a").click()`, wait: "dialog .why", clip: true},
		{name: "audit", path: "/audit"},
		{name: "variables", path: "/variables"},
		{name: "variable-new", path: "/variables/new"},
		{name: "users", path: "/users"},
		{name: "user-new", path: "/users/new"},
		{name: "apikeys", path: "/apikeys"},
		{name: "apikey-new", path: "/apikeys/new"},
		{name: "account", path: "/account"},
		{name: "settings", path: "/settings"},
		{name: "not-found", path: "/nothing-here"},
	}
	for _, f := range found {
		path, err := b.first(ctx, f.from, f.link)
		if err != nil {
			return nil, err
		}
		if path != "" {
			shots = append(shots, shot{name: f.name, path: cutQuery(path) + f.query})
		}
	}
	imported, err := b.imports(ctx)
	if err != nil {
		return nil, err
	}
	shots, err = b.endpoints(ctx, append(shots, imported...))
	if err != nil {
		return nil, err
	}
	return b.psa(ctx, shots)
}

// endpoints adds the tabs of an endpoint, a sent test, and an integrator's form.
func (b *browser) endpoints(ctx context.Context, shots []shot) ([]shot, error) {
	integration, err := b.first(ctx, "/integrations", "tbody a[href^='/integrations/']")
	if err != nil || integration == "" {
		return shots, err
	}
	integration = cutQuery(integration)
	integrator, err := b.first(ctx, integration+"?tab=integrators", "tbody a[href*='/integrators/']")
	if err != nil {
		return nil, err
	}
	if integrator != "" {
		shots = append(shots, shot{name: "integrator", path: cutQuery(integrator)}, shot{name: "integrator-new", path: integration + "/integrators/new"})
	}
	for kind, field := range map[string]string{"connectwise": "company_id", "jwt": "claims", "signature": "fields", "client_cert": "certificate"} {
		shots = append(shots, shot{
			name: "integrator-" + kind, path: integration + "/integrators/new", wait: `[name="auth.` + field + `"]`,
			script: `(k => { k.value = "` + kind + `"; k.dispatchEvent(new Event("change", {bubbles: true})) })(document.querySelector("[name='auth.kind']"))`,
		})
	}
	endpoint, err := b.first(ctx, integration+"?tab=endpoints", "tbody a[href*='/endpoints/']")
	if err != nil || endpoint == "" {
		return shots, err
	}
	endpoint = cutQuery(endpoint)
	shots = append(shots, shot{name: "endpoint-new", path: integration + "/endpoints/new"})
	for _, tab := range []string{"request", "response", "test", "triggers", "logs", "history"} {
		shots = append(shots, shot{name: "endpoint-" + tab, path: endpoint + "?tab=" + tab})
	}
	shots = append(shots, shot{name: "trigger-new", path: endpoint + "/triggers/new"})
	return append(shots, shot{
		name: "endpoint-test-sent", path: endpoint + "?tab=test", wait: "#result-text",
		script: `[...document.querySelectorAll("button")].find(b => b.textContent.includes("Send test"))?.click()`,
	}), nil
}

func cutQuery(path string) string {
	for i, c := range path {
		if c == '?' || c == '#' {
			return path[:i]
		}
	}
	return path
}
