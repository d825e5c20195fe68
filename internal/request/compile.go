package request

import (
	"slices"
	"strconv"
	"strings"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/token"
)

// Plan is an endpoint with its templates read and their positions known. It is never changed after Compile and
// is safe for concurrent use.
type Plan struct {
	parameters map[string]*integration.Parameter
	names      []string // of the parameters, for spelling hints
	prefix     string   // of the fields of this endpoint: "endpoints.0."
	method     string
	url        urlPlan
	query      []row
	headers    []row
	path       map[string]*text
	body       bodyPlan
	mapped     *mapped // nil: the endpoint has no mapping
	hard       map[string]*text
	rowNames   map[string]bool // lower-case names of the headers that rows send
	usesAuth   bool            // a template names {{auth.token}}
	usesState  bool            // a template names something in state
	noAuth     bool            // the endpoint opts out
	problems   []run.Problem
}

// text is a template at known positions. field is its key in the document, where its place in the call.
type text struct {
	field string
	where string
	parts []part
	raw   bool // a token is written without escaping
}

// part is a literal, a token, or a {slot} of the URL.
type part struct {
	lit   string
	tok   *token.Token
	slot  string
	at    position
	raw   bool
	param *integration.Parameter // set where the endpoint's params list it
	shown bool                   // the first use of this name at this place
	named bool                   // its name says that it is a secret, wherever it comes from
}

// row is a named template. An optional row is left out when its only value is missing.
type row struct {
	name      string
	text      *text
	optional  bool
	condition bool // its text is in the filter language of ConnectWise
}

// Compile reads the templates of one endpoint. It fails only when there is no such endpoint: what is wrong in
// the definition is kept for Check, refused by Build and shown by Preview, so that half-typed definitions can
// be looked at.
func Compile(in integration.Integration, endpoint string) (*Plan, error) {
	i := slices.IndexFunc(in.Endpoints, func(e integration.Endpoint) bool { return e.Name == endpoint })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "There is no endpoint "+endpoint+" in "+in.Title()+".")
	}
	return compile(in, i), nil
}

// WantsToken tells whether a request needs the integrator's token: a template names it, or the endpoint lets the
// integrator's authentication be placed.
func (p *Plan) WantsToken() bool { return p.usesAuth || !p.noAuth }

// UsesState tells whether a template names something that earlier runs remembered, so that Data.State is needed.
func (p *Plan) UsesState() bool { return p.usesState }

// compiler fills a plan.
type compiler struct {
	in     integration.Integration
	ep     integration.Endpoint
	prefix string
	plan   *Plan
}

func compile(in integration.Integration, index int) *Plan {
	c := compiler{in: in, ep: in.Endpoints[index], prefix: "endpoints." + strconv.Itoa(index) + "."}
	c.plan = &Plan{
		parameters: make(map[string]*integration.Parameter, len(in.Parameters)),
		prefix:     c.prefix,
		method:     c.ep.EffectiveMethod(),
		hard:       make(map[string]*text, len(c.ep.Hard)),
		path:       map[string]*text{},
		rowNames:   map[string]bool{},
		noAuth:     c.ep.Auth == "none" || c.ep.Type == "Auth",
	}
	for i := range in.Parameters {
		p := &in.Parameters[i]
		c.plan.parameters[p.Name] = p
		c.plan.names = append(c.plan.names, p.Name)
	}
	c.hardTexts()
	c.url()
	c.queryRows()
	c.headerRows()
	c.pathRows()
	c.mapping()
	c.body()
	return c.plan
}

// problem notes what is wrong with the definition.
func (c *compiler) problem(field string, cause run.Cause, message string) {
	c.plan.problems = append(c.plan.problems, run.Problem{Field: c.prefix + field, Cause: cause, Message: message})
}

// text reads a template whose tokens all stand at one position; literals are written in that way too.
func (c *compiler) text(field, where, source string, at position) *text {
	t := c.parse(field, where, source)
	for i := range t.parts {
		t.parts[i].at = at
		if t.parts[i].tok == nil {
			t.parts[i].lit = string(at.append(nil, t.parts[i].lit))
		}
	}
	c.finish(t)
	return t
}

