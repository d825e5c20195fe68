package response

import (
	"net/http"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// jsonWrapped tells whether JSON stands inside something else: a callback (JSONP) or behind a guard prefix.
func jsonWrapped(s string) bool {
	if strings.HasPrefix(s, ")]}'") || strings.HasPrefix(s, "while(1);") || strings.HasPrefix(s, "for(;;);") {
		return true
	}
	s = strings.TrimSpace(strings.TrimPrefix(s, "/**/"))
	word := firstWord(s)
	rest := strings.TrimLeft(s[len(word):], " ")
	return word != "" && strings.HasPrefix(rest, "(") && looksJSON(strings.TrimLeft(rest[1:], " \n\r\t")) && strings.HasSuffix(strings.TrimRight(s, "; \r\n"), ")")
}

// parseFailure says where and why an answer cannot be parsed, with the bytes around the place.
func (r *reader) parseFailure(format string, bad *flaw) *run.Failure {
	if bad.tooMuch {
		return &run.Failure{
			Cause: run.TooLarge, Summary: bad.what,
			Evidence: r.around(bad.offset),
			Hint:     "Answers of this size or depth are not looked into. Ask the vendor for less at once: a smaller page, a filter, or only the fields that are needed.",
		}
	}
	word := visible(r.asked.Hide.Cut([]byte(r.text), bad.offset, bad.offset+bad.word))
	bad.what, bad.hint = strings.ReplaceAll(bad.what, theWord, word), strings.ReplaceAll(bad.hint, theWord, word)
	line, column := lineColumn(r.text, bad.offset)
	where := "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
	f := &run.Failure{
		Cause: run.Parse, Summary: "not valid " + format + " at " + where + ": " + bad.what,
		Evidence: sentence("At "+where+": "+bad.what) + " " + r.around(bad.offset),
		Hint:     bad.hint,
	}
	switch head := strings.TrimSpace(r.text); {
	case bad.ended:
		f.Evidence += " " + r.received()
		f.Hint = "The answer was cut short on the vendor's side or on the way. Try again; if it always ends at the same place, send the vendor this position."
	case format == "JSON" && strings.ContainsRune(r.text, 0):
		f.Hint = "Every other byte is zero: the answer seems to be UTF-16, and nothing says so. Ask the vendor for UTF-8, or to name the charset in its Content-Type."
	case format == "JSON" && jsonWrapped(head):
		f.Hint = "The JSON is wrapped into something else (" + quote(clip(r.hide(firstLine(head)), 24)) + "). Ask the vendor for plain JSON: often a callback or jsonp parameter must be left out."
	case format == "JSON" && !looksJSON(head) && r.jsonBehindText():
		f.Hint = "The vendor's program writes a line of its own before the JSON, often a warning or a log. Send the vendor the evidence above."
	case f.Hint == "" && looksJSON(head):
		f.Hint = "The vendor's answer is not valid JSON. Send the vendor this position."
	case f.Hint == "" && format == "JSON":
		f.Hint = "The vendor's answer is not valid JSON. If it is plain text, set the response type to TEXT; else send the vendor this position."
	case f.Hint == "":
		f.Hint = "Set the response type to what the vendor really sends, or send the vendor this position."
	}
	if r.charset != "" {
		f.Evidence += " (Read as " + r.charset + ".)"
	}
	return f
}

// jsonBehindText tells whether a text is followed by valid JSON that begins on a line of its own.
func (r *reader) jsonBehindText() bool {
	text := r.text[:min(len(r.text), 64<<10)]
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return false
		}
		if at += i + 1; looksJSON(strings.TrimSpace(text[at:])) {
			_, bad := parseJSON(strings.TrimSpace(text[at:]))
			return bad == nil
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// around shows the bytes around a place; »« stand around the character at the place itself.
func (r *reader) around(offset int) string {
	body := []byte(r.text)
	if offset >= len(body) {
		from := wholeRune(r.text, max(0, len(body)-60))
		return "The answer ends with: " + mark(from > 0) + visible(r.asked.Hide.Cut(body, from, len(body))) + "»«"
	}
	from, to := wholeRune(r.text, max(0, offset-40)), wholeRune(r.text, min(len(body), offset+40))
	next := min(len(body), offset+len(firstRune(r.text[offset:])))
	if to < next {
		to = next
	}
	return "Around it: " + mark(from > 0) + visible(r.asked.Hide.Cut(body, from, offset)) +
		"»" + visible(r.asked.Hide.Cut(body, offset, next)) + "«" + visible(r.asked.Hide.Cut(body, next, to)) + mark(to < len(body))
}

func mark(more bool) string {
	if more {
		return "…"
	}
	return ""
}

// wholeRune moves a position back to the start of a character.
func wholeRune(s string, at int) int {
	for at > 0 && at < len(s) && s[at]&0xc0 == 0x80 {
		at--
	}
	return at
}

// received says how much of the announced body came.
func (r *reader) received() string {
	announced, err := strconv.ParseInt(strings.TrimSpace(r.answer.Header("Content-Length")), 10, 64)
	if err == nil && announced > r.answer.Size {
		return thousands(r.answer.Size) + " of " + plural(int(announced), "byte") + " came (Content-Length)."
	}
	if err == nil && r.answer.Complete {
		return "All " + plural(int(announced), "byte") + " that the vendor announced came."
	}
	return plural(int(r.answer.Size), "byte") + " came."
}

// brokeOff judges an answer whose end never came.
func (r *reader) brokeOff() *run.Failure {
	f := &run.Failure{
		Cause: run.Parse, Summary: "the answer broke off after " + plural(int(r.answer.Size), "byte"),
		Evidence: "The connection ended before the answer did: " + r.received(),
		Hint:     "The answer was cut short on the vendor's side or on the way. Try again; if it keeps happening, tell the vendor the time of this call.",
	}
	if !r.blank() {
		f.Evidence += " " + r.around(len(r.text))
	}
	if m := r.method(); m != http.MethodGet && m != http.MethodHead {
		f.Hint += " Look at the vendor first whether the change was made: the request did arrive."
	}
	return f
}
