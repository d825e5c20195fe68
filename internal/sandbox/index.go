package sandbox

import (
	"html/template"
	"net/http"
)

type route struct{ Method, Path, Does, Needs string }

func routes() []route {
	return []route{
		{"GET", "/crm/contacts?phone=" + KnownPhone, "contacts by phone number: results.0.id", "header ApiKey: " + CRMKey},
		{"GET", "/crm/contacts/" + KnownContact, "one contact", "header ApiKey: " + CRMKey},
		{"POST", "/sms/send", "fields Phone, Content; answers 200 with CodeResult (100 is good) and SMSID", "fields ApiKey: " + SMSKey + ", SecretKey: " + SMSSecret},
		{"GET", "/invoices/INV0000001.pdf", "an invoice; also .png and .jpg", "Authorization: Bearer " + InvoiceToken + ", or a token of /login"},
		{"GET", "/connectwise/v4_6_release/apis/3.0/company/companies?page=1&pageSize=25", "137 companies in pages, with a Link header", "Basic " + CompanyID + "+" + PublicKey + " : " + PrivateKey + " and header clientId: " + ClientID},
		{"GET", psaBase + "/system/info", "the version; also company/companies/{id}, service/tickets, finance/invoices/{id}/pdf, system/documents/{id}/download", "the same"},
		{"POST", psaBase + "/service/tickets", "makes a ticket with summary and company; also time/entries, and PATCH service/tickets/{id}", "the same"},
		{"POST", psaBase + "/company/configurations/bulk", "takes a list and judges each item: 207", "the same"},
		{"POST", "/login", "access_token and expires_in; ?expires_in= makes it shorter", `{"user":"` + User + `","password":"` + Password + `"}`},
		{"POST", "/validate", `{"authToken": any but "expired"} gives ContactEmail and ContactId`, "nothing"},
		{"POST", "/leads", "takes a JSON object or a form and gives an id", "nothing"},
		{"ANY", "/echo", "shows the request as JSON", "nothing"},
	}
}

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox vendor</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;border-bottom:1px solid #ccc;padding:.4rem .6rem .4rem 0}code{overflow-wrap:anywhere}</style></head>
<body><h1>Sandbox vendor</h1><p>A third party that does not exist, to try calls on. Nothing is stored and nothing leaves.</p>
<h2>What it offers</h2><table><tr><th>Method<th>Address<th>Does<th>Asks for</tr>
{{range .Routes}}<tr><td>{{.Method}}<td><code>{{.Path}}</code><td>{{.Does}}<td><code>{{.Needs}}</code></tr>
{{end}}</table>
<h2>How it fails</h2><p>Add <code>?fault=NAME</code> to an address, or send the header <code>{{.Header}}</code>.</p>
<table><tr><th>Name<th>Does</tr>
{{range .Faults}}<tr><td><code>{{.Name}}</code><td>{{.Does}}</tr>
{{end}}</table></body></html>
`))

// index lists what the sandbox offers and how it fails.
func index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = indexPage.Execute(w, struct {
		Routes []route
		Faults []Fault
		Header string
	}{routes(), Faults(), FaultHeader})
}
