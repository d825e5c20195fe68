package request

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/mapping"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/token"
)

// mapped is an endpoint's mapping and where its result goes.
type mapped struct {
	plan    *mapping.Plan
	field   string   // of the mapping in the document, "mappings.0."
	where   string   // "url" or "body"
	written []string // names at the top of the body's own JSON that its author wrote out
}

// mapping compiles the endpoint's mapping. Its own problems keep their place in the document.
func (c *compiler) mapping() {
	if c.ep.Mapping == "" {
		return
	}
	i := slices.IndexFunc(c.in.Mappings, func(m integration.Mapping) bool { return m.Name == c.ep.Mapping })
	if i < 0 {
		names := make([]string, len(c.in.Mappings))
		for i, m := range c.in.Mappings {
			names[i] = m.Name
		}
		c.problem("mapping", run.NoMapping, unknownName("mapping", c.ep.Mapping, names))
		return
	}
	m := &mapped{plan: mapping.Compile(c.in.Mappings[i]), field: mappingField(i), where: "url"}
	if c.ep.MapsBody() {
		m.where = "body"
	}
	c.plan.mapped = m
	c.plan.problems = append(c.plan.problems, mappingProblems(m.plan, m.field)...)
	m.plan.Tokens(func(_ string, t *token.Token) {
		if t.Namespace != token.Event {
			c.note(&text{field: c.prefix + "mapping"}, t)
		}
	})
}

func mappingField(i int) string { return "mappings." + strconv.Itoa(i) + "." }

// mappingProblems are what is wrong with a mapping itself, keyed as in the document.
func mappingProblems(p *mapping.Plan, field string) []run.Problem {
	var problems []run.Problem
	for _, found := range p.Problems() {
		cause := run.MappingCause
		if found.Warning {
			cause = run.UnknownToken
		}
		problems = append(problems, run.Problem{Field: field + found.Field, Cause: cause, Message: found.Message})
	}
	return problems
}

// source is where the mapping's names get their values from: the names of templates.
func (b *builder) source() mapping.Source {
	return mapping.Source{
		Find: b.lookup,
		Finish: func(t *token.Token, v token.Value, found bool) (token.Value, error) {
			return b.filtered(t, v, found, sensitive(t), true)
		},
		Names: func() []string { return slices.Sorted(maps.Keys(b.d.Event)) },
		Whole: b.whole,
		Last:  b.d.Last,
		Now:   b.d.Now,
	}
}

// whole is the record for a mapping that is a program alone; values with the names of secrets are secret.
func (b *builder) whole() any {
	event := plainEvent(b.d.Event)
	for name, value := range event {
		if first, ok := b.d.Event[name].(token.Value); ok && first.Secret || redact.Sensitive(name) {
			b.secret(token.Text(value))
			event[name] = token.Value{Data: value, Secret: true}
		}
	}
	return event
}

// mapValues applies the endpoint's mapping, before anything is written.
func (b *builder) mapValues() {
	m := b.p.mapped
	if m == nil {
		return
	}
	made, errs := m.plan.Apply(b.source())
	for _, f := range made.Fields {
		v := f.Value
		v.Source = ruleSource(m.plan.Name, f)
		b.trace(&text{where: m.where}, f.Name, v)
	}
	for _, e := range errs {
		b.refuse(m.field+e.Field(), ruleFailure(m.plan.Name, e))
	}
	b.mapped, b.call.Remember = made.Body, made.Remember
	switch {
	case b.fail != nil || len(errs) > 0:
	case made.Dropped != "":
		b.drop(made.Dropped)
	case m.plan.Runs():
		b.program()
	}
}

// drop ends the call without a request: the mapping says that this record is not to be sent.
func (b *builder) drop(why string) {
	b.call.Dropped = b.fail == nil
	b.refuse(b.p.prefix+"mapping", run.Failure{
		Cause: run.MappingCause, Summary: "not sent: " + why,
		Evidence: "The mapping " + b.p.mapped.plan.Name + " drops this record.",
		Hint:     "The mapping " + b.p.mapped.plan.Name + " does not send this record (" + why + "). Change that rule if it should be sent.",
	})
}

// program has the mapping's program run on what its rows made. What it makes of a secret is secret as a whole.
func (b *builder) program() {
	m := b.p.mapped
	refuse := func(message string) {
		b.refuse(m.field+"program", run.Failure{
			Cause: run.MappingCause, Summary: "the program of the mapping " + m.plan.Name + " failed: " + message,
			Evidence: "Program of the mapping " + m.plan.Name + ".",
			Hint:     "The program failed: " + ended(message) + " Try it in the mapping's tester with the values of this call. Nothing was sent.",
		})
	}
	if b.d.Program == nil {
		refuse("programs cannot be run here")
		return
	}
	secret := b.mapped.Secret()
	out, err := b.d.Program(m.plan.Program, b.mapped.AppendJSON(nil, nil))
	if err != nil {
		b.mapped = nil
		if _, speaks := errors.AsType[*mapping.ProgramError](err); speaks && secret {
			refuse("it failed on its input, which holds a secret and is not shown")
			return
		}
		refuse(err.Error())
		return
	}
	if len(out) == 0 {
		b.drop("the program gave nothing")
		return
	}
	made, err := mapping.ReadNode(out)
	if err != nil {
		refuse("what it gave is no JSON value that can be sent")
		return
	}
	if secret {
		made.Hide()
	}
	b.mapped = made
}

// ended is a sentence with its full stop.
func ended(s string) string {
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func ruleSource(name string, f mapping.Field) string {
	source := "rule " + strconv.Itoa(f.Rule) + " of the mapping " + name
	if f.From != "" {
		source += ", from " + f.From
	}
	if f.Value.Source != "" {
		source += " (" + f.Value.Source + ")"
	}
	return source
}

func ruleFailure(name string, e *mapping.Error) run.Failure {
	return run.Failure{
		Cause: run.MappingCause, Summary: "mapping " + name + ": " + e.Error(),
		Evidence: "Rule " + strconv.Itoa(e.Row+1) + " of the mapping " + name + ".",
		Hint:     "In the mapping " + name + ", " + ended(e.Error()) + " Correct the rule, or the value where it comes from. Nothing was sent.",
	}
}
