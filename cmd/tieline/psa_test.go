package main

import "testing"

// TestAnOperationIsPickedWithAndWithoutScripts finds an operation of ConnectWise by the keyboard alone: while one
// types, and without scripts by a press of Enter.
func TestAnOperationIsPickedWithAndWithoutScripts(t *testing.T) {
	b := newTab(t)
	h := keyboard{b}
	s := owned(t, mouse{b}, b)
	h.open(s.url + "/integrations/new?preset=connectwise")
	h.press("main button.btn-primary[value=save]")
	b.waitText("main table", "ConnectWise PSA")
	const fresh = "/integrations/connectwise/endpoints/new"
	const first = "#operations li:first-child a"
	for _, scripts := range []bool{true, false} {
		b.size(1280, false, scripts)
		h.open(s.url + fresh)
		h.fill("input[name=q]", "addressformats put")
		if !scripts {
			b.press("\r")
		}
		b.waitText(first, "/company/addressFormats/{id}")
		h.press(first)
		b.waitFor("[name='path.0.name'][value=id]")
		b.until(`document.querySelector("[name=method]").value === "PUT" && document.querySelector("[name=url]").value === "/company/addressFormats/{id}"`)
	}
}

// The pages that only ConnectWise has are read with axe and fit a small screen.
func TestThePagesOfConnectWiseAreAccessible(t *testing.T) {
	b := newTab(t)
	s := owned(t, mouse{b}, b)
	b.post("/integrations/new", [][2]string{{"op", "save"}, {"name", "psa"}, {"label", "PSA"}, {"type", "psa"}, {"preset", "connectwise"}, {"enabled", "on"}})
	const psa = "/integrations/psa"
	b.size(375, true, true)
	for _, page := range []struct{ path, press string }{
		{"/integrations/new", ""},
		{psa + "/operations?q=companies", ""},
		{psa + "/endpoints/listTickets", "conditions-open:conditions"},
		{psa + "/endpoints/patchTicket", "parameters-text"},
		{psa + "/endpoints/patchTicket", ""},
	} {
		b.open(s.url + page.path)
		if page.press != "" {
			b.click(`button[name=op][value="` + page.press + `"]`)
			b.until(`document.querySelector('button[name=op][value="` + page.press + `"]') === null`)
		}
		if b.overflows() {
			t.Errorf("%s %s is wider than 375 px: %s", page.path, page.press, b.widest())
		}
		for _, finding := range b.axe() {
			t.Errorf("%s %s: %s", page.path, page.press, finding)
		}
	}
}
