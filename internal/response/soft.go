package response

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// softError finds an error that a vendor reports with a good status, where no rule of the admin decides. It
// knows the usual shapes and is careful: empty lists, null, 0, false and "none" are no errors.
func (r *reader) softError() *run.Failure {
	var sign string
	switch {
	case r.doc.kind == kindObject && r.doc.element:
		sign = r.softXML()
	case r.doc.kind == kindObject && family(r.real()) == "json":
		sign = softObject(r.doc, r.keyFound())
	case r.doc.kind == kindText:
		sign = softText(r.doc.text)
	case r.doc.kind == kindObject:
		if sign = softText(r.text); sign == "" && r.asked.Endpoint.Response.Delimiter != "" {
			sign = softObject(r.doc, r.keyFound())
		}
	}
	if sign == "" && r.answer.Status == http.StatusMultiStatus {
		return r.judgeItems()
	}
	if sign == "" {
		return nil
	}
	said := r.vendorMessage()
	f := &run.Failure{
		Cause: run.ErrorIn200, Summary: "status " + strconv.Itoa(r.answer.Status) + ", but the answer says it failed",
		Evidence: stop(clip(visible(r.hide(sign)), 200)),
	}
	if said != "" {
		f.Summary += ": " + clip(said, 100)
		if !strings.Contains(f.Evidence, said) {
			f.Evidence += " The vendor says: " + quote(said) + "."
		}
	}
	if r.invalidGrant() {
		f.Cause, f.Hint = run.Reconnect, reconnectHint
		return f
	}
	f.Hint = adviceFor(said) + " If this answer is a success, say so with a success rule on the Response tab."
	return f
}

// keyFound tells whether the response key leads to a value, so that weaker signs of an error do not count.
func (r *reader) keyFound() bool {
	if r.rule.path == "" {
		return false
	}
	res := resolve(r.doc, r.rule.segments)
	return res.found() && res.node.kind != kindNull
}

// looked is how many members of an object are looked at for signs.
const looked = 200

// softObject looks at the members of a JSON object, and of one that only wraps it.
func softObject(n *node, keyFound bool) string {
	for i := range n.kids[:min(len(n.kids), looked)] {
		if sign := softMember(n, &n.kids[i], keyFound); sign != "" {
			return sign
		}
	}
	if len(n.kids) == 1 && n.kids[0].kind == kindObject {
		if sign := softObject(&n.kids[0], keyFound); sign != "" {
			return n.kids[0].key + ": " + sign
		}
	}
	return ""
}

// softMember is the sign of an error in one member, "" where there is none.
func softMember(n, m *node, keyFound bool) string {
	value, plain := m.scalar()
	value = strings.TrimSpace(value)
	is := func() string { return m.key + " is " + quoteValue(value) } // dear, and seldom asked for
	switch fold(strings.TrimPrefix(m.key, "@")) {
	case "success", "issuccess", "ok", "succeeded", "successful", "issuccessful":
		if strings.EqualFold(value, "false") || value == "0" && has(n, explained...) {
			return is()
		}
	case "haserror", "haserrors", "iserror":
		if m.kind == kindBool && value == "true" {
			return is()
		}
	case "meta", "header", "head", "statusinfo":
		if m.kind == kindObject {
			if sign := softObject(m, keyFound); sign != "" {
				return m.key + ": " + sign
			}
		}
	case "error", "err", "fault", "exception":
		return softValue(m)
	case "errors":
		if (m.kind == kindList || m.kind == kindObject) && len(m.kids) > 0 && !keyFound && !allEmpty(m) {
			return m.key + " holds " + plural(len(m.kids), "error")
		}
		if m.kind == kindText {
			return softValue(m)
		}
	case "coderesult":
		if plain && value != "100" && value != "" {
			return is() + " (100 would be a success)"
		}
	case "errorcode", "errcode", "errorno", "errno":
		if plain && !keyFound && !noError(value) {
			return is()
		}
	case "errormessage", "errormsg", "errmsg":
		if plain && !keyFound && !noError(value) && !has(n, "errorcode", "errcode", "coderesult", "success") {
			return is()
		}
	case "status", "result", "state", "statuscode", "code", "responsestatus", "response":
		if plain && !keyFound && failedWord(n, value) {
			return is()
		}
	case "type":
		if value == "error" && has(n, "message", "msg") {
			return is()
		}
	}
	return ""
}

// softValue judges a member named error: a text, a number, true or an object with something in it.
func softValue(m *node) string {
	switch m.kind {
	case kindText, kindNumber:
		if !noError(m.text) {
			return m.key + " is " + quoteValue(m.text)
		}
	case kindBool:
		if m.text == "true" {
			return m.key + " is true"
		}
	case kindObject, kindList:
		if len(m.kids) > 0 && !allEmpty(m) {
			if code, ok := m.step("code"); ok && noError(code.text) && code.text != "" {
				return ""
			}
			return "There is an " + m.key + ": " + m.json()
		}
	case kindNull:
	}
	return ""
}

// allEmpty tells whether nothing in a list or an object says anything.
func allEmpty(m *node) bool {
	for i := range m.kids {
		k := &m.kids[i]
		if s, ok := k.scalar(); ok && noError(s) || !ok && allEmpty(k) {
			continue
		}
		return false
	}
	return true
}

// noError tells whether the value of an error field says that there is none.
func noError(s string) bool {
	switch strings.ToLower(strings.TrimSpace(strings.TrimRight(s, "."))) {
	case "", "0", "00", "000", "0000", "null", "none", "no", "no error", "no errors", "ok", "success", "successful", "false", "nil", "undefined", "n/a", "200", "{}", "[]":
		return true
	}
	return false
}

