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
