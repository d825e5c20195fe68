package web

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/response"
	"tieline/internal/run"
	"tieline/views"
	"tieline/views/ui"
)

// test sends the endpoint as it stands in the form, and shows the result beside the button.
func (h endpoints) test(c echo.Context) error {
	of, f, form, err := h.posted(c)
	if err != nil {
		return err
	}
	f.RunID = ""
	asked, bad := h.request(of, f, form)
	if bad != nil {
		return h.tested(c, http.StatusUnprocessableEntity, of, f, form, &views.TestResult{Error: "This cannot be sent yet.", Problems: bad})
	}
	done, err := h.Control.Test(c.Request().Context(), actor(c), asked)
	if fields, ok := problems(err); ok {
		return h.tested(c, http.StatusUnprocessableEntity, of, f, form, &views.TestResult{Error: "This cannot be sent yet.", Problems: testKeys(fields)})
	}
	if err != nil {
		return err
	}
	f.RunID = done.ID
	return h.tested(c, http.StatusOK, of, f, form, &views.TestResult{Run: done, Tree: treeOf(done, f.Endpoint.Response)})
}

// tested shows the form with a result; a page that was posted without scripts opens the Test tab.
func (h endpoints) tested(c echo.Context, status int, of db.StoredIntegration, f views.EndpointForm, form url.Values, result *views.TestResult) error {
	if !partial(c) {
		f.Tab = "test"
	}
	maps.Copy(f.Problems, result.Problems)
	f.RunID = ""
	v, err := h.view(c, of, f, form)
	if err != nil {
		return err
	}
	v.Result = result
	return render(c, status, views.EndpointPage(v), endpointRegions...)
}

// preview shows the request as it would be sent. It is asked while somebody types, so it never complains.
func (h endpoints) preview(c echo.Context) error {
	of, f, form, err := h.posted(c)
	if err != nil {
		return err
	}
	applyTexts(&f, "")
	v, err := h.view(c, of, f, form)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.EndpointPage(v), endpointRegions...)
}

// request is the test that the form asks for, or what is wrong with it.
func (h endpoints) request(of db.StoredIntegration, f views.EndpointForm, form url.Values) (control.TestRequest, map[string]string) {
	bad := map[string]string{}
	maps.Copy(bad, f.Problems)
	if applyTexts(&f, "") {
		maps.Copy(bad, f.Problems)
	}
	draft := finished(f)
	t := control.TestRequest{Definition: &draft}
	t.Integration, t.Endpoint, t.Integrator = of.Document.Name, f.Was, text(form, "test.integrator")
	t.Record.ID, t.Record.Type = text(form, "test.record_id"), text(form, "test.record_type")
	readJSON(form, "test.tokens", &t.Tokens, bad)
	readJSON(form, "test.data", &t.Record.Data, bad)
	if text(form, "test.input") != "" {
		t.HasInput = readJSON(form, "test.input", &t.Input, bad)
	}
	if t.Integrator == "" {
		bad["test.integrator"] = "Choose an integrator."
	}
	if len(bad) > 0 {
		return t, bad
	}
	return t, nil
}

// readJSON reads a JSON field of the test; an empty one leaves into as it is.
func readJSON(form url.Values, key string, into any, bad map[string]string) bool {
	raw := strings.TrimSpace(block(form, key))
	if raw == "" {
		return false
	}
	err := document.DecodeJSON([]byte(raw), into)
	if err == nil {
		return true
	}
	bad[key] = jsonProblem(err)
	return false
}

// jsonProblem is the first thing wrong with a JSON text.
func jsonProblem(err error) string {
	if e, ok := errors.AsType[*fault.Error](err); ok && len(e.Problems) > 0 {
		return e.Problems[0].Message
	}
	return fault.MessageOf(err)
}

// testKeys keys the problems of a call as the form's fields are called.
func testKeys(fields map[string]string) map[string]string {
	keyed := map[string]string{}
	for key, message := range fields {
		switch name, rest, _ := strings.Cut(key, "."); name {
		case "definition":
			key = rest
		case "integrator", "customer":
			key = "test.integrator"
		case "tokens", "input":
			key = "test." + name
		case "record":
			key = "test.record_id"
		}
		keyed[key] = message
	}
	return keyed
}

