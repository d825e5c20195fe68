package views

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/views/ui"
)

// EndpointView is everything on the page of one endpoint. Only the part of the current tab is filled.
type EndpointView struct {
	Page
	Of       integration.Integration
	Form     EndpointForm
	Test     TestForm
	Result   *TestResult // the last test, beside the button
	Preview  *Preview
	Tokens   []TokenGroup
	Triggers TriggersView    // tab Triggers
	Logs     templ.Component // tab Logs
	History  History         // tab History
	Conflict *Conflict
	// Operations searches for an operation to begin with; nil where there is no catalogue or no need.
	Operations *OperationsView
}

// TestForm is what a test is made with, as typed.
type TestForm struct {
	Integrators []ui.Option // id and title
	Integrator  string
	RecordType  string
	RecordID    string
	Tokens      string // JSON
	Data        string // JSON
	Input       string // JSON
	Open        bool   // the JSON fields are worth showing
}

// TestResult is a run with what can be done about it from here.
type TestResult struct {
	Run      run.Run
	Tree     *Node  // the answer's values, to click one; nil where it has none
	Error    string // no run was made, and why
	Problems map[string]string
}

// subject is the address that an owner may allow, "" for none.
func (r TestResult) subject() string {
	if r.Run.Failure == nil {
		return ""
	}
	return r.Run.Failure.Subject
}

// withoutSubject is the run for a Why box inside the form, which allows an address by a button of its own.
func (r TestResult) withoutSubject() run.Run {
	shown := r.Run
	if shown.Failure != nil {
		why := *shown.Failure
		why.Subject = ""
		shown.Failure = &why
	}
	return shown
}

func (r TestResult) exchanges() []run.Exchange {
	var all []run.Exchange
	for _, a := range r.Run.Attempts {
		all = append(all, a.Exchanges...)
	}
	return all
}

// Node is one value of an answer. Path is what the response key would be; Children are nil for a plain value.
type Node struct {
	Key      string
	Path     string
	Kind     string // "object", "list", "text", "number", "true", "null" …
	Text     string
	Children []Node
	More     int // values that are not shown
}

// Preview is a request as it would be sent, secrets masked, and what is wrong with it. Error says why there is
// none.
type Preview struct {
	Request  run.Request
	Tokens   []run.TokenUse
	Problems []run.Problem
	Error    string
}

// TokenGroup is a list of tokens of one namespace that can be clicked in.
type TokenGroup struct {
	Title  string
	Tokens []TokenHint
}

// TokenHint is one token with what it stands for.
type TokenHint struct {
	Name string
	Help string
}

// Text is the token as a template spells it.
func (t TokenHint) Text() string { return "{{" + t.Name + "}}" }

// History is the list of revisions, with the difference between two of them where they were chosen.
type History struct {
	Href       string // where a comparison is asked for
	Tab        string
	Restore    string // where a restore is posted
	What       string // "the endpoint findContact"
	Revisions  []Revision
	From, To   int64
	Diff       []audit.Field
	Compared   bool
	CanRestore bool
}

// Revision is one saved state of an integration. Parts are what was changed in it ("endpoint findContact").
type Revision struct {
	N       int64
	Author  string
	At      time.Time
	Parts   []string
	Current bool
}

// Conflict says that somebody saved meanwhile: every field that differs, mine and theirs.
type Conflict struct {
	What   string // "This endpoint"
	Theirs string // the address that takes theirs
	Fields []ConflictField
	Secret bool // secrets were typed too, which no page shows again
}

// ConflictField is one field of a conflict by its path; Base is what both started from.
type ConflictField struct {
	Path, Base, Mine, Theirs string
}

// endpointTab is one tab of the page.
type endpointTab struct{ Key, Label string }

var (
	editorTabs = []endpointTab{{"request", "Request"}, {"mapping", "Mapping"}, {"response", "Response"}, {"test", "Test"}}
	readerTabs = []endpointTab{{"triggers", "Triggers"}, {"logs", "Logs"}, {"history", "History"}}
)

func (v EndpointView) canEdit() bool { return v.May(account.EditIntegrations) }
func (v EndpointView) canTest() bool { return v.May(account.Test) }

// live tells whether a test would change something at the other side.
func (v EndpointView) live() bool {
	m := v.Form.Endpoint.EffectiveMethod()
	return m != "GET" && m != "HEAD"
}

func (v EndpointView) crumbs() []ui.Crumb {
	return []ui.Crumb{
		{Label: "Integration", Href: v.To.Integrations()},
		{Label: v.Of.Title(), Href: v.To.Integration(v.Form.Integration, "endpoints")},
	}
}

// postTo are the attributes of a button that posts the form elsewhere, with scripts into a region.
func (v EndpointView) postTo(act, region string) templ.Attributes {
	return ui.And(ui.Swap("post", v.url(act), region), templ.Attributes{"formaction": v.url(act)})
}

// sendTest are the attributes of the buttons that send a test: a second press while one is on its way is
// dropped.
func (v EndpointView) sendTest() templ.Attributes {
	return ui.And(v.postTo("test", "test-result"), templ.Attributes{"hx-sync": "#endpoint-form:drop", "hx-indicator": "#busy"})
}

