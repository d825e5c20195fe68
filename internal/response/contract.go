package response

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"time"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// judgeContract holds the answer against what the kind of endpoint promises to its callers.
func (r *reader) judgeContract() *run.Failure {
	switch r.asked.Endpoint.EffectiveContract() {
	case "token":
		return r.judgeToken()
	case "records":
		return r.judgeRecords()
	case "identity":
		return r.judgeIdentity()
	}
	return nil
}

// judgeRecords collects the records: a list, or one object, at the items path. No records are a success.
func (r *reader) judgeRecords() *run.Failure {
	items := r.asked.Endpoint.Response.Items
	if r.doc == nil {
		return r.badType("records", r.real())
	}
	segments := splitPath(items)
	res := resolve(r.doc, segments)
	if !res.found() {
		if res.node.element && len(res.rest) == 1 {
			r.out.Items = []any{}
			return nil // the element that holds the records is there, and empty
		}
		return r.keyMissing(items, segments, res, "items path")
	}
	n := res.node
	if n == r.doc && n.element {
		n = &n.kids[0]
	}
	switch n.kind {
	case kindList:
		r.out.Items = make([]any, len(n.kids))
		for i := range n.kids {
			r.out.Items[i] = plainValue(&n.kids[i])
		}
	case kindObject:
		r.out.Items = []any{plainValue(n)}
		r.warnWrapped(n, segments)
	case kindNull:
		if r.later() {
			r.out.Items = []any{}
			break
		}
		return r.isNull(cmp.Or(items, "the answer"), "items path")
	case kindBool, kindNumber, kindText:
		if n.element && n.text == "" {
			r.out.Items = []any{}
			break
		}
		return &run.Failure{
			Cause: run.KeyMissing, Summary: "no records at " + cmp.Or(items, "the top of the answer"),
			Evidence: stop(cmp.Or(items, "The answer") + " is " + n.describe(r.hide) + ", not a list of records"),
			Hint:     cmp.Or(r.listHint(), "Open the answer under Response and click the list that holds the records."),
		}
	}
	r.out.Count = len(r.out.Items)
	return nil
}

// warnWrapped notes that one object was counted as the only record although it holds a list itself.
func (r *reader) warnWrapped(n *node, segments []string) {
	for i := range n.kids {
		if n.kids[i].kind == kindList && !r.doc.element {
			path := joinPath(append(append([]string{}, segments...), n.kids[i].key))
			r.warn("The whole object was counted as one record, but it holds a list at " + path + ". Did you mean the items path " + path + "?")
			return
		}
	}
}

// listHint names a list that might be the records.
func (r *reader) listHint() string {
	hint := ""
	visits := 0
	explore(r.doc, nil, &visits, func(path []string, n *node) {
		if hint == "" && n.kind == kindList {
			hint = didYouMean(path, "there is a list of "+plural(len(n.kids), "item"))
		}
	})
	return hint
}

func (r *reader) token() integration.Token {
	if r.asked.Endpoint.Token != nil {
		return *r.asked.Endpoint.Token
	}
	return integration.Token{}
}

func (r *reader) tokenPlace() string { return cmp.Or(r.token().Location, "json") }

// judgeToken takes the token of an Auth endpoint and how long it lives.
func (r *reader) judgeToken() *run.Failure {
	def := r.token()
	path := cmp.Or(def.Path, "access_token")
	value, f := r.tokenValue(path)
	if f != nil {
		return f
	}
	if value = strings.TrimSpace(value); value == "" {
		return &run.Failure{
			Cause: run.ValueNull, Summary: "the token is empty",
			Evidence: "The vendor answered " + statusName(r.answer.Status) + " and left " + path + " empty.",
			Hint:     "The vendor did not give a token. Check the credentials at the integrator; some vendors answer like this when a user may not use the API.",
		}
	}
	r.out.Secrets = append(r.out.Secrets, value)
	r.out.Spans = r.standsAt(value)
	r.out.Token = &Token{Value: secret.NewText(value), Expires: r.expires(def)}
	if r.out.Result == nil {
		r.out.Note = "a token came"
		if e := r.out.Token.Expires; !e.IsZero() {
			r.out.Note += ", good until " + e.UTC().Format("2006-01-02 15:04:05") + " UTC"
		}
	}
	return nil
}

