package response

import (
	"strings"
	"unicode/utf8"

	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/secret"
)

const (
	shortResult = 200  // characters, where no key says what the result is
	longResult  = 4000 // characters of a value at the response key
)

// serverNull is how a JSON null that really came is shown.
const serverNull = "null (the server answered null)"

// takeResult settles the result text: the value at the response key, else the first 200 characters.
func (r *reader) takeResult() *run.Failure {
	switch {
	case r.later():
		return nil
	case r.rule.path == "":
		return r.wholeResult()
	case r.doc == nil:
		return r.nothingInside()
	}
	res := resolve(r.doc, r.rule.segments)
	if !res.found() {
		return r.keyMissing(r.rule.path, r.rule.segments, res, "response key")
	}
	if res.node.kind == kindNull {
		r.out.Note = serverNull
		return r.isNull(r.rule.path, "response key")
	}
	value, plain := res.node.scalar()
	if !plain {
		value = res.node.json()
	}
	last := r.rule.segments[len(r.rule.segments)-1]
	if value != "" && redact.Sensitive(last) {
		r.out.Secrets = append(r.out.Secrets, value)
		value = secret.Bullets
	}
	r.setResult(value, longResult)
	if value == "" {
		r.out.Note = "the value at " + r.rule.path + " is empty"
	}
	return nil
}

// wholeResult takes the beginning of the answer.
func (r *reader) wholeResult() *run.Failure {
	switch {
	case r.asked.Endpoint.EffectiveContract() == "token":
		return nil // the token is the result, and is not shown
	case r.doc != nil && r.doc.kind == kindNull && !r.doc.element:
		r.out.Note = serverNull
		if r.asked.Endpoint.EffectiveContract() == "result" {
			return r.isNull("the answer", "contract")
		}
		return nil
	case r.out.Note != "": // binary
		return nil
	}
	r.setResult(r.text, shortResult)
	return nil
}

// setResult hides secrets, then cuts.
func (r *reader) setResult(value string, most int) {
	value = strings.TrimSpace(value)
	size := utf8.RuneCountInString(value)
	if size > most {
		end := 0
		for i := range value {
			if most--; most < 0 {
				end = i
				break
			}
		}
		r.out.Note = "the first " + thousands(int64(utf8.RuneCountInString(value[:end]))) + " of " + thousands(int64(size)) + " characters"
		value = r.asked.Hide.Cut([]byte(value), 0, end)
	} else {
		value = r.hide(value)
	}
	value = strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", "\uFFFD"), "\uFFFD")
	r.out.Result = &value
}

// isNull judges a value that is there and null.
func (r *reader) isNull(path, name string) *run.Failure {
	f := &run.Failure{
		Cause: run.ValueNull, Summary: path + " is null (the server answered null)",
		Evidence: "The " + name + " leads to " + path + ", and its value is null.",
		Hint:     "The vendor has no value for this record yet, or uses null for nothing found. Look the record up at the vendor; if null is fine here, choose another response key.",
	}
	if name == "token path" {
		f.Hint = "The vendor did not give a token. Check the credentials at the integrator; some vendors answer like this when a user may not use the API."
	}
	if said := r.vendorMessage(); said != "" {
		f.Evidence += " The vendor says: " + quote(said) + "."
	}
	return f
}

// nothingInside judges a key into an answer that has no inside.
func (r *reader) nothingInside() *run.Failure {
	return &run.Failure{
		Cause: run.KeyMissing, Summary: "no " + r.rule.path + " in the answer: it is " + r.real(),
		Evidence: "The answer begins: " + quote(r.head(160)),
		Hint:     "An answer of type " + r.real() + " has no keys. Take the response key away, or set the response type to what the vendor really sends.",
	}
}

// takeOutputs collects the named values; those that are not there are left out.
func (r *reader) takeOutputs() *run.Failure {
	if r.later() {
		return nil
	}
	for _, o := range r.asked.Endpoint.Response.Outputs {
		if r.doc == nil {
			return nil
		}
		segments := splitPath(o.Path)
		res := resolve(r.doc, segments)
		if !res.found() {
			continue
		}
		if r.out.Outputs == nil {
			r.out.Outputs = map[string]any{}
		}
		r.out.Outputs[o.Name] = plainValue(res.node)
		if value, ok := res.node.scalar(); ok && value != "" && res.node.kind != kindNull && len(segments) > 0 && redact.Sensitive(segments[len(segments)-1]) {
			r.out.Secrets = append(r.out.Secrets, value)
		}
	}
	return nil
}

// plainValue is a value as data; an element of XML that holds nothing but text is that text.
func plainValue(n *node) any {
	if n.kind == kindObject && n.element {
		if s, ok := n.scalar(); ok {
			return s
		}
	}
	return n.value()
}