// testForm is what a test is made with: as typed, else the newest record that the endpoint ran with.
func (h endpoints) testForm(c echo.Context, of db.StoredIntegration, f views.EndpointForm, form url.Values) (views.TestForm, error) {
	choices, err := h.integratorChoices(c, of)
	if err != nil {
		return views.TestForm{}, err
	}
	t := views.TestForm{Integrators: choices}
	if form != nil {
		t.Integrator, t.RecordID, t.RecordType = text(form, "test.integrator"), text(form, "test.record_id"), text(form, "test.record_type")
		t.Tokens, t.Data, t.Input = block(form, "test.tokens"), block(form, "test.data"), block(form, "test.input")
	} else if err := h.prefill(c, of, f, &t); err != nil {
		return t, err
	}
	if t.Integrator == "" && len(choices) > 0 {
		t.Integrator = choices[0].Value
	}
	return t, nil
}

func (h endpoints) prefill(c echo.Context, of db.StoredIntegration, f views.EndpointForm, t *views.TestForm) error {
	if f.New() {
		return nil
	}
	d, err := h.Control.TestDefaults(c.Request().Context(), actor(c), of.Document.Name, f.Was)
	if err != nil {
		return err
	}
	t.Integrator, t.RecordID, t.RecordType = d.Integrator, d.Record.ID, d.Record.Type
	t.Tokens, t.Data = pretty(d.Tokens, len(d.Tokens) > 0), pretty(d.Record.Data, len(d.Record.Data) > 0)
	t.Input = pretty(d.Input, d.HasInput)
	if t.Tokens == "" && t.Data == "" {
		t.Tokens = sampleTokens(f.Endpoint)
	}
	for _, choice := range t.Integrators {
		if choice.Value == t.Integrator {
			return nil
		}
	}
	t.Integrator = ""
	return nil
}

func pretty(value any, there bool) string {
	if !there {
		return ""
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}

func (h endpoints) integratorChoices(c echo.Context, of db.StoredIntegration) ([]ui.Option, error) {
	rows, err := integrations(h).integratorRows(c, of)
	if err != nil {
		return nil, err
	}
	var choices []ui.Option
	for _, r := range rows {
		label := r.CustomerName
		if r.Label != "" {
			label += " – " + r.Label
		}
		if !r.Enabled {
			label += " (off)"
		}
		choices = append(choices, ui.Option{Value: r.ID, Label: label})
	}
	return choices, nil
}

// previewOf renders the request of the form as far as it goes.
func (h endpoints) previewOf(c echo.Context, of db.StoredIntegration, f views.EndpointForm, t views.TestForm) views.Preview {
	if f.Endpoint.URL == "" {
		return views.Preview{Error: "Type a URL to see the request here."}
	}
	form := url.Values{
		"test.integrator": {t.Integrator}, "test.record_id": {t.RecordID}, "test.record_type": {t.RecordType},
		"test.tokens": {t.Tokens}, "test.data": {t.Data}, "test.input": {t.Input},
	}
	asked, bad := h.request(of, f, form)
	delete(bad, "test.integrator")
	p := views.Preview{}
	for key, message := range bad {
		p.Problems = append(p.Problems, run.Problem{Field: key, Message: message})
	}
	shown, err := h.Control.Preview(c.Request().Context(), actor(c), asked)
	if err != nil {
		p.Error = fault.MessageOf(err)
		for key, message := range testKeys(mustFields(err)) {
			p.Problems = append(p.Problems, run.Problem{Field: key, Message: message})
		}
		return p
	}
	p.Request, p.Tokens = shown.Request, shown.Tokens
	p.Problems = append(p.Problems, shown.Problems...)
	return p
}

func mustFields(err error) map[string]string {
	fields, _ := fault.FieldsOf(err)
	return fields
}

// treeOf is the last answer of a run as values to click; nil where there is nothing to pick.
func treeOf(r run.Run, def integration.Response) *views.Node {
	answer := lastAnswer(r)
	if answer == nil || len(answer.Body) == 0 || answer.Truncated {
		return nil
	}
	root, err := response.Tree(answer.Body, answer.Header("Content-Type"), def)
	if err != nil {
		return nil
	}
	node := viewNode(root)
	return &node
}

// lastAnswer is the answer that values are picked from: the last one, of a list its first page, which is where
// response key and outputs are looked for.
func lastAnswer(r run.Run) *run.Response {
	if len(r.Attempts) > 0 {
		for _, x := range r.Attempts[0].Exchanges {
			if x.Paging != nil {
				return x.Response
			}
		}
	}
	for _, attempt := range slices.Backward(r.Attempts) {
		for _, x := range slices.Backward(attempt.Exchanges) {
			if x.Response != nil && x.Purpose == "" {
				return x.Response
			}
		}
	}
	return nil
}

func viewNode(n response.Node) views.Node {
	out := views.Node{Key: n.Key, Path: n.Path, Kind: n.Kind, Text: n.Text, More: n.More}
	for _, kid := range n.Children {
		out.Children = append(out.Children, viewNode(kid))
	}
	return out
}
