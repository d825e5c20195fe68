package main

import (
	"context"

	"github.com/chromedp/chromedp"
)

// psa begins an integration from the preset of ConnectWise and adds the pages that only such a one has.
func (b *browser) psa(ctx context.Context, shots []shot) ([]shot, error) {
	err := b.do(ctx,
		chromedp.Navigate(b.base+"/integrations/new?preset=connectwise"),
		chromedp.Submit(chromedp.CSS("#settings-form form")),
		chromedp.WaitVisible(chromedp.CSS("a[href$='/integrations/connectwise']")),
	)
	const psa, press = "/integrations/connectwise", `document.querySelector("button[name=op][value='`
	return append(shots,
		shot{name: "psa-preset", path: "/integrations/new?preset=connectwise"},
		shot{name: "psa-endpoints", path: psa + "?tab=endpoints"},
		shot{name: "psa-operations", path: psa + "/operations?q=addressformats+put"},
		shot{name: "psa-operations-many", path: psa + "/operations?q=companies"},
		shot{name: "psa-endpoint-new", path: psa + "/endpoints/new"},
		shot{
			name: "psa-endpoint-search", path: psa + "/endpoints/new", wait: ".operation",
			script: `(i => { i.value = "invoice pdf"; i.dispatchEvent(new Event("input", {bubbles: true})) })(document.querySelector("input[name=q]"))`,
		},
		shot{name: "psa-picked", path: psa + "/endpoints/new?method=PUT&path=%2Fcompany%2FaddressFormats%2F%7Bid%7D"},
		shot{name: "psa-conditions", path: psa + "/endpoints/listTickets", wait: ".rows-conditions", script: press + `conditions-open:conditions']").click()`},
		shot{name: "psa-parameters", path: psa + "/endpoints/patchTicket", wait: "[name=parameters]", script: press + `parameters-text']").click()`},
		shot{name: "psa-patch", path: psa + "/endpoints/patchTicket"},
	), err
}
