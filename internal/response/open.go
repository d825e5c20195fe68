package response

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// blank tells whether there is nothing but white space in the answer.
func (r *reader) blank() bool { return strings.TrimSpace(r.text) == "" }

// judgeBlank judges an answer without a body: fine, unless something was to be found in it.
func (r *reader) judgeBlank() *run.Failure {
	def := r.asked.Endpoint.Response
	contract := r.asked.Endpoint.EffectiveContract()
	needs := ""
	switch {
	case !r.answer.Complete:
		return r.brokeOff()
	case r.later():
		r.out.Items = []any{}
		return r.takeNext()
	case def.Key != "":
		needs = "the response key " + r.rule.path
	case def.Items != "":
		needs = "the records at " + def.Items
	case contract == "token" && r.tokenPlace() != "header":
		needs = "a token"
	case contract == "records", contract == "identity", contract == "result":
		needs = map[string]string{"records": "records", "identity": "ContactId or ContactEmail", "result": "a result"}[contract]
	}
	if needs == "" {
		r.doc = &node{kind: kindText}
		if f := r.judgeRule(); f != nil {
			f.Summary = "the answer is empty, " + wanted(cmp.Or(def.Success.Op, "="), def.Success.Value) + " at " + cmp.Or(def.Success.Path, "the answer")
			f.Hint = "The vendor sent nothing back, so the success rule cannot hold. If an empty answer is a success here, take the rule away; else tell the vendor the time of this call."
			return f
		}
		r.out.Note = "the answer is empty (" + statusName(r.answer.Status) + ")"
		return r.judgeContract()
	}
	f := &run.Failure{
		Cause: run.EmptyBody, Summary: "the answer is empty",
		Evidence: statusName(r.answer.Status) + " with " + plural(int(r.answer.Size), "byte") + " of body; " + needs + " was to be found in it.",
	}
	switch {
	case r.method() == http.MethodHead:
		f.Hint = "HEAD never has a body. Use GET for this endpoint, or take away what is to be found in the answer."
	case r.answer.Status == http.StatusNoContent:
		f.Hint = "204 No Content says: done, and there is nothing to tell. If that is fine here, take the response key away, or ask the vendor how to get the record back."
	default:
		f.Hint = "The vendor accepted the call and sent nothing back. If that is fine here, take away what is to be found in the answer; else tell the vendor the time of this call."
	}
	return f
}

// open settles what the answer is, holds it against the type that the definition expects and parses it.
func (r *reader) open() *run.Failure {
	switch r.asked.Endpoint.Response.Type {
	case "json":
		return r.openAs("JSON", parseJSON)
	case "xml":
		return r.openAs("XML", parseXML)
	case "csv":
		return r.openAs("CSV", r.parseCSV)
	case "text":
		return r.openText()
	case "binary":
		return r.openBinary()
	}
	return r.openAuto()
}

func (r *reader) parseCSV(s string) (*node, *flaw) {
	return parseCSV(s, r.asked.Endpoint.Response.Delimiter)
}

// real is the media type that the bytes show; a declared type of the same family is kept as it was named.
func (r *reader) real() string {
	if r.seen == "" {
		r.seen = r.look()
	}
	return r.seen
}

func (r *reader) look() string {
	t := kindOfBytes(r.answer.Body)
	if t == "" {
		t = kindOfText(r.text)
	}
	if t == "text/html" && r.declared == "application/xhtml+xml" || t != "text/plain" && family(r.declared) == family(t) {
		return r.declared
	}
	if t == "text/plain" && r.declared != "" && family(r.declared) != "json" && family(r.declared) != "xml" {
		return r.declared
	}
	return t
}

// family is json, xml, html, csv, pdf … for a media type; "" where there is none.
func family(t string) string {
	switch {
	case t == "":
		return ""
	case strings.HasSuffix(t, "+json"), strings.HasSuffix(t, "/json"):
		return "json"
	case t == "text/html", t == "application/xhtml+xml":
		return "html"
	case strings.HasSuffix(t, "+xml"), strings.HasSuffix(t, "/xml"):
		return "xml"
	}
	return t[strings.IndexByte(t, '/')+1:]
}

