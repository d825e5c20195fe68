package preset

import (
	"encoding/json"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// DemoCustomers are the two companies of the demo. They do not exist.
func DemoCustomers() []account.Customer {
	return []account.Customer{
		{Slug: "harbour-bakery", Name: "Harbour Bakery", CallcenterID: "CC-1001", Enabled: true, Notes: "Demo customer. Everything is set up and works."},
		{Slug: "lantern-dental", Name: "Lantern Dental", CallcenterID: "CC-1002", Enabled: true, Notes: "Demo customer. Its CRM key is out of date, to show what that looks like."},
	}
}

// DemoIntegrator is one customer's use of a demo integration. Secrets are in clear and open nothing but the
// sandbox; Value has neither ids nor sealed secrets.
type DemoIntegrator struct {
	Customer    string // slug
	Integration string // name
	Value       integration.Integrator
	Secrets     map[string]secret.Text
}

// DemoIntegrators are the demo's integrators, with the sandbox at the given host and port.
func DemoIntegrators(hostPort string) []DemoIntegrator {
	at := func(customer, name, description string) DemoIntegrator {
		return DemoIntegrator{Customer: customer, Integration: name, Secrets: map[string]secret.Text{}, Value: integration.Integrator{
			Description: description, Host: hostPort, BaseURL: "http://" + hostPort, AllowHTTP: true,
			Auth: integration.Auth{Kind: "none"}, Fields: map[string]string{}, Enabled: true,
		}}
	}
	crm := at("harbour-bakery", "sandbox-crm", "The bakery's contacts.")
	crm.Secrets["field.ApiKey"] = secret.NewText(crmKey)
	crm.Value.CallcenterID = "CC-1001"
	crm.Value.Info = json.RawMessage(info)
	crm.Value.Iframe = json.RawMessage(iframe)

	stale := at("lantern-dental", "sandbox-crm", "The key was replaced in the CRM and not here: every call is refused.")
	stale.Secrets["field.ApiKey"] = secret.NewText("sandbox-crm-key-of-last-year")
	stale.Value.CallcenterID = "CC-1002"

	sms := at("harbour-bakery", "sandbox-sms", "Order reminders.")
	sms.Secrets["field.ApiKey"], sms.Secrets["field.SecretKey"] = secret.NewText(smsKey), secret.NewText(smsSecret)
	sms.Value.Fields["Sender"] = "BAKERY"

	reminders := at("lantern-dental", "sandbox-sms", "Appointment reminders.")
	reminders.Secrets["field.ApiKey"], reminders.Secrets["field.SecretKey"] = secret.NewText(smsKey), secret.NewText(smsSecret)

	office := at("harbour-bakery", "sandbox-office", "Invoices and companies.")
	office.Value.Auth = integration.Auth{Kind: "basic", Settings: map[string]string{"username": companyID + "+" + publicKey}}
	office.Value.Fields["ClientId"], office.Value.Fields["PortalUser"] = clientID, user
	office.Secrets["auth.password"] = secret.NewText(privateKey)
	office.Secrets["field.InvoiceToken"] = secret.NewText(invoiceToken)
	office.Secrets["field.PortalPassword"] = secret.NewText(password)

	return []DemoIntegrator{crm, stale, sms, reminders, office}
}

// The sandbox's public credentials; a test holds that they are the same.
const (
	crmKey       = "sandbox-crm-key-5d41402a"
	smsKey       = "sandbox-sms-key-7c211433"
	smsSecret    = "sandbox-sms-secret-90c1"   //nolint:gosec // public on purpose, opens only the fake
	invoiceToken = "sandbox-invoice-token-3f7" //nolint:gosec // public on purpose, opens only the fake
	user         = "sandbox"
	password     = "sandbox-password-1138"
	companyID    = "acme"
	publicKey    = "sandboxpublic"
	privateKey   = "sandbox-private-key-66b1"
	clientID     = "6f1a7c1e-0000-4000-8000-5a9db0c5a1de"
)

// What a call-centre panel would show; kept and exported with the integrator.
const (
	info = `{
  "renderTooltip": [{"path": "/contacts", "element": ".phone"}],
  "listOptions": [{"name": "auto_create_ticket", "label": "Make a ticket after every call"}]
}`
	iframe = `{
  "title": "{{ctx.contact.name}}",
  "sections": [{"title": "Contact", "rows": [{"label": "Company", "value": "{{ctx.contact.company}}"}]}],
  "actions": ["ticket"]
}`
)

// DemoCall is one call of the demo and how it ends.
type DemoCall struct {
	Customer, Integration, Endpoint string
	Tokens                          map[string]any
	Input                           map[string]any // nil: none
	RecordType, RecordID            string
	Record                          map[string]any
	CorrelationID                   string
	Test                            bool
	Status                          run.Status
	Cause                           run.Cause // "" for one that succeeds
}

// lead is a record of the demo.
func lead(id, first, last, phone, status string) map[string]any {
	return map[string]any{"id": id, "first_name": first, "last_name": last, "phone_number": phone, "status": status}
}

// DemoCalls are the runs that fill the log: each in the order to be made, good ones and every everyday failure.
// None of them takes longer than a moment.
func DemoCalls() []DemoCall {
	good, failed := run.Succeeded, run.Failed
	fault := func(name string) map[string]any { return map[string]any{"fault": name} }
	front := lead("101", "Front", "Desk", "+15551234567", "SALE")
	billing := lead("102", "Billing", "Desk", "+15551234568", "APPT")
	nobody := lead("103", "Unknown", "Caller", "+15559990000", "NEW")
	crm := func(endpoint string, record, input map[string]any, status run.Status, cause run.Cause) DemoCall {
		id, _ := record["id"].(string)
		return DemoCall{
			Customer: "harbour-bakery", Integration: "sandbox-crm", Endpoint: endpoint, Input: input, RecordType: "lead", RecordID: id,
			Record: record, CorrelationID: "call-" + id, Status: status, Cause: cause,
		}
	}
	sms := func(customer, phone, text string, status run.Status, cause run.Cause) DemoCall {
		return DemoCall{
			Customer: customer, Integration: "sandbox-sms", Endpoint: "sendSMS", Tokens: map[string]any{"phone_number": phone},
			Input: map[string]any{"message": text}, Status: status, Cause: cause,
		}
	}
	office := func(endpoint string, tokens, input map[string]any, status run.Status, cause run.Cause) DemoCall {
		return DemoCall{Customer: "harbour-bakery", Integration: "sandbox-office", Endpoint: endpoint, Tokens: tokens, Input: input, Status: status, Cause: cause}
	}
	invoice := func(number string) map[string]any { return map[string]any{"InvoiceNumber": number} }

	calls := []DemoCall{
		crm("findContact", front, nil, good, ""),
		crm("findContact", billing, nil, good, ""),
		crm("findContact", nobody, nil, failed, run.KeyMissing),
		crm("findContact", front, fault("login_page"), failed, run.LoginPage),
		crm("findContact", front, fault("rate_limit"), failed, run.RateLimited),
		crm("findContact", front, fault("expired"), failed, run.Unauthorized),
		crm("findContact", billing, fault("renamed"), failed, run.KeyMissing),
		crm("findContact", billing, fault("wrong_type"), failed, run.BadType),
		crm("findContact", map[string]any{"id": "104", "first_name": "No", "last_name": "Number"}, nil, failed, run.UnknownToken),
		crm("getContact", front, map[string]any{"id": "501"}, good, ""),
		crm("getContact", front, map[string]any{"id": "999"}, failed, run.HTTPStatus),
		crm("getContact", front, map[string]any{"id": "501", "fault": "null"}, failed, run.ValueNull),
		crm("saveLead", front, nil, good, ""),
		crm("saveLead", billing, fault("error_in_200"), failed, run.Rule),
		crm("saveLead", billing, fault("500"), failed, run.HTTPStatus),
		sms("harbour-bakery", "+15551234567", "Your order is ready from 10:00.", good, ""),
		sms("harbour-bakery", "12", "Your order is ready from 10:00.", failed, run.Rule),
		sms("lantern-dental", "+15557654321", "See you tomorrow at 9:30.", good, ""),
		office("GetInvoiceImage", invoice("INV0000001"), nil, good, ""),
		office("GetInvoiceImage", invoice("INV0000002"), fault("broken_pdf"), failed, run.NotDocument),
		office("GetInvoiceImage", invoice("2026-17"), nil, failed, run.HTTPStatus),
		office("listCompanies", nil, nil, good, ""),
		office("listCompanies", nil, fault("truncated"), failed, run.Parse),
		office("signIn", nil, nil, good, ""),
		office("LoginWithToken", map[string]any{"authToken": "one-time-4711", "ipAddress": "192.0.2.10"}, nil, good, ""),
		office("LoginWithToken", map[string]any{"authToken": "expired", "ipAddress": "192.0.2.10"}, nil, failed, run.Unauthorized),
	}
	stale := crm("findContact", lead("201", "Reception", "Desk", "+15557654321", "NEW"), nil, failed, run.Unauthorized)
	stale.Customer = "lantern-dental"
	calls = append(calls, stale, crm("findContact", front, nil, good, ""))
	calls[len(calls)-1].Test = true
	return calls
}
