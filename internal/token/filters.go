package token

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // vendors ask for md5 of a parameter; it protects nothing of ours
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// JSON is text that already is a JSON value: what the json filter gives. A JSON position takes it as it is.
type JSON string

// Env is what filters may ask for. Key gives the value of field.<name> or var.<name> for hmac_sha256.
type Env struct {
	Now time.Time
	Key func(t *Token) (Value, bool)

	zones []*time.Location
}

// ErrMissing is a token without a value and without a default.
var ErrMissing = errors.New("the value is missing")

// FilterError is a value that a filter cannot work on. Message never holds the value.
type FilterError struct {
	Filter  string
	Message string
}

// Error gives the filter and the message.
func (e *FilterError) Error() string { return e.Filter + ": " + e.Message }

// filterSpec is one filter: how many arguments, a check of them, and the work.
type filterSpec struct {
	least, most int
	usage       string
	check       func(args []string) string
	apply       func(in Value, args []string, env Env) (Value, error)
}

// Filters are the names of all filters, in the order of the help text.
func Filters() []string {
	return []string{
		"upper", "lower", "trim", "digits", "e164", "default", "date", "unix", "md5", "sha256", "hmac_sha256",
		"base64", "urlencode", "json", "lookup", "join", "raw",
	}
}

func specOf(name string) *filterSpec {
	switch name {
	case "upper":
		return text("upper", strings.ToUpper)
	case "lower":
		return text("lower", strings.ToLower)
	case "trim":
		return text("trim", strings.TrimSpace)
	case "digits":
		return text("digits", digits)
	case "md5":
		return text("md5", md5Hex)
	case "sha256":
		return text("sha256", sha256Hex)
	case "urlencode":
		return text("urlencode", urlEncode)
	case "e164":
		return &filterSpec{most: 1, usage: `e164 or e164:"1" with the country calling code`, check: checkE164, apply: applyE164}
	case "default":
		return &filterSpec{least: 1, most: 1, usage: `default:"text"`} // Apply does its work: it alone sees what is missing
	case "date":
		return &filterSpec{least: 1, most: 4, usage: `date:"Y-m-d", date:"Y-m-d","Europe/Amsterdam" or, ten minutes before, date:"Y-m-d H:i","-10m"`, check: checkDate, apply: applyDate}
	case "unix":
		return &filterSpec{most: 1, usage: `unix or unix:"ms"`, check: oneOf("ms", "s"), apply: applyUnix}
	case "hmac_sha256":
		return &filterSpec{least: 1, most: 2, usage: `hmac_sha256:"field.Name" or hmac_sha256:"field.Name","base64"`, check: checkHMAC, apply: applyHMAC}
	case "base64":
		return &filterSpec{most: 1, usage: `base64 or base64:"url"`, check: oneOf("url", "std"), apply: applyBase64}
	case "json":
		return &filterSpec{usage: "json", apply: applyJSON}
	case "lookup":
		return &filterSpec{least: 1, most: 1, usage: `lookup:"HU=Hung up,SALE=Sold,*=Other"`, check: checkLookup, apply: applyLookup}
	case "join":
		return &filterSpec{most: 1, usage: `join or join:", "`, apply: applyJoin}
	case "raw":
		return &filterSpec{usage: "raw", apply: func(in Value, _ []string, _ Env) (Value, error) { return in, nil }}
	}
	return nil
}

// bind finds the filter's work and checks its arguments; the message is empty when all is well.
func (f *Filter) bind() string {
	f.spec = specOf(f.Name)
	if f.spec == nil {
		message := "There is no filter " + f.Name + "."
		if near := Nearest(f.Name, Filters()); near != "" {
			message += " Did you mean " + near + "?"
		}
		return message
	}
	if len(f.Args) < f.spec.least || len(f.Args) > f.spec.most {
		return "The filter " + f.Name + " is written " + f.spec.usage + "."
	}
	if f.spec.check != nil {
		if message := f.spec.check(f.Args); message != "" {
			return message
		}
	}
	if f.Name == "date" {
		f.zones = zonesOf(f.Args[1:])
	}
	return ""
}

// Apply runs the token's filters over a value. A missing value is ErrMissing unless a default stands in; an
// empty value or null takes the default too. Other errors are *FilterError. The result of a secret is secret.
func (t *Token) Apply(in Value, found bool, env Env) (Value, error) {
	out, came := in, found
	for i := range t.Filters {
		f := &t.Filters[i]
		switch {
		case f.Name == "default":
			if !found || Empty(out.Data) {
				out = Value{Data: f.Args[0], Source: "default of the template", Shadowed: out.Shadowed}
				if came && in.Source != "" {
					out.Shadowed = in.Source + " (empty)"
				}
				found = true
			}
		case !found:
			continue
		default:
			env.zones = f.zones
			next, err := f.spec.apply(out, f.Args, env)
			if err == nil && lengthOf(next.Data) > mostText {
				err = tooLong(f.Name)
			}
			if err != nil {
				return Value{}, err
			}
			next.Secret = next.Secret || out.Secret
			next.Source, next.Shadowed = out.Source, out.Shadowed
			out = next
		}
	}
	if !found {
		return Value{}, ErrMissing
	}
	return out, nil
}