// parse reads a template without judging positions.
func (c *compiler) parse(field, where, source string) *text {
	template, err := token.Parse(source)
	if err != nil {
		c.problem(field, run.TokenPosition, syntaxMessage(err))
	}
	t := &text{field: c.prefix + field, where: where, parts: make([]part, 0, len(template.Parts))}
	for _, p := range template.Parts {
		t.parts = append(t.parts, part{lit: p.Literal, tok: p.Token})
	}
	return t
}

// finish notes what the plan must know of a text whose positions are set.
func (c *compiler) finish(t *text) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.tok == nil {
			continue
		}
		p.raw = p.tok.Raw()
		p.named = sensitive(p.tok)
		t.raw = t.raw || p.raw
		p.shown = !slices.ContainsFunc(t.parts[:i], func(q part) bool { return q.tok != nil && q.tok.Name == p.tok.Name })
		c.note(t, p.tok)
		if p.raw && p.tok.Namespace == token.Hard {
			c.rawHard(strings.TrimPrefix(t.field, c.prefix), p.tok)
		}
	}
}

// isAuthToken tells whether a token is {{auth.token}}.
func isAuthToken(tok *token.Token) bool {
	return tok.Namespace == token.Auth && pathName(tok) == "token"
}

// usesAuth tells whether a text names {{auth.token}}.
func (t *text) usesAuth() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.tok != nil && isAuthToken(p.tok) })
}

// sensitive tells whether the last part of a name is one that secrets have: password, authToken, api_key.
func sensitive(tok *token.Token) bool {
	return len(tok.Path) > 0 && redact.Sensitive(tok.Path[len(tok.Path)-1])
}

// rawHard refuses raw for a hard parameter that is made of values from outside.
func (c *compiler) rawHard(field string, tok *token.Token) {
	t := c.plan.hard[pathName(tok)]
	if t == nil {
		return
	}
	for _, p := range t.parts {
		if p.tok != nil && p.tok.Namespace != token.Field && p.tok.Namespace != token.Var {
			c.problem(field, run.TokenPosition, "The filter raw is not allowed for {{"+tok.Name+"}}: it is made of "+p.tok.Text+", whose value comes from outside.")
			return
		}
	}
}

// note judges one token by what is known before any call: names that can be known must exist.
func (c *compiler) note(t *text, tok *token.Token) {
	field := strings.TrimPrefix(t.field, c.prefix)
	warn := func(message string) { c.problem(field, run.UnknownToken, message) }
	switch tok.Namespace {
	case token.Auth:
		c.plan.usesAuth = c.plan.usesAuth || isAuthToken(tok)
	case token.Field:
		if name := strings.Join(tok.Path, "."); c.plan.parameters[name] == nil {
			warn(unknownMessage(tok, "field.", name, c.plan.names, "This integration has no parameter "+name+"."))
		}
	case token.Hard:
		name := strings.Join(tok.Path, ".")
		if !slices.ContainsFunc(c.ep.Hard, func(h integration.HardRow) bool { return h.Name == name }) {
			warn(unknownMessage(tok, "hard.", name, hardNames(c.ep), "This endpoint has no hard parameter "+name+"."))
		}
	case token.Steps:
		if _, ok := c.in.Endpoint(tok.Path[0]); !ok {
			warn(unknownMessage(tok, "steps.", tok.Path[0], endpointNames(c.in), "This integration has no endpoint "+tok.Path[0]+"."))
		}
	case token.Event:
		if message := bareMessage(tok); message != "" {
			warn(message)
		}
	case token.State:
		c.plan.usesState = true
	case token.Var, token.Input, token.Ctx, token.Run, token.Now, token.Host, token.Option:
	}
	for _, key := range tok.Keys() {
		c.note(t, key)
	}
}

func hardNames(e integration.Endpoint) []string {
	names := make([]string, len(e.Hard))
	for i, h := range e.Hard {
		names[i] = h.Name
	}
	return names
}

func endpointNames(in integration.Integration) []string {
	names := make([]string, len(in.Endpoints))
	for i, e := range in.Endpoints {
		names[i] = e.Name
	}
	return names
}