// failedWord tells whether a status says "failed" about the call itself: there is a message beside it and
// nothing that makes it the state of a record.
func failedWord(n *node, value string) bool {
	if isRecord(n) || !has(n, explained...) {
		return strings.EqualFold(value, "fail") && has(n, "data") || strings.EqualFold(value, "error") && len(n.kids) == 1
	}
	switch strings.ToLower(value) {
	case "error", "err", "fail", "failed", "failure", "nok", "unauthorized", "forbidden", "denied", "invalid", "rejected", "exception":
		return true
	}
	if value == "false" {
		return has(n, "message", "msg", "error", "errormessage")
	}
	code, err := strconv.Atoi(value)
	return err == nil && code >= 400 && http.StatusText(code) != "" && has(n, "message", "msg", "error", "errors", "errormessage", "detail")
}

// explained are the names beside a status that say more about a failure.
var explained = []string{
	"message", "msg", "error", "errors", "errormessage", "errormsg", "reason", "detail", "description", "errorcode", "code", "faultcode",
}

// isRecord tells whether an object has an id of its own, so that its status is that of a record and not that
// of the call.
func isRecord(n *node) bool {
	for i := range n.kids[:min(len(n.kids), looked)] {
		switch key := fold(n.kids[i].key); key {
		case "requestid", "traceid", "correlationid", "errorid", "logid", "transactionid", "referenceid":
		default:
			if strings.HasSuffix(key, "id") && n.kids[i].kind != kindNull && n.kids[i].text != "" {
				return true
			}
		}
	}
	return false
}

func has(n *node, keys ...string) bool {
	for i := range n.kids[:min(len(n.kids), looked)] {
		if n.kids[i].kind != kindNull && slices.Contains(keys, fold(n.kids[i].key)) {
			return true
		}
	}
	return false
}

// softXML looks for a SOAP fault, a root element that is called an error, and the members that JSON would have.
func (r *reader) softXML() string {
	root := &r.doc.kids[0]
	if body, ok := root.member("Body"); ok {
		if fault, ok := body.member("Fault"); ok {
			said := messageIn(fault)
			return "The answer is a SOAP fault: " + said
		}
	}
	switch fold(root.key) {
	case "error", "errors", "fault", "exception", "errorresponse":
		if s, ok := root.scalar(); !ok || !noError(s) {
			return "The answer is an element <" + root.key + ">"
		}
	}
	if root.kind == kindObject {
		return softObject(root, r.keyFound())
	}
	return softText(root.text)
}

var errorText = regexp.MustCompile(`(?i)^(` +
	`(err(or)?|fail(ed|ure)?|nok|ko|exception|fatal( error)?)\s*([:;|,=#]|- |-?\d|$)` +
	`|(error|failed|unable|could not|cannot) (to|while|in|at|on|occurred|processing|sending)\b` +
	`|(access denied|unauthori[sz]ed|permission denied|authentication failed|invalid (api ?key|credentials|login|user|token|request))\b` +
	`)`)

// softText knows the short texts by which simple vendors say that it did not work.
func softText(s string) string {
	line := strings.TrimSpace(firstLine(strings.TrimSpace(s)))
	m := errorText.FindString(line)
	if m == "" || len(line) > 400 || noErrorText.MatchString(line) {
		return ""
	}
	return "The answer begins with " + quote(line)
}

var noErrorText = regexp.MustCompile(`(?i)^\s*(err(or)?|fail(ed|ures?)?|errorcode)\s*[:;|,= ]\s*(0+|none|no|null|false|ok)?\s*([,;|].*)?$`)

// adviceFor turns the vendor's words into something to do.
func adviceFor(said string) string {
	if advice := knownAdvice(said); advice != "" {
		return advice
	}
	if said == "" {
		return "The vendor says no more than that. Look the value up in the vendor's description."
	}
	return "Read the vendor's words in the evidence; they say what it did not like about this call."
}

// knownAdvice is what to do about words that vendors often use, "" for others.
func knownAdvice(said string) string {
	s := strings.ToLower(said)
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case says("expired") && says("token", "session", "key", "login"):
		return "The token or key has expired. Get a new one from the vendor and put it into the integrator."
	case says("api key", "apikey", "api_key", "credential", "unauthor", "password", "login", "authenticat", "token", "access denied", "not logged", "signature", "not_auth", "invalid_auth", "authoriz", "invalid_client"):
		return "The vendor does not accept the credentials. Check them at the integrator, and that they belong to this host."
	case says("rate", "too many", "throttl", "quota"):
		return "The vendor limits how often it may be called. Wait, then call less often."
	case says("balance", "credit", "fund", "payment"):
		return "The account at the vendor has run out of credit. Somebody has to top it up or settle the bill."
	case says("suspended", "deactivated", "account is disabled", "account disabled", "inactive account"):
		return "The account at the vendor is suspended or switched off. Somebody has to talk to the vendor."
	case says("permission", "not allowed", "forbidden", "privilege"):
		return "The credentials work but may not do this. Ask the vendor for the missing permission."
	case says("not found", "does not exist", "no such", "unknown"):
		return "The vendor does not know the record that was named. Look at the ids in Request."
	case says("missing", "required", "mandatory", "empty"):
		return "Something the vendor needs was not sent. Compare the name in the vendor's words with the rows and the body in Request."
	case says("duplicate", "already"):
		return "The record is there already. Look it up at the vendor before sending again."
	case says("phone", "number", "recipient", "msisdn"):
		return "The vendor does not accept the phone number. Look at the number in Request and at the format the vendor wants (with country code, with or without +)."
	case says("invalid", "format", "malformed", "must be"):
		return "The vendor does not like one of the values. Compare its words with the values in Request."
	}
	return ""
}
