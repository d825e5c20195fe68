package integration

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tieline/internal/fault"
)

// ResponseTypes are how an answer may be read.
func ResponseTypes() []string { return []string{"auto", "json", "xml", "text", "csv", "binary"} }

// TokenLocations are where an Auth endpoint's answer may hold the token.
func TokenLocations() []string { return []string{"json", "header", "xml", "text"} }

// ExpiresKinds are how an answer may say when a token ends.
func ExpiresKinds() []string { return []string{"seconds", "moment"} }

const statusRule = "A status is a number from 200 to 599."

// validateAnswer checks how the answer is read and judged.
func (e Endpoint) validateAnswer(f *fault.Fields) {
	r := e.Response
	oneOf(f, "response.type", r.Type, ResponseTypes())
	switch {
	case utf8.RuneCountInString(r.Delimiter) > 16:
		f.Add("response.delimiter", "A delimiter has at most 16 characters.")
	case r.Type == "csv" && (utf8.RuneCountInString(r.Delimiter) > 1 || strings.ContainsAny(r.Delimiter, "\"\r\n")):
		f.Add("response.delimiter", "The delimiter of CSV is one character, no quote and no line break.")
	case slices.Contains([]string{"json", "xml", "binary"}, r.Type) && r.Delimiter != "":
		f.Add("response.delimiter", "A delimiter is for TEXT and CSV answers.")
	}
	line(f, "response.key", r.Key, "The key", maxPath)
	line(f, "response.items", r.Items, "The place of the items", maxPath)
	line(f, "response.identifier", r.Identifier, "The identifier", maxPath)
	statuses(f, "response.statuses", r.Statuses)
	validateOutputs(f, r.Outputs)
	if r.Success != nil {
		f.Under("response.success", r.Success.Validate())
	}
	e.validateContract(f)
	switch {
	case e.Token == nil:
	case e.Type != "Auth":
		f.Add("token", "Only an endpoint of type Auth gives a token.")
	default:
		f.Under("token", e.Token.Validate())
	}
}

func validateOutputs(f *fault.Fields, outputs []Output) {
	if len(outputs) > maxRows {
		f.Add("response.outputs", "At most 100 outputs.")
		return
	}
	seen := map[string]bool{}
	for i, o := range outputs {
		at := "response.outputs." + strconv.Itoa(i)
		switch {
		case !nameForm.MatchString(o.Name):
			f.Add(at+".name", nameRule)
		case seen[o.Name]:
			f.Add(at+".name", "Another output has this name.")
		}
		seen[o.Name] = true
		if o.Path == "" {
			f.Add(at+".path", "Say where in the answer the value stands.")
		}
		line(f, at+".path", o.Path, "The path", maxPath)
	}
}

func statuses(f *fault.Fields, field string, list []int) {
	if len(list) > maxRows {
		f.Add(field, "At most 100 statuses.")
		return
	}
	for i, status := range list {
		if status < 200 || status > 599 {
			f.Add(field+"."+strconv.Itoa(i), statusRule)
		}
	}
}

// validateContract checks that type, contract and response type agree.
func (e Endpoint) validateContract(f *fault.Fields) {
	oneOf(f, "contract", e.Contract, Contracts())
	implied := Endpoint{Type: e.Type}.EffectiveContract()
	switch {
	case e.Contract == "" || !slices.Contains(Contracts(), e.Contract):
	case implied != "none" && e.Contract != implied:
		f.Add("contract", "An endpoint of type "+e.Type+" has the contract "+implied+".")
	case e.Contract == "token" && e.Type != "Auth":
		f.Add("contract", "Only an endpoint of type Auth gives a token.")
	}
	if e.EffectiveContract() == "document" && slices.Contains([]string{"json", "xml", "text", "csv"}, e.Response.Type) {
		f.Add("response.type", "A document is bytes: choose auto or binary.")
	}
	if e.Response.Type == "binary" && slices.Contains([]string{"token", "records", "identity"}, e.EffectiveContract()) {
		f.Add("response.type", "A binary answer has no values to read for the contract "+e.EffectiveContract()+".")
	}
}

// Validate says everything that is wrong with a success rule.
func (s *Success) Validate() error {
	var f fault.Fields
	if strings.TrimSpace(s.Path) == "" {
		f.Add("path", "Say where in the answer the value stands.")
	}
	line(&f, "path", s.Path, "The path", maxPath)
	oneOf(&f, "op", s.Op, SuccessOps())
	line(&f, "value", s.Value, "The value", maxPath)
	switch s.Op {
	case ">", ">=", "<", "<=":
		if s.Value == "" {
			f.Add("value", "Compare with a number.")
		}
	case "in", "not in", "contains", "starts with":
		if s.Value == "" {
			f.Add("value", "Compare with something.")
		}
	case "between":
		if low, high, ok := strings.Cut(strings.ReplaceAll(s.Value, " and ", ","), ","); !ok || strings.TrimSpace(low) == "" || strings.TrimSpace(high) == "" {
			f.Add("value", "Write the two bounds with a comma: 1,10.")
		}
	case "matches":
		if s.Value == "" {
			f.Add("value", "Write a regular expression.")
		}
		pattern(&f, "value", s.Value)
	case "is empty", "is not empty", "is numeric":
		if s.Value != "" {
			f.Add("value", "This operator compares with nothing; leave the value empty.")
		}
	}
	return f.Err()
}

// Validate says everything that is wrong with where a token is read.
func (t Token) Validate() error {
	var f fault.Fields
	oneOf(&f, "location", t.Location, TokenLocations())
	line(&f, "path", t.Path, "The path", maxPath)
	switch {
	case t.Location == "header" && !ValidHeaderName(t.Path):
		f.Add("path", "Name the header that holds the token.")
	case t.Location == "xml" && t.Path == "":
		f.Add("path", "Name the element that holds the token.")
	}
	line(&f, "expires_path", t.ExpiresPath, "The path", maxPath)
	if t.ExpiresIn < 0 || t.ExpiresIn > int((366*24*time.Hour)/time.Second) {
		f.Add("expires_in", "Seconds, from 0 to a year (31622400).")
	}
	oneOf(&f, "expires_kind", t.ExpiresKind, ExpiresKinds())
	line(&f, "prefix", t.Prefix, "The prefix", 64)
	if t.Place != nil {
		if t.Place.In != "header" && t.Place.In != "query" {
			f.Add("place.in", "Choose header or query.")
		}
		switch {
		case t.Place.In == "header" && !ValidHeaderName(t.Place.Name):
			f.Add("place.name", headerRule)
		case rowName(Row{Name: t.Place.Name}) != "":
			f.Add("place.name", rowName(Row{Name: t.Place.Name}))
		}
	}
	return f.Err()
}