// openAs parses an answer that has to be of one type.
func (r *reader) openAs(format string, parse func(string) (*node, *flaw)) *run.Failure {
	seen := r.real()
	is := family(seen)
	switch {
	case is == "html" && format != "HTML":
		return r.page(format)
	case kindOfBytes(r.answer.Body) != "", is == "xml" && format == "JSON" || is == "json" && format == "XML":
		return r.badType(format, seen)
	}
	if len(r.text) > maxParse {
		return r.skipParse()
	}
	doc, bad := parse(r.text)
	if bad == nil {
		r.doc = doc
		r.warnType(format)
		return nil
	}
	if !bad.tooMuch && r.foreign(format) {
		return r.badType(format, seen)
	}
	return r.parseFailure(format, bad)
}

// foreign tells whether an answer that does not parse never meant to be of the format: it says it is another
// type, and it does not look like it either.
func (r *reader) foreign(format string) bool {
	if r.declared == "" || strings.EqualFold(family(r.declared), format) || r.declared == "application/octet-stream" {
		return false
	}
	head := strings.TrimSpace(r.text)
	switch format {
	case "JSON":
		return !looksJSON(head) && !jsonWrapped(head) && head[0] != '"'
	case "XML":
		return head[0] != '<'
	}
	return false
}

func (r *reader) warnType(format string) {
	if declared := family(r.declared); declared != "" && !strings.EqualFold(declared, format) && declared != "plain" && declared != "octet-stream" {
		r.warn("The vendor calls the answer " + clip(r.declared, 60) + ", but it is " + format + "; it was read as that.")
	}
}

func (r *reader) skipParse() *run.Failure {
	if r.wanted() {
		return r.tooLong(int64(len(r.text)))
	}
	r.warn("The answer is longer than 2 MiB and was not looked into.")
	return nil
}

func (r *reader) tooLong(size int64) *run.Failure {
	return &run.Failure{
		Cause: run.TooLarge, Summary: "the answer is too large to be read",
		Evidence: "The answer has " + thousands(size) + " bytes; at most 2 MiB (2,097,152 bytes) are looked into.",
		Hint:     "Ask the vendor for less at once: a smaller page, a filter, or only the fields that are needed.",
	}
}

// openAuto goes by what the bytes show, then by what the vendor calls them.
func (r *reader) openAuto() *run.Failure {
	seen := r.real()
	switch is := family(seen); {
	case is == "html":
		if r.wanted() || loginPage(r.text) != "" {
			return r.page("data")
		}
		r.warn("The answer is a web page (HTML), not data.")
		return nil
	case kindOfBytes(r.answer.Body) != "":
		return r.openBinary()
	case is == "json", family(r.declared) == "json":
		return r.openMaybe("JSON", parseJSON)
	case is == "xml":
		return r.openMaybe("XML", parseXML)
	case is == "csv":
		return r.openMaybe("CSV", r.parseCSV)
	}
	token := r.asked.Endpoint.EffectiveContract() == "token"
	switch {
	case jsonWrapped(strings.TrimSpace(r.text)) && r.wanted(), token && r.tokenPlace() == "json":
		return r.openAs("JSON", parseJSON)
	case token && r.tokenPlace() == "xml":
		return r.openAs("XML", parseXML)
	}
	return r.openText()
}

// openMaybe parses what looks like a format; where nothing was to be found in it, a mistake in it is only a
// warning.
func (r *reader) openMaybe(format string, parse func(string) (*node, *flaw)) *run.Failure {
	f := r.openAs(format, parse)
	if f == nil || r.wanted() || f.Cause == run.TooLarge {
		return f
	}
	r.warn("The answer looks like " + format + " but is not valid: " + f.Summary + ".")
	return nil
}

func (r *reader) openText() *run.Failure {
	if kindOfBytes(r.answer.Body) != "" {
		return r.badType("text", r.real())
	}
	if family(r.real()) == "html" && (loginPage(r.text) != "" || r.wanted()) {
		return r.page("text")
	}
	if len(r.text) > maxParse {
		return r.skipParse()
	}
	doc, bad := parseText(r.text, r.asked.Endpoint.Response.Delimiter)
	if bad != nil {
		return r.parseFailure("text", bad)
	}
	r.doc, r.plain = doc, len(doc.kids) == 1
	return nil
}

