package request

import (
	"maps"
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/mapping"
	"tieline/internal/run"
	"tieline/internal/token"
)

// Check says everything about the templates of an integration that is worth a warning or an error when it is
// saved, endpoint by endpoint; Refuse tells the errors. What can be said without reading templates is left to
// the integration's own Validate and Warnings.
func Check(in integration.Integration) []run.Problem {
	var problems []run.Problem
	for i := range in.Endpoints {
		if !in.Endpoints[i].Inbound() {
			problems = append(problems, compile(in, i).problems...)
		}
	}
	for i, m := range in.Mappings {
		problems = append(problems, mappingProblems(mapping.Compile(m), mappingField(i))...)
	}
	return unique(problems)
}

// CheckVariables warns of every ${NAME} that is not among the known variables, and of one that some lack who
// use the integration. known says for each name who lacks it, in words ("Acme and Globex"); "" is nobody.
func CheckVariables(in integration.Integration, known map[string]string) []run.Problem {
	names := slices.Sorted(maps.Keys(known))
	var problems []run.Problem
	check := func(field string, tok *token.Token) {
		name := strings.TrimPrefix(tok.Name, "var.")
		lacking, exists := known[name]
		message := "The variable " + name + " does not exist for " + lacking + "."
		switch {
		case exists && lacking == "":
			return
		case !exists:
			message = unknownMessage(tok, "var.", name, names, "There is no variable "+name+" yet. Add it under Variables.")
		}
		problems = append(problems, run.Problem{Field: field, Cause: run.UnknownToken, Message: message})
	}
	for i := range in.Endpoints {
		if in.Endpoints[i].Inbound() {
			continue
		}
		for _, t := range compile(in, i).texts() {
			for _, tok := range variablesIn(t) {
				check(t.field, tok)
			}
		}
	}
	for i, m := range in.Mappings {
		mapping.Compile(m).Tokens(func(field string, tok *token.Token) {
			if tok.Namespace == token.Var {
				check(mappingField(i)+field, tok)
			}
		})
	}
	return unique(problems)
}

// variablesIn are the tokens of a template that name a variable, those in the arguments of filters too.
func variablesIn(t *text) []*token.Token {
	var found []*token.Token
	for _, p := range t.parts {
		if p.tok == nil {
			continue
		}
		for _, tok := range append([]*token.Token{p.tok}, p.tok.Keys()...) {
			if tok.Namespace == token.Var {
				found = append(found, tok)
			}
		}
	}
	return found
}

// Refuse tells whether a problem must keep a definition from being saved. The others are warnings.
func Refuse(p run.Problem) bool {
	return slices.Contains([]run.Cause{run.TokenPosition, run.HeaderValue, run.Parse, run.NoMapping, run.MappingCause}, p.Cause)
}

// texts are all templates of a plan.
func (p *Plan) texts() []*text {
	texts := []*text{p.url.text}
	for _, rows := range [][]row{p.query, p.headers, p.body.fields} {
		for _, r := range rows {
			texts = append(texts, r.text)
		}
	}
	for _, part := range p.body.parts {
		texts = append(texts, part.text)
		if part.file != nil {
			texts = append(texts, part.file)
		}
	}
	for _, t := range p.path {
		texts = append(texts, t)
	}
	for _, t := range p.hard {
		texts = append(texts, t)
	}
	if p.body.text != nil {
		texts = append(texts, p.body.text)
	}
	return texts
}

// bareMessage warns of a bare name that no event is known to carry, or gives "".
func bareMessage(tok *token.Token) string {
	if len(tok.Path) == 0 || slices.Contains([]string{"data", "call", "record", "agent"}, tok.Path[0]) {
		return ""
	}
	known := token.KnownNames()
	if slices.Contains(known, tok.Path[0]) {
		return ""
	}
	otherwise := "else the run fails with unknown_token."
	if slices.ContainsFunc(tok.Filters, func(f token.Filter) bool { return f.Name == "default" }) {
		otherwise = "else its default is taken."
	}
	return unknownMessage(tok, "", tok.Path[0], known, "It is not among the usual names. It works when the call or event carries it; "+otherwise)
}

// unknownMessage is a warning about a name, with the nearest spelling or another sentence.
func unknownMessage(tok *token.Token, prefix, name string, known []string, otherwise string) string {
	if near := token.Nearest(name, known); near != "" {
		return "Unknown token {{" + tok.Name + "}}, did you mean {{" + prefix + near + "}}? Names are case-sensitive."
	}
	if prefix == "" {
		return "The token {{" + tok.Name + "}} is not known beforehand. " + otherwise
	}
	return "Unknown token {{" + tok.Name + "}}. " + otherwise
}

func unknownName(what, name string, known []string) string {
	message := "There is no " + what + " " + name + "."
	if near := token.Nearest(name, known); near != "" {
		message += " Did you mean " + near + "?"
	}
	return message
}

// unique leaves out problems that were said before.
func unique(problems []run.Problem) []run.Problem {
	out := problems[:0:0]
	for _, p := range problems {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
