package response

import (
	"slices"
	"strings"
)

// vendorMessage is what the vendor itself says about a trouble, in one redacted line of at most 240
// characters: the message of a JSON or XML answer, the title of a page, the first line of a text.
func (r *reader) vendorMessage() string {
	body := r.text
	if kindOfBytes(r.answer.Body) != "" || strings.TrimSpace(body) == "" {
		return ""
	}
	head := body[:min(len(body), 64<<10)]
	var said string
	switch kindOfText(head) {
	case "application/json":
		doc, bad := parseJSON(body[:min(len(body), maxParse)])
		if bad == nil {
			said = messageIn(doc)
		}
	case "application/xml":
		doc, bad := parseXML(body[:min(len(body), maxParse)])
		if bad == nil {
			said = messageIn(&doc.kids[0])
		}
	case "text/html":
		if said = title(head); said == "" {
			said = heading(head)
		}
		if h := heading(head); h != "" && !strings.Contains(strings.ToLower(said), strings.ToLower(h)) && len(said) < 100 {
			said += " – " + h
		}
		if len(said) < 60 && heading(head) == "" {
			if text := clip(r.hide(pageText(head)), 160); !strings.EqualFold(text, said) {
				said = strings.Trim(said+" – "+text, " –")
			}
		}
	default:
		for line := range strings.Lines(head) {
			said = strings.TrimSpace(said + " " + oneLine(line))
			if len(said) > 12 { // a first line such as "KO" is explained by the next
				break
			}
		}
		switch said {
		case "null", "true", "false", "{}", "[]":
			said = ""
		}
	}
	return clip(visible(r.hide(oneLine(said))), 240)
}

// messageNames are the names under which vendors explain themselves, the most telling first.
var messageNames = []string{
	"error_description", "errormessage", "error_message", "errormsg", "faultstring", "detail", "message", "msg",
	"errordescription", "error_msg", "errorsummary", "title", "reason", "description", "errortext", "statusmessage", "error", "exceptionmessage", "text",
}

// messageIn finds the vendor's message in a tree: the best name, the nearest to the top, and behind it the
// first of a list of single errors.
func messageIn(doc *node) string {
	best, rank := "", 1<<30
	for _, at := range nearby(doc) {
		value, ok := at.node.scalar()
		if inner, found := at.node.step("value"); found && fold(at.node.key) == "message" { // OData
			value, ok = inner.scalar()
		}
		if !ok || at.node.kind == kindNull || at.node.kind == kindBool {
			continue
		}
		value = strings.TrimSpace(value)
		for i, name := range messageNames {
			if value != "" && fold(at.node.key) == fold(name) && i+25*at.depth < rank {
				best, rank = value, i+25*at.depth
			}
		}
	}
	if best == "" && doc.kind == kindText {
		best = doc.text
	}
	more := errorList(doc)
	if best == "" && len(more) == 0 {
		more = fieldErrors(doc)
	}
	more = slices.DeleteFunc(more, func(s string) bool { return best != "" && strings.Contains(best, s) })
	more = more[:min(len(more), 3)]
	for i := range max(len(more)-1, 0) {
		more[i] = strings.TrimRight(more[i], ". ")
	}
	if shown := strings.Join(more, "; "); shown != "" {
		if best != "" {
			best = strings.TrimRight(best, ". ") + ": "
		}
		best += shown
	}
	return withCode(doc, best)
}

// fieldErrors reads an answer that is nothing but errors: texts in a list, or lists of texts by field.
func fieldErrors(doc *node) []string {
	var list []string
	for i := range doc.kids[:min(len(doc.kids), 5)] {
		k := &doc.kids[i]
		switch {
		case doc.kind == kindList && k.kind == kindText:
			list = append(list, k.text)
		case doc.kind == kindObject && k.kind == kindList && len(k.kids) > 0 && k.kids[0].kind == kindText:
			if said := k.kids[0].text; strings.HasPrefix(fold(k.key), "message") {
				list = append(list, said)
			} else {
				list = append(list, k.key+" "+said)
			}
		}
	}
	return list
}

// withCode puts the vendor's own short code before its message.
func withCode(doc *node, message string) string {
	for _, at := range nearby(doc) {
		switch fold(at.node.key) {
		case "code", "errorcode", "error", "faultcode", "coderesult":
			code, ok := at.node.scalar()
			if ok && code != "" && at.depth <= 2 && len(code) <= 40 && (at.node.kind == kindText || at.node.kind == kindNumber) &&
				!strings.ContainsAny(code, " \n") && !strings.Contains(message, code) {
				if message == "" {
					return code
				}
				return code + ": " + message
			}
		}
	}
	return message
}

// errorList are the texts of an "errors" list or object.
func errorList(doc *node) []string {
	var list []string
	for i := range doc.kids {
		if !strings.HasSuffix(fold(doc.kids[i].key), "errors") {
			continue
		}
		if s := doc.kids[i]; s.kind == kindText && s.text != "" {
			list = append(list, s.text)
		}
		for j := range doc.kids[i].kids[:min(len(doc.kids[i].kids), 5)] {
			e := &doc.kids[i].kids[j]
			if s, ok := e.scalar(); ok && s != "" {
				if doc.kids[i].kind == kindObject {
					s = e.key + " " + s
				}
				list = append(list, s)
				continue
			}
			if e.kind == kindList {
				for k := range e.kids {
					if s, ok := e.kids[k].scalar(); ok {
						list = append(list, strings.TrimSpace(e.key+" "+s))
					}
				}
				continue
			}
			if s := fieldError(e); s != "" {
				list = append(list, s)
			}
		}
	}
	return list
}

// fieldError is one error of a list in words, with the field it is about. Where it names its field and says something,
// its code is not needed.
func fieldError(e *node) string {
	s, field := messageIn(e), fieldOf(e)
	if field == "" {
		return s
	}
	if said, says := e.step("message"); says && said.kind == kindText && said.text != "" {
		s = said.text
	}
	if s != "" && !strings.Contains(strings.ToLower(s), strings.ToLower(field)) {
		s = field + " " + s
	}
	return s
}

// fieldOf is the field that a single error is about: by name, or the end of a pointer into what was sent
// (RFC 9457, JSON:API); "" where it names none.
func fieldOf(e *node) string {
	for _, name := range []string{"field", "property", "propertyName", "attribute", "param"} {
		if field, ok := e.step(name); ok && field.kind == kindText {
			return field.text
		}
	}
	pointer, ok := e.step("pointer")
	if source, in := e.step("source"); !ok && in {
		pointer, ok = source.step("pointer")
	}
	if !ok || pointer.kind != kindText {
		return ""
	}
	return pointer.text[strings.LastIndexByte(pointer.text, '/')+1:]
}

// placed is a node near the top of a tree.
type placed struct {
	node  *node
	depth int
}

// nearby lists the values near the top, level by level, at most 300 of them.
func nearby(doc *node) []placed {
	queue := []placed{{doc, 0}}
	for i := 0; i < len(queue) && len(queue) < 300; i++ {
		at := queue[i]
		if at.depth == 4 || at.depth > 0 && strings.HasSuffix(fold(at.node.key), "errors") {
			continue // single errors are listed by errorList
		}
		for j := range at.node.kids {
			if at.node.kind == kindList && j == 3 {
				break
			}
			queue = append(queue, placed{&at.node.kids[j], at.depth + 1})
		}
	}
	return queue
}

// fold is a name in lower case without its separators.
func fold(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c == '_' || c == '-' || c == ' ' || c == '.' || c == '@':
			return -1
		}
		return c
	}, name)
}