// openBinary takes an answer as bytes; there is nothing to be found inside.
func (r *reader) openBinary() *run.Failure {
	if r.wanted() {
		return r.badType("data", r.real())
	}
	r.out.Note = thousands(r.answer.Size) + " bytes of " + r.real()
	return nil
}

// page judges a web page that came where data was expected.
func (r *reader) page(format string) *run.Failure {
	why := loginPage(r.text)
	if why == "" && len(r.x.Hops) > 0 && loginAddress.MatchString(r.x.Hops[len(r.x.Hops)-1].To) {
		why = "the redirect led to a sign-in address"
	}
	name := title(r.text)
	if name == "" {
		name = heading(r.text)
	}
	called := "a web page without a title"
	if name != "" {
		called = "a web page with the title " + quote(clip(r.hide(name), 120))
	}
	if r.declared != "" && family(r.declared) != "html" {
		called += ", though the vendor calls it " + clip(r.declared, 60)
	}
	if why != "" {
		return &run.Failure{
			Cause: run.LoginPage, Summary: "expected " + format + ", got a sign-in page",
			Evidence: sentence(statusName(r.answer.Status) + " with " + called + "; " + why + r.chain()),
			Hint:     "Not signed in at the vendor: the credentials are missing or no longer good, or the address is one for browsers. Check the integrator's credentials and use the vendor's API address.",
		}
	}
	f := r.badType(format, "text/html")
	f.Evidence = sentence(statusName(r.answer.Status) + " with " + called + r.chain())
	if text := pageText(r.text); text != "" && text != name {
		f.Evidence += " It says: " + quote(clip(r.hide(text), 160)) + "."
	}
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.text)), "<br") && strings.Contains(r.text, "on line") {
		f.Hint = "The vendor's PHP program wrote a warning into its answer. Send the vendor the evidence above."
		return f
	}
	if firewallPage(r.text) {
		f.Hint = firewallHint
		return f
	}
	f.Hint = "The address answers with a page for people. Use the vendor's API address: check host and path, and whether an Accept header is needed. A firewall or maintenance page looks like this too; open the address in a browser."
	return f
}

// badType judges an answer of another type than the one expected.
func (r *reader) badType(format, got string) *run.Failure {
	f := &run.Failure{Cause: run.BadType, Summary: "expected " + format + ", got " + got}
	if r.declared != "" && family(r.declared) != family(got) {
		f.Evidence = "The vendor calls it " + clip(r.declared, 60) + ". "
	}
	if raw := kindOfBytes(r.answer.Body); raw != "" {
		f.Evidence += "The answer begins with the bytes of " + raw + " (" + strconv.Itoa(len(r.answer.Body)) + " bytes)."
		f.Hint = "This answer is a file, not text. Use type binary or a Document endpoint if a file is what you want."
		if raw == "application/gzip" || raw == "application/zstd" {
			f.Hint = "The answer is compressed although the vendor does not say so (no Content-Encoding header). Ask the vendor to send it plain or to set the header."
		}
		return f
	}
	f.Evidence += "The answer begins: " + quote(r.head(160))
	switch is := family(got); is {
	case "xml", "json":
		name := strings.ToUpper(is)
		f.Hint = "The vendor answers " + name + ". Set the response type to " + name + " (or auto), or ask for " + format + " with an Accept header."
	case "plain":
		f.Hint = "The vendor answers plain text. If that is right, set the response type to TEXT; else read what it says above."
	case "event-stream":
		f.Hint = "The vendor streams events instead of one answer. Ask for plain " + format + ": a parameter such as stream must be false, or the Accept header must name it."
	default:
		f.Hint = "Set the response type to what the vendor really sends, or ask for " + format + " with an Accept header."
	}
	return f
}

// head is the beginning of the body, redacted, for evidence.
func (r *reader) head(most int) string {
	body := []byte(r.text)
	end := min(len(body), most*2)
	return clip(visible(oneLine(r.asked.Hide.Cut(body, 0, end))), most)
}