// standsAt is where a value stands in the answer as a word of its own.
func (r *reader) standsAt(value string) []redact.Span {
	var spans []redact.Span
	body := r.answer.Body
	for at := 0; len(spans) < 1000; {
		i := bytes.Index(body[at:], []byte(value))
		if i < 0 {
			break
		}
		from, to := at+i, at+i+len(value)
		if (from == 0 || !isWord(body[from-1])) && (to == len(body) || !isWord(body[to])) {
			spans = append(spans, redact.Span{Where: "answer", From: from, To: to})
		}
		at = to
	}
	return spans
}

func (r *reader) tokenValue(path string) (string, *run.Failure) {
	switch r.tokenPlace() {
	case "header":
		for _, h := range r.answer.Headers {
			if strings.EqualFold(h.Name, path) {
				return h.Value, nil
			}
		}
		var seen []string
		for _, h := range r.answer.Headers {
			seen = append(seen, h.Name)
		}
		return "", &run.Failure{
			Cause: run.KeyMissing, Summary: "no header " + path + " in the answer",
			Evidence: "The answer has the headers: " + clip(strings.Join(seen, ", "), 200) + ".",
			Hint:     "The token was expected in the header " + path + ". Check the name, or whether the token stands in the body.",
		}
	case "text":
		return r.text, nil
	}
	if r.doc == nil {
		return "", r.badType("a token", r.real())
	}
	segments := splitPath(path)
	res := resolve(r.doc, segments)
	if !res.found() {
		return "", r.keyMissing(path, segments, res, "token path")
	}
	if res.node.kind == kindNull {
		return "", r.isNull(path, "token path")
	}
	value, ok := res.node.scalar()
	if !ok {
		return "", &run.Failure{
			Cause: run.KeyMissing, Summary: "no token at " + path,
			Evidence: stop(path + " is " + res.node.describe(r.hide)),
			Hint:     cmp.Or(r.suggestion(append(segments, "token")), "Open the answer under Response and click the token itself."),
		}
	}
	return value, nil
}

// expires is when a token ends: what the answer says, else the default of the definition, else an hour.
func (r *reader) expires(def integration.Token) time.Time {
	from := r.x.StartedAt
	if from.IsZero() {
		return time.Time{}
	}
	if r.doc != nil {
		res := resolve(r.doc, splitPath(cmp.Or(def.ExpiresPath, "expires_in")))
		if value, ok := scalarOf(res); ok {
			if at, ok := moment(value, def.ExpiresKind, from); ok {
				return at
			}
			r.warn("The time " + quote(clip(r.hide(value), 40)) + " at " + cmp.Or(def.ExpiresPath, "expires_in") + " could not be read; the token counts as good for " + span(lifetime(def)) + ".")
		}
	}
	return from.Add(lifetime(def))
}

func scalarOf(res resolution) (string, bool) {
	if !res.found() || res.node.kind == kindNull {
		return "", false
	}
	return res.node.scalar()
}

func lifetime(def integration.Token) time.Duration {
	if def.ExpiresIn > 0 {
		return time.Duration(def.ExpiresIn) * time.Second
	}
	return time.Hour
}