// mostText is how many bytes a filter may make of a value: more than any request holds. A chain of filters that
// each escape what the last one escaped doubles a text with every step.
const mostText = 10 << 20

func tooLong(filter string) error { return &FilterError{filter, "its result is larger than 10 MiB"} }

// lengthOf is the size of a text; other values are as large as they came.
func lengthOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case JSON:
		return len(v)
	}
	return 0
}

// Empty tells whether a value is null, an empty text, or an empty list or object.
func Empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// text makes a filter of a function from text to text.
func text(usage string, f func(string) string) *filterSpec {
	return &filterSpec{usage: usage, apply: func(in Value, _ []string, _ Env) (Value, error) {
		return Value{Data: f(Text(in.Data))}, nil
	}}
}

func oneOf(words ...string) func([]string) string {
	return func(args []string) string {
		if len(args) == 1 && !slices.Contains(words, args[0]) {
			return strconv.Quote(args[0]) + " is not known here; write one of: " + strings.Join(words, ", ") + "."
		}
		return ""
	}
}

func applyBase64(in Value, args []string, _ Env) (Value, error) {
	if len(args) == 1 && args[0] == "url" {
		return Value{Data: base64.RawURLEncoding.EncodeToString([]byte(Text(in.Data)))}, nil
	}
	return Value{Data: base64.StdEncoding.EncodeToString([]byte(Text(in.Data)))}, nil
}

func applyJSON(in Value, _ []string, _ Env) (Value, error) {
	return Value{Data: JSON(AppendJSON(nil, in.Data))}, nil
}

func applyJoin(in Value, args []string, _ Env) (Value, error) {
	list, ok := in.Data.([]any)
	if !ok {
		return Value{Data: Text(in.Data)}, nil
	}
	between := ","
	if len(args) == 1 {
		between = args[0]
	}
	texts, size := make([]string, len(list)), len(between)*len(list)
	for i, item := range list {
		texts[i] = Text(item)
		size += len(texts[i])
	}
	if size > mostText {
		return Value{}, tooLong("join")
	}
	return Value{Data: strings.Join(texts, between)}, nil
}

// Transform is what a parameter's transform makes of its value: md5, sha256, base64, or the value itself for
// every other name.
func Transform(name, value string) string {
	switch name {
	case "md5":
		return md5Hex(value)
	case "sha256":
		return sha256Hex(value)
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(value))
	}
	return value
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// checkHMAC wants a key and, where it is given, a known encoding.
func checkHMAC(args []string) string {
	if args[0] == "" {
		return "hmac_sha256 needs a key, such as hmac_sha256:\"field.ApiSecret\"."
	}
	if len(args) == 2 {
		return oneOf("hex", "base64")(args[1:])
	}
	return ""
}

func keyToken(name string) (*Token, bool) {
	if inner, ok := strings.CutPrefix(name, "${"); ok {
		name = "var." + strings.TrimSuffix(inner, "}")
	}
	t, message := newToken(name)
	if message != "" || t.Namespace != Field && t.Namespace != Var {
		return nil, false
	}
	return t, true
}

// Keys are the tokens that a token's filters name as keys.
func (t *Token) Keys() []*Token {
	var keys []*Token
	for _, f := range t.Filters {
		if f.Name == "hmac_sha256" {
			if key, ok := keyToken(f.Args[0]); ok {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// hmacKey is what a key stands for: the value of the field or variable that it names, else the text itself.
func hmacKey(name string, env Env) (Value, error) {
	t, named := keyToken(name)
	if !named {
		return Value{Data: name}, nil
	}
	if env.Key != nil {
		if key, ok := env.Key(t); ok && !Empty(key.Data) {
			return key, nil
		}
	}
	return Value{}, &FilterError{"hmac_sha256", "the key " + name + " has no value"}
}

func applyHMAC(in Value, args []string, env Env) (Value, error) {
	key, err := hmacKey(args[0], env)
	if err != nil {
		return Value{}, err
	}
	mac := hmac.New(sha256.New, []byte(Text(key.Data)))
	mac.Write([]byte(Text(in.Data)))
	sum := mac.Sum(nil)
	if len(args) == 2 && args[1] == "base64" {
		return Value{Data: base64.StdEncoding.EncodeToString(sum), Secret: key.Secret}, nil
	}
	return Value{Data: hex.EncodeToString(sum), Secret: key.Secret}, nil
}
