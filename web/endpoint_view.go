package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

// view fills the page of an endpoint: what its tab needs, and nothing else. form is what was posted, nil where
// the page is only asked for.
func (h endpoints) view(c echo.Context, of db.StoredIntegration, f views.EndpointForm, form url.Values) (views.EndpointView, error) {
	name := of.Document.Name
	title := "Add endpoint"
	if !f.New() {
		title = f.Stored.Title() + " – " + of.Document.Title()
	}
	v := views.EndpointView{Page: h.page(c, title, "integrations"), Of: of.Document}
	f.Integration, f.Parameters, f.Others = name, of.Document.Parameters, others(of.Document, f.Was)
	f.ReadOnly = !mayEdit(c)
	f.Managed, f.Hint = managed(f.Endpoint.Headers), contentTypeHint(f.Endpoint)
	if f.Problems == nil {
		f.Problems = map[string]string{}
	}
	f.Conditional = conditional(of.Document, f.Endpoint)
	settlePatch(&f, of.Document.Preset == "connectwise")
	if f.New() && f.Endpoint.URL == "" {
		v.Operations = operations(h).offer(v.Page, of.Document)
	}
	var err error
	switch f.Tab {
	case "triggers":
		v.Triggers = triggers(h).shown(of, f.Endpoint)
	case "logs":
		v.Logs, err = h.integrationLogs(c, v.Page, of, f.Was)
	case "history":
		v.History, err = h.history(c, of, f.Was)
	default:
		if !f.CURL { // of a command everything would be wrong
			if f.Warnings, err = h.warnings(c, of, f); err != nil {
				return v, err
			}
		}
		v.Form = f
		err = h.fillTest(c, of, &v, form)
	}
	v.Form = f
	return v, err
}

func others(in integration.Integration, was string) []string {
	var names []string
	for _, e := range in.Endpoints {
		if e.Name != was {
			names = append(names, e.Name)
		}
	}
	return names
}

// warnings are what is worth a look in the endpoint as it stands in the form, by field.
func (h endpoints) warnings(c echo.Context, of db.StoredIntegration, f views.EndpointForm) (map[string]string, error) {
	found := map[string]string{}
	if f.New() && f.Endpoint.URL == "" {
		return found, nil
	}
	in, draft := of.Document, finished(f)
	at := -1
	in.Endpoints = append([]integration.Endpoint{}, in.Endpoints...)
	for i, e := range in.Endpoints {
		if e.Name == f.Was {
			at = i
		}
	}
	if at < 0 {
		at = len(in.Endpoints)
		in.Endpoints = append(in.Endpoints, draft)
	}
	in.Endpoints[at] = draft
	prefix := "endpoints." + strconv.Itoa(at) + "."
	problems, err := h.Control.Problems(c.Request().Context(), actor(c).Scope, of.ID, in)
	for _, p := range problems {
		key, mine := strings.CutPrefix(p.Field, prefix)
		if mine {
			found[key] = strings.TrimSpace(found[key] + " " + p.Message)
		}
	}
	return found, err
}

// fillTest fills what a test is made with, the last result and the preview.
func (h endpoints) fillTest(c echo.Context, of db.StoredIntegration, v *views.EndpointView, form url.Values) error {
	who := actor(c)
	if !who.Role.May(account.Test) {
		return nil
	}
	t, err := h.testForm(c, of, v.Form, form)
	if err != nil {
		return err
	}
	v.Test = t
	v.Tokens = tokenGroups(of.Document, v.Form.Endpoint)
	variables, err := h.DB.AllVariables(c.Request().Context(), who.Scope)
	if err != nil {
		return err
	}
	v.Tokens = append(v.Tokens, variableTokens(variables)...)
	if v.Form.RunID != "" {
		if v.Result, err = h.resultOf(c, of, v.Form); err != nil {
			return err
		}
	}
	if v.Form.CURL {
		v.Preview = &views.Preview{Error: "The URL is a cURL command. Fill the form from it first."}
		return nil
	}
	preview := h.previewOf(c, of, v.Form, t)
	v.Preview = &preview
	return nil
}

// resultOf shows a test again beside a form that came back. A form that names any other run shows nothing:
// those are read on their own pages, which keep an eye on who does.
func (h endpoints) resultOf(c echo.Context, of db.StoredIntegration, f views.EndpointForm) (*views.TestResult, error) {
	r, err := h.DB.Run(c.Request().Context(), actor(c).Scope, f.RunID)
	switch {
	case err == nil && (!r.Test || r.IntegrationID != of.ID || r.Endpoint != f.Was && !f.New()):
		return nil, nil //nolint:nilnil // nothing to show is no trouble
	case err == nil:
		return &views.TestResult{Run: r, Tree: treeOf(r, f.Endpoint.Response)}, nil
	case fault.KindOf(err) == fault.NotFound:
		err = nil // there is no such run any more: nothing to show
	}
	return nil, err
}

// tokenGroups are the tokens that can be clicked in.
func tokenGroups(of integration.Integration, e integration.Endpoint) []views.TokenGroup {
	fields := []views.TokenHint{{Name: "host", Help: "The integrator’s host."}}
	for _, p := range of.Parameters {
		fields = append(fields, views.TokenHint{Name: "field." + p.Name, Help: p.Title() + " of the integrator."})
	}
	groups := []views.TokenGroup{{Title: "Integrator", Tokens: fields}}
	groups = append(groups, views.TokenGroup{Title: "Call and event", Tokens: hints(
		"phone_number", "first_name", "last_name", "email", "record.id", "call_log_id", "agent_email", "InvoiceNumber", "authToken", "ipAddress", "input.id", "ctx.contact.id")})
	var hard []views.TokenHint
	for _, r := range e.Hard {
		if r.Name != "" {
			hard = append(hard, views.TokenHint{Name: "hard." + r.Name, Help: "Hard parameter."})
		}
	}
	if len(hard) > 0 {
		groups = append(groups, views.TokenGroup{Title: "Hard parameters", Tokens: hard})
	}
	return append(groups, views.TokenGroup{Title: "Tieline", Tokens: []views.TokenHint{
		{Name: "auth.token", Help: "The access token with its prefix, or the signature."},
		{Name: "auth.timestamp", Help: "The moment that a signature covers, in Unix seconds."},
		{Name: "auth.nonce", Help: "The random text that a signature covers."},
		{Name: "run.id", Help: "The id of this run."},
		{Name: "now", Help: "This moment."},
		{Name: "state.last_success_at", Help: "When the last run that succeeded began, in UTC; none before the first. Tests do not count."},
	}})
}

// variableTokens are the variables that can be clicked in, each name once; none where there are none.
func variableTokens(variables []account.Variable) []views.TokenGroup {
	var tokens []views.TokenHint
	for i, v := range variables { // they come by name
		if i == 0 || v.Name != variables[i-1].Name {
			tokens = append(tokens, views.TokenHint{Name: "var." + v.Name, Help: "The variable ${" + v.Name + "}."})
		}
	}
	if len(tokens) == 0 {
		return nil
	}
	return []views.TokenGroup{{Title: "Variables", Tokens: tokens}}
}

func hints(names ...string) []views.TokenHint {
	tokens := make([]views.TokenHint, 0, len(names))
	for _, name := range names {
		tokens = append(tokens, views.TokenHint{Name: name})
	}
	return tokens
}