// moment reads seconds from now, or a point in time: RFC 3339, "2006-01-02 15:04:05", or seconds or
// milliseconds since 1970.
func moment(value, kind string, from time.Time) (time.Time, bool) {
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	switch {
	case err == nil && kind != "moment" && n >= 0 && n < 1e9:
		return from.Add(time.Duration(n * float64(time.Second))), true
	case err == nil && n > 1e9 && n < 1e11:
		return time.Unix(int64(n), 0).UTC(), true
	case err == nil && n >= 1e11 && n < 1e14:
		return time.UnixMilli(int64(n)).UTC(), true
	case err == nil:
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.RFC1123} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// judgeIdentity looks for ContactId or ContactEmail, in any letter case, at the identifier path or at the top.
func (r *reader) judgeIdentity() *run.Failure {
	path := r.asked.Endpoint.Response.Identifier
	if r.doc == nil {
		return r.badType("data", r.real())
	}
	at := r.doc
	if at.element {
		at = &at.kids[0]
	}
	if path != "" {
		segments := splitPath(path)
		res := resolve(r.doc, segments)
		if !res.found() {
			f := r.keyMissing(path, segments, res, "identifier")
			f.Cause = run.NoIdentity
			return f
		}
		at = res.node
		if value, ok := at.scalar(); ok && at.kind != kindNull && value != "" {
			r.setIdentity(value)
			return nil
		}
	}
	for i := range at.kids {
		value, ok := at.kids[i].scalar()
		if !ok || at.kids[i].kind == kindNull {
			continue
		}
		switch {
		case strings.EqualFold(at.kids[i].key, "ContactId"):
			r.out.Identity.ContactID = strings.TrimSpace(value)
		case strings.EqualFold(at.kids[i].key, "ContactEmail"):
			r.out.Identity.ContactEmail = strings.TrimSpace(value)
		}
	}
	if r.out.Identity == (Identity{}) {
		return r.noIdentity(at)
	}
	return nil
}

func (r *reader) setIdentity(value string) {
	if strings.Contains(value, "@") {
		r.out.Identity.ContactEmail = strings.TrimSpace(value)
		return
	}
	r.out.Identity.ContactID = strings.TrimSpace(value)
}

// emptyIdentity tells whether one of the two names is there without a value.
func emptyIdentity(n *node) bool {
	for i := range n.kids {
		if key := n.kids[i].key; strings.EqualFold(key, "ContactId") || strings.EqualFold(key, "ContactEmail") {
			return true
		}
	}
	return false
}

// refusal names a member that says no, "" where there is none.
func refusal(n *node) string {
	if n.kind == kindBool && n.text == "false" {
		return "It"
	}
	for i := range n.kids {
		if n.kids[i].kind == kindBool && n.kids[i].text == "false" {
			return n.kids[i].key
		}
	}
	return ""
}

func (r *reader) noIdentity(at *node) *run.Failure {
	f := &run.Failure{Cause: run.NoIdentity, Summary: "the answer names nobody: no ContactId and no ContactEmail"}
	switch at.kind {
	case kindObject:
		f.Evidence = "The answer has: " + r.names(at) + "."
		if len(at.kids) == 0 {
			f.Evidence = "The answer is an empty object."
		}
		if emptyIdentity(at) {
			f.Evidence += " ContactId and ContactEmail are empty."
			f.Hint = "The vendor accepted the call and names nobody: the token may be used up or belong to no contact. Try a fresh link; if it stays so, ask the vendor who the token belongs to."
			return f
		}
	case kindList:
		f.Evidence = "The answer is a list of " + plural(len(at.kids), "item") + ", not an object."
	case kindNull, kindBool, kindNumber, kindText:
		f.Evidence = sentence("the answer is " + at.describe(r.hide))
	}
	if path := refusal(at); path != "" {
		f.Evidence += " " + path + " is false."
		f.Hint = "The vendor does not accept this login: the link may be used up or too old. Try a fresh link; if it stays so, ask the vendor."
		return f
	}
	for _, name := range []string{"ContactEmail", "ContactId", "email", "contact_email", "contact_id"} {
		if hint := r.suggestion([]string{name}); hint != "" {
			f.Hint = strings.Replace(hint, "Did you mean ", "The visitor may be named at ", 1)
			f.Hint = strings.Replace(f.Hint, "? ", ". ", 1) + " Set the identifier to that path, or let the vendor answer ContactEmail at the top."
			return f
		}
	}
	f.Hint = "The vendor accepted the token and does not say whose it is. It must answer an object with ContactId or ContactEmail."
	return f
}
