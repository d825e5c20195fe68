package catalogue

import (
	"strconv"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/token"
)

func TestNamesOfEndpoints(t *testing.T) {
	t.Parallel()
	tests := []struct{ id, method, path, want string }{
		{"listTickets", "GET", "/x", "listTickets"},
		{"listTickets ", "GET", "/x", "listTickets"},
		{"List Tickets (all)", "GET", "/x", "listTicketsAll"},
		{"tickets.list-all", "GET", "/x", "ticketsListAll"},
		{"get-/crm/v3/objects/contacts/{contactId}_getById", "GET", "/crm/v3/objects/contacts/{contactId}", "getCrmObjectsContactsByContactId"},
		{"", "GET", "/api/v2/orders/{id}/lines", "getOrdersLines"},
		{"", "DELETE", "/orders/123/5f0c8a52-1111-4222-8333-444455556666", "deleteOrders"},
		{"", "POST", "/", "post"},
		{"new", "GET", "/x", "newOne"},
		{"5 things", "GET", "/x", "things"},
		{"größer", "GET", "/x", "grEr"},
		{strings.Repeat("a", 80), "GET", "/x", strings.Repeat("a", 64)},
	}
	for _, tt := range tests {
		got := EndpointName(tt.id, tt.method, tt.path)
		if got != tt.want {
			t.Errorf("EndpointName(%q, %s) = %q, want %q", tt.id, tt.path, got, tt.want)
		}
		e := integration.Endpoint{Name: got, URL: "/x"}
		if err := e.Validate(integration.Integration{}); err != nil {
			t.Errorf("%q is refused: %v", got, err)
		}
	}
}

func TestTakenNamesGetANumberWithinTheLimit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	taken := Taken{}
	for _, want := range []string{"x", "x2", "x3", long, long[:63] + "2", "call"} {
		name := strings.TrimRight(want, "23")
		if strings.HasPrefix(want, "aa") {
			name = long
		}
		if want == "call" {
			name = ""
		}
		if got := taken.Free(name); got != want {
			t.Errorf("Free(%q) = %q, want %q", name, got, want)
		}
	}
}

// A token always means a value of the event or the call, whatever the vendor called it.
func TestTokensOfForeignNamesMeanTheEvent(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"{{subject}}": {"subject"}, "{{filter_name}}": {"filter[name]"}, "{{event.host}}": {"host"}, "{{event.now}}": {"now"}, "{{state}}": {"state"},
		"{{event.state.name}}": {"state", "name"}, "{{lines.0.sku}}": {"lines", "0", "sku"}, "{{p2fa}}": {"2fa"}, "{{p}}": {"é"},
	}
	for want, path := range tests {
		got := Token(path...)
		if got != want {
			t.Errorf("Token(%q) = %s, want %s", path, got, want)
		}
		parsed, err := token.Parse(got)
		if err != nil || len(parsed.Parts) != 1 || parsed.Parts[0].Token == nil || parsed.Parts[0].Token.Namespace != token.Event {
			t.Errorf("%s is no token of the event: %v", got, err)
		}
	}
	if parsed, err := token.Parse(Literal(`a\\{{x}}`)); err != nil || parsed.Parts[0].Token != nil || len(parsed.Parts) != 1 {
		t.Errorf("a literal became a token: %+v (%v)", parsed.Parts, err)
	}
	for _, text := range []string{"plain", "{{x}}", "${X}", "a {{ b", "{{{{"} {
		parsed, err := token.Parse(Literal(text))
		if err != nil || len(parsed.Parts) != 1 || parsed.Parts[0].Literal != text {
			t.Errorf("Literal(%q) reads as %+v (%v)", text, parsed.Parts, err)
		}
	}
}

func TestSlugsAreNamesOfIntegrations(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{"Xero Accounting API": "xero-accounting-api", "": "imported", "Import": "imported", "Ünï": "n", strings.Repeat("long ", 30): "long-long-long-long-long-long-long-long-"[:39]} {
		if got := Slug(title); got != want {
			t.Errorf("Slug(%q) = %q, want %q", title, got, want)
		}
		if err := (integration.Integration{Name: Slug(title)}).Validate(); err != nil {
			t.Errorf("%q is refused: %v", Slug(title), err)
		}
	}
}

func TestOnlyParametersThatAreUsedComeAlong(t *testing.T) {
	t.Parallel()
	c := Catalogue{Parameters: []integration.Parameter{{Name: "A"}, {Name: "B"}, {Name: "C"}, {Name: "D"}, {Name: "Unused"}}}
	before := integration.Integration{Name: "x", Parameters: []integration.Parameter{{Name: "A", Label: "Mine"}}, Endpoints: []integration.Endpoint{{Name: "call"}}}
	picked := Named(before, []Operation{
		{Endpoint: integration.Endpoint{Name: "call", Params: []string{"A", "B"}}},
		{Endpoint: integration.Endpoint{Name: "call", Query: []integration.Row{{Name: "q", Source: "field", Value: "C"}}, Body: integration.Body{Content: "{{field.D}}"}}},
	})
	after := c.Into(before, picked)
	var names []string
	for _, p := range after.Parameters {
		names = append(names, p.Name+p.Label)
	}
	for _, e := range after.Endpoints {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "AMine B C D call call2 call3" {
		t.Errorf("got %s", got)
	}
	if len(before.Endpoints) != 1 || len(before.Parameters) != 1 {
		t.Error("the integration that was added to was changed")
	}
}

func TestTheReportIsBounded(t *testing.T) {
	t.Parallel()
	var c Catalogue
	for i := range 1000 {
		c.Note(strings.Repeat("x", 1000), "same")
		c.Note(strconv.Itoa(i), "other")
	}
	if len(c.Notes) != maxNotes || c.MoreNotes == 0 || len(c.Notes[0].Place) > 250 {
		t.Errorf("%d notes and %d more, the first place has %d bytes", len(c.Notes), c.MoreNotes, len(c.Notes[0].Place))
	}
}
