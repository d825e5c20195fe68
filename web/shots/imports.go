package main

import (
	"context"
	"strconv"
	"time"

	"github.com/chromedp/chromedp"
)

// described is a small foreign description with the usual faults, so that the pages have something to report.
const described = `openapi: 3.0
info: {title: Orchard shop, version: 1.0}
servers: [{url: "https://shop.example.com/api/v2"}]
security: [{key: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Shop-Key}
    people: {type: oauth2, flows: {authorizationCode: {authorizationUrl: "https://shop.example.com/authorize", tokenUrl: "https://shop.example.com/token", scopes: {orders.read: read}}}}
paths:
  /orders:
    get:
      tags: [Orders]
      summary: List orders
      operationId: listOrders
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: status, in: query, required: true, schema: {type: string}}]
      responses: {"200": {content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}}
    post:
      tags: [Orders]
      summary: Create an order
      operationId: createOrder
      requestBody: {content: {application/json: {schema: {type: object, required: [customer, lines], properties: {customer: {type: object, properties: {name: {type: string}, phone: {type: string}}}, lines: {type: array, items: {type: object, properties: {sku: {type: string}, quantity: {type: integer}}}}, note: {type: string}}}}}}
      responses: {"201": {description: made}}
  /orders/{id:
    get: {tags: [Orders], summary: Read an order, responses: {"200": {$ref: "https://shop.example.com/common.yaml#/answer"}}}
    delete: {tags: [Orders], summary: Delete an order, responses: {"204": {description: gone}}}
  /invoices/{number}/pdf:
    get: {tags: [Invoices], summary: The invoice as it was sent, operationId: getInvoicePDF, responses: {"200": {content: {application/pdf: {}}}}}
`

// imports reads the description and gives the pages that follow.
func (b *browser) imports(tab context.Context) ([]shot, error) {
	err := b.do(tab, chromedp.Navigate(b.base+"/integrations/import"), chromedp.WaitVisible(chromedp.CSS("textarea[name=document]")))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(tab, 20*time.Second)
	defer cancel()
	_, err = chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector("textarea[name=document]").value = `+strconv.Quote(described)+`; true`))
	if err != nil {
		return nil, err
	}
	if err := b.do(tab, chromedp.Submit(chromedp.CSS("#import-form")), chromedp.WaitVisible(chromedp.CSS("#operations"))); err != nil {
		return nil, err
	}
	path, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname`))
	if err != nil {
		return nil, err
	}
	integration, err := b.first(tab, "/integrations", "tbody a[href^='/integrations/']")
	return []shot{
		{name: "import-pick", path: path + "?n=1"},
		{name: "import-search", path: path + "?n=1", script: `const q = document.querySelector("#pick-q"); q.focus(); q.value = "invoice get"; q.dispatchEvent(new Event("input", {bubbles: true}))`, wait: "#operations tbody tr:only-child"},
		{name: "import-review", path: path + "/review?n=0&n=1&n=2"},
		{name: "import-command", path: cutQuery(integration) + "/endpoints/new", script: `const u = document.querySelector("input[name=url]"); u.value = "curl -X POST https://api.example.com/v1/notes -H 'Authorization: Bearer abc' -d '{\"text\":\"hello\"}'"; u.dispatchEvent(new Event("change", {bubbles: true}))`},
	}, err
}
