package integration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tieline/internal/fault"
)

// MaxEndpoints is how many endpoints one integration has at most.
const MaxEndpoints = 500

// The bounds of a definition, in characters and in numbers of things.
const (
	maxLabel       = 120
	maxDescription = 10_000
	maxValue       = 64 << 10
	maxContent     = 256 << 10
	maxURL         = 8 << 10
	maxPath        = 1_000
	maxRows        = 100
	maxParameters  = 100
	maxTriggers    = 50
)

var (
	slugForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)

	// A parameter's name may be that of a header.
	parameterForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
)

const nameRule = "A letter first, then letters, digits and underscores, at most 64."

// Types, Visibilities and the lists below are the words that a document may hold, in the order of the forms.
func Types() []string { return []string{"crm", "sms", "psa", "billing", "other"} }

// Visibilities are who may use an integration.
func Visibilities() []string { return []string{"shared", "private"} }

// Places are where a parameter may be sent.
func Places() []string { return []string{"header", "query", "path", "body"} }

// Transforms are what may be done to a parameter's value before it is sent.
func Transforms() []string { return []string{"none", "md5", "sha256", "base64"} }

// ownWord refuses a name under which a page could not be reached.
const ownWord = "The portal's own addresses use this word. Choose another one."

// Validate says everything that is wrong with an integration and its parameters and endpoints, keyed as in
// the document ("endpoints.0.url"). What tokens mean is checked by the request package.
func (in Integration) Validate() error {
	var f fault.Fields
	if !slugForm.MatchString(in.Name) {
		f.Add("name", "Lower-case letters, digits and hyphens, at most 63; no hyphen at either end.")
	} else if in.Name == "new" || in.Name == "import" {
		f.Add("name", ownWord)
	}
	line(&f, "label", in.Label, "The label", maxLabel)
	oneOf(&f, "type", in.Type, Types())
	text(&f, "description", in.Description, "The description", maxDescription)
	oneOf(&f, "visibility", in.Visibility, Visibilities())
	switch {
	case in.Visibility == "private" && in.Customer == "":
		f.Add("customer", "A private integration needs its customer.")
	case in.Visibility != "private" && in.Customer != "":
		f.Add("customer", "Only a private integration names a customer.")
	case in.Customer != "" && !slugForm.MatchString(in.Customer):
		f.Add("customer", "This is not the short name of a customer.")
	}
	if in.Preset != "" && !slugForm.MatchString(in.Preset) {
		f.Add("preset", "This is not the name of a preset.")
	}
	in.validateParameters(&f)
	in.validateMappings(&f)
	in.validateEndpoints(&f)
	return f.Err()
}

func (in Integration) validateParameters(f *fault.Fields) {
	if len(in.Parameters) > maxParameters {
		f.Add("parameters", "At most 100 parameters.")
		return
	}
	seen := map[string]bool{}
	for i, p := range in.Parameters {
		at := "parameters." + strconv.Itoa(i)
		f.Under(at, p.Validate())
		if seen[p.Name] && p.Name != "" {
			f.Add(at+".name", "Another parameter has this name.")
		}
		seen[p.Name] = true
	}
}

func (in Integration) validateEndpoints(f *fault.Fields) {
	if len(in.Endpoints) > MaxEndpoints {
		f.Add("endpoints", "At most 500 endpoints.")
		return
	}
	seen := map[string]bool{}
	for i, e := range in.Endpoints {
		at := "endpoints." + strconv.Itoa(i)
		f.Under(at, e.Validate(in))
		if seen[e.Name] && e.Name != "" {
			f.Add(at+".name", "Another endpoint has this name.")
		}
		seen[e.Name] = true
	}
}

// Validate says everything that is wrong with a parameter.
func (p Parameter) Validate() error {
	var f fault.Fields
	if !parameterForm.MatchString(p.Name) {
		f.Add("name", "A letter first, then letters, digits, underscores and hyphens, at most 64.")
	}
	line(&f, "label", p.Label, "The label", maxLabel)
	oneOf(&f, "in", p.In, Places())
	oneOf(&f, "transform", p.Transform, Transforms())
	text(&f, "default", p.Default, "The default", maxValue)
	text(&f, "example", p.Example, "The example", maxPath)
	text(&f, "help", p.Help, "The help", maxDescription)
	line(&f, "prefix", p.Prefix, "The prefix", maxLabel)
	line(&f, "suffix", p.Suffix, "The suffix", maxLabel)
	pattern(&f, "pattern", p.Pattern)
	switch {
	case p.Secret && p.Default != "":
		f.Add("default", "A secret has no default: documents hold no secrets.")
	case f.Has() || p.Default == "":
	default:
		if problem := p.Check(p.Default); problem != "" {
			f.Add("default", problem)
		}
	}
	return f.Err()
}

// Check says what is wrong with a value for the parameter, or "". An empty value is no matter of form: Required
// is judged by Integrator.Validate.
func (p Parameter) Check(value string) string {
	switch {
	case value == "":
		return ""
	case len(value) > maxValue:
		return "This is longer than 64 KiB."
	case !utf8.ValidString(value):
		return "This is not UTF-8 text."
	case (p.In == "" || p.In == "header") && hasControl(value):
		return "A header value is one line without control characters."
	case strings.ContainsRune(value, 0):
		return "This has a character that cannot be sent."
	}
	if p.Pattern == "" {
		return ""
	}
	if whole, err := regexp.Compile(`\A(?:` + p.Pattern + `)\z`); err == nil && !whole.MatchString(value) {
		if p.Example != "" && !p.Secret {
			return "This does not have the form asked for (" + p.Pattern + "), for example " + p.Example + "."
		}
		return "This does not have the form asked for (" + p.Pattern + ")."
	}
	return ""
}

// line checks a text of one line.
func line(f *fault.Fields, field, value, label string, limit int) {
	if strings.ContainsAny(value, "\r\n\t") {
		f.Add(field, label+" is one line.")
		return
	}
	text(f, field, value, label, limit)
}

// text checks a plain text: its length in characters, and that it can be shown.
func text(f *fault.Fields, field, value, label string, limit int) {
	switch {
	case !utf8.ValidString(value):
		f.Add(field, label+" is not UTF-8 text.")
	case utf8.RuneCountInString(value) > limit:
		f.Add(field, label+" is longer than "+strconv.Itoa(limit)+" characters.")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }):
		f.Add(field, label+" has characters that cannot be shown.")
	}
}

// hasControl tells whether a value has a character that no header may carry.
func hasControl(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// oneOf checks a word of a closed list; empty is the default.
func oneOf(f *fault.Fields, field, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		f.Add(field, Choose(allowed))
	}
}

// Choose is the sentence that names the words a field may hold.
func Choose(words []string) string {
	if len(words) < 2 {
		return "Choose " + strings.Join(words, "") + "."
	}
	last := len(words) - 1
	return "Choose " + strings.Join(words[:last], ", ") + " or " + words[last] + "."
}
