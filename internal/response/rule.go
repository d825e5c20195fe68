package response

import (
	"cmp"
	"strings"

	"tieline/internal/condition"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// judgeRule holds the answer against the rule of the definition: its success rule and the expected value
// behind the response key. Without any it looks for an error that the vendor reports with a good status.
func (r *reader) judgeRule() *run.Failure {
	def := r.asked.Endpoint.Response
	if def.Success != nil {
		if f := r.holds(*def.Success, "success rule"); f != nil {
			return f
		}
	}
	if r.rule.rule != nil {
		if r.doc == nil {
			return r.nothingInside()
		}
		if res := resolve(r.doc, r.rule.segments); !res.found() {
			return r.keyMissing(r.rule.path, r.rule.segments, res, "response key")
		}
		return r.holds(*r.rule.rule, "response key")
	}
	if def.Success != nil || r.doc == nil {
		return nil
	}
	return r.softError()
}

// holds tests one rule; nil where it holds.
func (r *reader) holds(rule integration.Success, name string) *run.Failure {
	segments := splitPath(rule.Path)
	op := cmp.Or(strings.TrimSpace(rule.Op), "=")
	got, there := r.valueAt(segments)
	ok, trouble := condition.Holds(got, there, op, rule.Value)
	if ok {
		return nil
	}
	if f := r.ruleMissing(rule, name, segments, there); f != nil {
		return f
	}
	path := cmp.Or(rule.Path, "the answer")
	shown := quoteValue(clip(r.hide(got), 80))
	f := &run.Failure{Cause: run.Rule, Summary: path + " is " + shown + ", " + wanted(op, rule.Value)}
	f.Evidence = sentence("The " + name + " wants " + path + " " + op + " " + rule.Value + "; the answer has " + path + " = " + shown)
	switch {
	case trouble != "":
		f.Summary, f.Evidence = "the success rule cannot be applied: "+trouble, sentence(trouble)
		f.Hint = "Change the success rule of the endpoint."
		return f
	case !there:
		f.Summary = path + " is not in the answer, " + wanted(op, rule.Value)
		f.Evidence = r.absent(rule, name, segments)
		f.Hint = strings.TrimSpace("The success rule looks at " + path + ", which this answer does not have. " + cmp.Or(r.suggestion(segments), adviceFor(r.vendorMessage())))
	case strings.EqualFold(rule.Value, "true") && got == "1", strings.EqualFold(rule.Value, "false") && got == "0":
		f.Hint = "The vendor writes " + got + " for " + rule.Value + ". If that is what it means, change the expected value to " + got + "."
	default:
		f.Hint = "The answer came, but " + path + " is not what the " + name + " asks for. " + adviceFor(r.vendorMessage())
	}
	if said := r.vendorMessage(); said != "" && said != got && !strings.Contains(f.Evidence, said) {
		f.Evidence += " The vendor says: " + quote(said) + "."
	}
	return f
}

// ruleMissing is the more specific explanation of a rule that compares a value which the answer does not have;
// nil where there is one, or where the rule itself asks whether there is.
func (r *reader) ruleMissing(rule integration.Success, name string, segments []string, there bool) *run.Failure {
	if there || r.doc == nil || r.blank() || strings.HasPrefix(strings.TrimSpace(rule.Op), "is ") {
		return nil
	}
	f := r.keyMissing(rule.Path, segments, resolve(r.doc, segments), name)
	f.Evidence = sentence("The "+name+" wants "+rule.Path+" "+cmp.Or(rule.Op, "=")+" "+rule.Value) + " " + f.Evidence
	return f
}

func (r *reader) absent(rule integration.Success, name string, segments []string) string {
	said := sentence("The " + name + " wants " + rule.Path + " " + cmp.Or(rule.Op, "=") + " " + rule.Value)
	if r.doc == nil || r.blank() {
		return said + " The answer is empty or no data."
	}
	return said + " " + r.extent(resolve(r.doc, segments))
}

// valueAt is the text at a path; the empty path is the whole body.
func (r *reader) valueAt(segments []string) (string, bool) {
	if len(segments) == 0 {
		return strings.TrimSpace(r.text), true
	}
	if r.doc == nil {
		return "", false
	}
	res := resolve(r.doc, segments)
	if !res.found() {
		return "", false
	}
	if s, ok := res.node.scalar(); ok {
		return s, true
	}
	return res.node.json(), true
}

// wanted says what a rule asks for.
func wanted(op, value string) string {
	switch op {
	case "=":
		return "expected " + quoteValue(value)
	case "!=":
		return "expected anything else"
	case "is empty", "is not empty", "is numeric":
		return "expected: " + op
	}
	return "expected " + op + " " + quoteValue(value)
}

// quoteValue puts a value into quotes unless it is a plain word or number.
func quoteValue(s string) string {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '-' && s[i] != '.' || i > 40 {
			return quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}