// pathRefresh are the attributes of the URL: its {placeholders} get their rows when it was changed.
func (v EndpointView) pathRefresh() templ.Attributes {
	if v.Form.ReadOnly || v.Form.AsJSON {
		return nil
	}
	return ui.And(ui.Swap("post", v.url(""), "path-rows"), templ.Attributes{"hx-trigger": "change", "hx-vals": `{"op":"change"}`})
}

func (v EndpointView) logsLink(r run.Run) string {
	if v.Form.New() {
		return v.To.Run(r.ID)
	}
	return v.To.Endpoint(v.Form.Integration, v.Form.Was, "logs")
}

func (v EndpointView) enableWord() string {
	if integration.On(v.Form.Stored.Enabled) {
		return "Switch off"
	}
	return "Switch on"
}

func (v EndpointView) enableIcon() templ.Component {
	if integration.On(v.Form.Stored.Enabled) {
		return ui.IconCirclePause()
	}
	return ui.IconPlay()
}

func (v EndpointView) askDelete() ui.Ask {
	return ui.Ask{
		ID: "ask-delete-endpoint", Label: "Delete", Icon: ui.IconTrash2(), InMenu: true,
		Title: "Delete " + v.Form.Was + "?", Text: "Calls by this name stop working. Its runs stay in Logs, and an earlier revision can bring it back.",
		Href: v.url("delete"), Button: "Delete it",
	}
}

func (h History) askRestore(r Revision) ui.Ask {
	return ui.Ask{
		ID: "ask-restore-" + number(r.N), Title: "Restore revision " + number(r.N) + "?",
		Text: "It brings back " + h.What + " as it was then, as a new revision. Nothing of the present one is lost.",
		Href: h.Restore, Name: "revision", Value: number(r.N), Button: "Restore it", Kind: ui.Primary,
	}
}

func (h History) hint() string {
	if len(h.Revisions) > 1 {
		return "Choose two and compare them."
	}
	return "Every save is kept as a revision."
}

// count says how much is in a list or an object.
func (n Node) count() string {
	if n.Kind == "list" {
		return ui.Count(len(n.Children), "item", "items")
	}
	return ui.Count(len(n.Children), "value", "values")
}

// bodyText is a body as the preview shows it.
func bodyText(body []byte) string {
	if !utf8.Valid(body) {
		return ui.Bytes(int64(len(body))) + " that are no text"
	}
	return string(body)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func (v EndpointView) fields() ui.Form { return v.Form.Fields() }

func (v EndpointView) title() string {
	if v.Form.New() {
		return "Add endpoint"
	}
	return v.Form.Endpoint.Title()
}

// name is what stands in the addresses of the page; an endpoint that was never saved goes by "new".
func (v EndpointView) name() string {
	if v.Form.New() {
		return "new"
	}
	return v.Form.Was
}

func (v EndpointView) url(act string) string {
	if act == "" {
		return v.To.Endpoint(v.Form.Integration, v.name(), "")
	}
	return v.To.EndpointDo(v.Form.Integration, v.name(), act)
}

// onChange are the attributes of a select box whose choice changes what else is asked.
func (v EndpointView) onChange() templ.Attributes {
	return templ.Attributes{
		"hx-post": v.url(""), "hx-trigger": "change", "hx-vals": `{"op":"change"}`, "hx-target": "#editor", "hx-swap": "outerHTML",
	}
}

// policed tells whether the endpoint has a policy of its own, so that the folded part is worth opening.
func (v EndpointView) policed() bool {
	e := v.Form.Endpoint
	if e.Policy != nil || e.Repeat != "" || e.Lookup != "" {
		return true
	}
	for key := range v.Form.Problems {
		if key == "repeat" || key == "lookup" || strings.HasPrefix(key, "policy.") {
			return true
		}
	}
	return false
}

func (v EndpointView) auth() string {
	if v.Form.Endpoint.Type == "Auth" {
		return "none"
	}
	if v.Form.Endpoint.Auth == "inherit" {
		return ""
	}
	return v.Form.Endpoint.Auth
}

func (v EndpointView) authHelp() string {
	if v.Form.Endpoint.Type == "Auth" {
		return "An endpoint that fetches the token sends none."
	}
	return ""
}

func (v EndpointView) lookupOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "–"}}
	for _, name := range v.Form.Others {
		options = append(options, ui.Option{Value: name, Label: name})
	}
	return with(options, v.Form.Endpoint.Lookup)
}

func (v EndpointView) tokenPlace() integration.TokenPlace {
	if p := v.Form.Token().Place; p != nil {
		return *p
	}
	return integration.TokenPlace{In: "header"}
}

// strangers are params that the integration does not have.
func (f EndpointForm) strangers() []string {
	var names []string
	for _, name := range f.Endpoint.Params {
		if _, ok := (integration.Integration{Parameters: f.Parameters}).Parameter(name); !ok {
			names = append(names, name)
		}
	}
	return names
}

// rowList is one list of rows in the form.
type rowList struct {
	Key, Word, Name, Value, Add string
	Rows                        []integration.Row
	Managed                     map[int]string
}

func paramHelp(p integration.Parameter) string {
	in := orDefault(p.In, "header")
	if p.Transform != "" && p.Transform != "none" {
		return "in the " + in + " as " + p.Transform
	}
	return "in the " + in
}
