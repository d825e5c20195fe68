package control

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/account"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
)

// MappingTry is a mapping to try out on a call's values: as saved, or the unsaved Definition of it. Endpoint,
// where it is set, is the one whose request is shown with it; else there is only what the mapping makes.
type MappingTry struct {
	CallRequest
	Mapping    string
	Definition *integration.Mapping
}

// MappingResult is what a mapping made: JSON, with secrets hidden, and what is wrong, keyed within the mapping
// and naming the rule. Request is that of the endpoint, nil where none was asked for.
type MappingResult struct {
	Output   []byte
	Tokens   []run.TokenUse
	Problems []run.Problem
	Request  *run.Request
}

// tryName is an endpoint that no document can have.
const tryName = "*"

// TryMapping applies a mapping and sends nothing.
func (p *Plane) TryMapping(ctx context.Context, who account.Actor, t MappingTry) (MappingResult, error) {
	if err := who.May(account.Test); err != nil {
		return MappingResult{}, err
	}
	if err := t.check(); err != nil {
		return MappingResult{}, err
	}
	found, err := p.previewTarget(ctx, who, t.CallRequest)
	if err != nil {
		return MappingResult{}, err
	}
	document, at, err := tried(found.stored.Document, t)
	if err != nil {
		return MappingResult{}, err
	}
	prefix := "mappings." + strconv.Itoa(at) + "."
	found.stored.Document, found.stored.Revision = document, 0
	shown, err := p.tryAs(ctx, who, found, t, tryName)
	if err != nil {
		return MappingResult{}, err
	}
	made := MappingResult{Output: shown.Request.Body, Tokens: ruled(shown.Tokens), Problems: triedProblems(document, t, shown, prefix)}
	if t.Endpoint == "" {
		return made, nil
	}
	if shown, err = p.tryAs(ctx, who, found, t, t.Endpoint); err == nil {
		made.Request = &shown.Request
	}
	return made, err
}

// tried is a definition with the mapping in place and an endpoint that sends what it makes as JSON.
func tried(in integration.Integration, t MappingTry) (integration.Integration, int, error) {
	saved, exists := in.Mapping(t.Mapping)
	if t.Definition == nil && !exists {
		return in, 0, noMapping(t.Mapping)
	}
	m := saved
	if t.Definition != nil {
		m = *t.Definition
	}
	m.Name = tryName
	in.Mappings = append(slices.Clone(in.Mappings), m)
	in.Endpoints = slices.Clone(in.Endpoints)
	for i := range in.Endpoints {
		if in.Endpoints[i].Name == t.Endpoint {
			in.Endpoints[i].Mapping = tryName
		}
	}
	in.Endpoints = append(in.Endpoints, integration.Endpoint{
		Name: tryName, Method: "POST", URL: "https://mapping.invalid", Auth: "none", Mapping: tryName, Body: integration.Body{Kind: "json"},
	})
	return in, len(in.Mappings) - 1, nil
}

// tryAs previews one endpoint of a definition that is not saved.
func (p *Plane) tryAs(ctx context.Context, who account.Actor, found target, t MappingTry, endpoint string) (executor.Preview, error) {
	e, ok := found.stored.Document.Endpoint(endpoint)
	if !ok {
		return executor.Preview{}, noEndpoint(t.CallRequest)
	}
	plan, err := request.Compile(found.stored.Document, endpoint)
	if err != nil {
		return executor.Preview{}, err
	}
	job, err := p.assemble(ctx, who, found, e, "", plan, t.CallRequest, origin{trigger: "test", test: true})
	if err != nil {
		return executor.Preview{}, err
	}
	return p.executor.Preview(ctx, job)
}

// triedProblems are what is wrong with the mapping itself: its form, its names, and what this call's values make
// of it.
func triedProblems(in integration.Integration, t MappingTry, shown executor.Preview, prefix string) []run.Problem {
	var problems []run.Problem
	add := func(problem run.Problem) {
		if !slices.Contains(problems, problem) {
			problems = append(problems, problem)
		}
	}
	m := in.Mappings[len(in.Mappings)-1]
	if m.Name = t.Mapping; m.Name == "" {
		m.Name = "draft"
	}
	for _, problem := range problemsOf(m.Validate()) {
		add(run.Problem{Field: problem.Field, Cause: run.MappingCause, Message: ruleWords(problem)})
	}
	for _, problem := range shown.Problems {
		message := strings.ReplaceAll(problem.Message, " mapping "+tryName, " mapping")
		if field, ok := strings.CutPrefix(problem.Field, prefix); ok {
			add(run.Problem{Field: field, Cause: problem.Cause, Message: message})
		} else if strings.HasSuffix(problem.Field, ".mapping") {
			add(run.Problem{Cause: problem.Cause, Message: message})
		}
	}
	return problems
}

// ruleWords is a problem of a rule's form with the number of its rule.
func ruleWords(problem fault.Problem) string {
	rest, ok := strings.CutPrefix(problem.Field, "rows.")
	if !ok {
		return problem.Message
	}
	number, key, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return problem.Message
	}
	if key != "" {
		key = ", " + key
	}
	return "Rule " + strconv.Itoa(n+1) + key + ": " + problem.Message
}

// ruled are the entries of a trace that rules made.
func ruled(uses []run.TokenUse) []run.TokenUse {
	list := slices.DeleteFunc(slices.Clone(uses), func(u run.TokenUse) bool { return !strings.HasPrefix(u.Source, "rule ") })
	for i := range list {
		list[i].Source = strings.Replace(list[i].Source, " of the mapping "+tryName, "", 1)
	}
	return list
}

// MappingDefaults are values to try a mapping on: those of the newest run with a record, of the endpoints that
// use it first; empty where there is none.
func (p *Plane) MappingDefaults(ctx context.Context, who account.Actor, name, mapping string) (Defaults, error) {
	if err := who.May(account.Test); err != nil {
		return Defaults{}, err
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	if err != nil {
		return Defaults{}, err
	}
	uses := stored.Document.MappingUses(mapping)
	for _, e := range stored.Document.Endpoints {
		if len(uses) < 20 && !slices.Contains(uses, e.Name) {
			uses = append(uses, e.Name)
		}
	}
	for _, endpoint := range uses {
		d, err := p.TestDefaults(ctx, who, name, endpoint)
		if err != nil || d.Integrator != "" {
			return d, err
		}
	}
	return Defaults{}, nil
}
