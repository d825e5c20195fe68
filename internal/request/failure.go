package request

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/run"
	"tieline/internal/token"
)

// firstSentence ends at the full stop before a capital letter: "field., var. and hard." are names.
func firstSentence(text string) string {
	for i := range len(text) - 2 {
		if text[i] == '.' && text[i+1] == ' ' && 'A' <= text[i+2] && text[i+2] <= 'Z' {
			return text[:i]
		}
	}
	return text
}

// definitionFailure is a problem of the definition that was not mended before the call.
func definitionFailure(p run.Problem) *run.Failure {
	first := firstSentence(p.Message)
	return &run.Failure{
		Cause: p.Cause, Summary: strings.TrimSuffix(first, "."), Evidence: "In the definition, at " + p.Field + ".",
		Hint: p.Message + " Correct it in the endpoint. Nothing was sent.",
	}
}

func syntaxMessage(err error) string {
	if e, ok := errors.AsType[*token.SyntaxError](err); ok {
		return e.Message
	}
	return err.Error()
}

// place is a text's place in a sentence.
func (t *text) place() string {
	switch t.where {
	case "url":
		return "the URL"
	case "body":
		return "the body"
	}
	return "the " + strings.Replace(t.where, "hard ", "hard parameter ", 1)
}

func positionFailure(name, place, hint string) run.Failure {
	return run.Failure{Cause: run.TokenPosition, Summary: name + " cannot stand in " + place, Evidence: name + " stands in " + place + ".", Hint: hint}
}

func badBase(base, hint string) run.Failure {
	return run.Failure{Cause: run.TokenPosition, Summary: "the base URL of the integrator cannot be used", Evidence: "Base URL: " + strconv.Quote(base) + ".", Hint: hint}
}

func noHost(host string) run.Failure {
	return run.Failure{
		Cause: run.TokenPosition, Summary: "the URL has no usable host", Evidence: "Host: " + strconv.Quote(host) + ".",
		Hint: "Put the bare host into the integrator, such as app.example.com or app.example.com:8443, without a scheme, user name or path. Write international names in their xn-- form.",
	}
}

func pathFailure(slot, why string) run.Failure {
	return run.Failure{
		Cause: run.PathParam, Summary: "the path parameter " + slot + " is missing",
		Evidence: "The URL has {" + slot + "}, and " + why + ".",
		Hint:     "Give the path parameter " + slot + " a value: a path row of that name, or a parameter that goes into the path. Nothing was sent.",
	}
}

func tooLarge(t *text) run.Failure {
	return run.Failure{
		Cause: run.TooLarge, Summary: "the request would be larger than 10 MiB",
		Evidence: "It grew too large in " + t.place() + ".",
		Hint:     "The values of this call are too large to be sent in one request. Send less in it, or split it.",
	}
}

func filterFailure(t *text, tok *token.Token, e *token.FilterError) run.Failure {
	return run.Failure{
		Cause: run.MappingCause, Summary: "the filter " + e.Filter + " of " + tok.Text + " cannot be applied",
		Evidence: tok.Text + " stands in " + t.place() + "; " + e.Message + ".",
		Hint:     "The filter " + e.Filter + " could not work on the value of {{" + tok.Name + "}}: " + e.Message + ". Correct the value where it comes from, or put default before the filter.",
	}
}

func secretHost(host string, hosts []string, integrator string) run.Failure {
	allowed := strings.Join(hosts, ", ")
	if allowed == "" {
		allowed = "none"
	}
	return run.Failure{
		Cause: run.SecretHost, Summary: "a secret would go to " + host + ", which is not a host of the integrator",
		Evidence: "Host of the request: " + host + ". Hosts of the " + integrator + ": " + allowed + ".",
		Hint:     "Secrets are sent to the integrator's own hosts alone. Correct the URL, or add " + host + " to the integrator's host or extra hosts if it really may see them. Nothing was sent.",
	}
}

// unknown says why a token has no value in this call, and what to do.
func (b *builder) unknown(t *text, tok *token.Token) run.Failure {
	f := run.Failure{Cause: run.UnknownToken, Summary: "unknown token {{" + tok.Name + "}}", Evidence: tok.Text + " stands in " + t.place() + "."}
	name := strings.TrimPrefix(tok.Name, string(tok.Namespace)+".")
	with := func(prefix string, known []string, otherwise string) {
		f.Hint = otherwise
		if near := token.Nearest(name, known); near != "" {
			f.Summary += ", did you mean {{" + prefix + near + "}}"
			f.Hint = "The token {{" + tok.Name + "}} is not known here. Did you mean {{" + prefix + near + "}}? Names are case-sensitive."
		}
		f.Evidence += knownList(prefix, known)
	}
	switch tok.Namespace {
	case token.Event:
		if slices.Contains(token.KnownNames(), name) {
			f.Summary = "{{" + tok.Name + "}} has no value"
		}
		known := slices.Sorted(maps.Keys(b.d.Event))
		with("", known, b.absentHint(tok))
		if near := token.Nearest(name, token.KnownNames()); f.Hint == b.absentHint(tok) && near != "" && !slices.Contains(token.KnownNames(), name) {
			f.Summary += ", did you mean {{" + near + "}}"
			f.Hint = "The token {{" + tok.Name + "}} is not known here. Did you mean {{" + near + "}}? Names are case-sensitive."
		}
	case token.Field:
		if b.p.parameters[name] != nil {
			f.Summary = "the field " + name + " has no value"
			f.Hint = "The " + b.integrator() + " has no value for " + name + ". Open the integrator and fill it in."
			return f
		}
		with("field.", b.p.names, "This integration has no parameter "+name+". Add it to the integration, or correct the token.")
	case token.Var:
		known := slices.Sorted(maps.Keys(b.d.Variables))
		with("var.", known, "There is no variable "+name+" for this customer. Add it under Variables, or correct the token.")
	case token.Hard:
		with("hard.", slices.Sorted(maps.Keys(b.p.hard)), "This endpoint has no hard parameter "+name+", or it has no value.")
	case token.Auth:
		f.Hint = "The " + b.integrator() + " has no authentication that gives a token. Fill it in there, or take {{auth.token}} out of the endpoint."
	case token.Host:
		f.Summary, f.Hint = "the integrator has no host", "The "+b.integrator()+" has no host. Open the integrator and fill in its host."
	case token.Input:
		f.Hint = "The body that the client sent has no " + name + ". Send it in input, or give the token a default: {{" + tok.Name + "|default:\"…\"}}."
	case token.Ctx, token.State, token.Steps, token.Option, token.Run, token.Now:
		f.Hint = "{{" + tok.Name + "}} has no value in this call. Give it a default if it may be missing: {{" + tok.Name + "|default:\"…\"}}."
	}
	return f
}

func (b *builder) absentHint(tok *token.Token) string {
	return "{{" + tok.Name + "}} has no value in this call. Send it in tokens or with the record, or give it a default if it may be missing: {{" + tok.Name + "|default:\"…\"}}."
}

// knownList lists some names for the evidence.
func knownList(prefix string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	const most = 12
	more := ""
	if len(known) > most {
		known, more = known[:most], ", …"
	}
	return " Known here: " + prefix + strings.Join(known, ", "+prefix) + more + "."
}
