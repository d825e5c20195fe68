// Package response reads a vendor's answer, judges it and, where it is not what was asked for, says why in
// words that a support person can act on. It never sends anything and keeps nothing. Secrets do not get into
// what it says: whatever it quotes goes through the Redactor it is given.
package response

import (
	"time"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// Asked is what an answer is held against. Policy is the merged one; URL is the address as sent. Page counts the
// pages of a list from 1; from the second on, response key and outputs are not looked for, and an answer without
// records is an empty page. Hide masks the secrets of the call in everything quoted; nil masks by field name alone.
type Asked struct {
	Endpoint integration.Endpoint
	Policy   integration.Policy
	URL      string
	Page     int
	Hide     *redact.Redactor
}

// Reading is what an answer says. Result is redacted text, nil where there is none; Note says why it is nil or
// to what it was cut. Outputs, Items and Token are the true values: Secrets lists those of them that are
// secrets, so that the caller hides them with the call's own before anything is stored; Spans go to Exchange.
type Reading struct {
	Result   *string
	Note     string
	Outputs  map[string]any
	Items    []any  // contract records: the records, in order
	Count    int    // contract records: how many
	Next     string // endpoints with pages: the address or cursor of the next page as the vendor wrote it, "" for none
	NoNext   string // why there is none, where the answer says so: "paging.next is null"
	Token    *Token
	Identity Identity
	Document Document
	Warnings []string
	Secrets  []string
	Spans    []redact.Span // where a token that is too short to be searched for stands in the answer
}

// Token is what an Auth endpoint gave. Expires is zero where the answer says nothing and no default is set.
type Token struct {
	Value   secret.Text
	Expires time.Time
}

// Identity is who a Login endpoint says the visitor is; at least one of the two is set.
type Identity struct {
	ContactID    string
	ContactEmail string
}

// Document is what a Document endpoint answered: a type that the bytes prove, and the file name the vendor
// gave, cleaned, or "".
type Document struct {
	Type string
	Name string
}

// Read judges an answer in the order status, type, success rule, response key, contract. Reading holds what
// could be read even where there is a failure. It never panics and works within fixed budgets: 2 MiB, 64
// levels and 100,000 values of JSON, XML or CSV.
func Read(x run.Exchange, asked Asked) (Reading, *run.Failure) {
	if x.Response == nil {
		return Reading{}, &run.Failure{
			Cause: run.InternalFailure, Summary: "there is no answer to read",
			Hint: "This is a fault in Tieline. Please report it with the number of the run.",
		}
	}
	r := newReader(x, asked)
	failure := r.judge()
	if failure != nil {
		for _, s := range []*string{&failure.Summary, &failure.Evidence, &failure.Hint} {
			*s = visible(r.hide(*s))
		}
	}
	return r.out, failure
}

// reader is the work on one answer.
type reader struct {
	asked    Asked
	x        run.Exchange
	answer   *run.Response
	rule     keyRule // the response key, parsed
	text     string  // the body in UTF-8
	charset  string  // what it was decoded from, "" for UTF-8
	declared string  // the media type the vendor named, in lower case, without parameters
	seen     string  // the media type the bytes show, once it was looked for
	doc      *node   // nil: nothing was parsed
	plain    bool    // the answer is one text, in which nothing has a name
	out      Reading
}

func newReader(x run.Exchange, asked Asked) *reader {
	r := &reader{asked: asked, x: x, answer: x.Response, rule: parseKey(asked.Endpoint.Response.Key)}
	r.declared = mediaType(r.hide(r.answer.Header("Content-Type")))
	return r
}

func (r *reader) judge() *run.Failure {
	r.decode()
	if f := r.judgeStatus(); f != nil {
		return f
	}
	if r.asked.Endpoint.EffectiveContract() == "document" {
		return r.judgeDocument()
	}
	if r.blank() {
		return r.judgeBlank()
	}
	for _, step := range []func() *run.Failure{r.judgeWhole, r.open, r.judgeRule, r.takeResult, r.takeOutputs, r.judgeContract, r.takeNext} {
		if f := step(); f != nil {
			return f
		}
	}
	return nil
}

// later tells whether the answer is a page after the first.
func (r *reader) later() bool { return r.asked.Page > 1 }

// judgeWhole refuses data that broke off or that was too long to be kept.
func (r *reader) judgeWhole() *run.Failure {
	switch {
	case !r.answer.Complete:
		return r.brokeOff()
	case r.answer.Truncated && r.wanted():
		return r.tooLong(r.answer.Size)
	}
	return nil
}

// wanted tells whether anything has to be found inside the answer.
func (r *reader) wanted() bool {
	def := r.asked.Endpoint.Response
	if def.Key != "" || def.Items != "" || len(def.Outputs) > 0 || def.Success != nil {
		return true
	}
	switch r.asked.Endpoint.EffectiveContract() {
	case "records", "identity":
		return true
	case "token":
		return r.tokenPlace() == "json" || r.tokenPlace() == "xml"
	}
	return false
}

func (r *reader) warn(text string) { r.out.Warnings = append(r.out.Warnings, r.hide(text)) }

// hide masks secrets in a short text that is about to be quoted.
func (r *reader) hide(s string) string { return r.asked.Hide.Text(s) }
