package response

import "strings"

func (p *jsonParser) end() *flaw {
	return &flaw{offset: len(p.s), what: "the answer ends too early: JSON is not closed", ended: true}
}

func (p *jsonParser) control(c byte) *flaw {
	name := "a control character"
	switch c {
	case '\n', '\r':
		name = "a line break"
	case '\t':
		name = "a tab"
	}
	return &flaw{
		offset: p.at, what: name + " inside a text, where JSON wants it escaped",
		hint: "The vendor's answer is not valid JSON: some field holds " + name + " as it is. Send the vendor this position.",
	}
}

// stray says what stands where something else belongs, and knows the usual mistakes.
func (p *jsonParser) stray(wanted string) *flaw {
	rest := p.s[p.at:]
	f := &flaw{offset: p.at, what: "expected " + wanted + ", got \"" + theWord + "\"", word: len(firstRune(rest))}
	word := len(firstWord(rest))
	switch c := rest[0]; {
	case c == '\'':
		f.what = "single quotes where JSON wants double quotes"
		f.hint = "The vendor's answer looks like JSON but uses single quotes, so it is none. Ask the vendor for valid JSON, or read the answer as TEXT."
	case hasAnyPrefix(rest, "“", "”", "‘", "’", "«"):
		f.what = "typographic quotes where JSON wants the plain double quote"
		f.hint = "The vendor's answer is not valid JSON: its quotes went through a word processor. Send the vendor this position."
	case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "/*"):
		f.what = "a comment, which JSON does not have"
		f.hint = "The vendor's answer is not valid JSON: it holds a comment. Send the vendor this position."
	case hasAnyPrefix(rest, "NaN", "Infinity", "-Infinity", "undefined", "None", "True", "False"):
		f.word, f.what = word, "\""+theWord+"\" is not JSON (null, true and false are written in lower case)"
		f.hint = "The vendor's program writes its own words instead of JSON's. Send the vendor this position."
	case isWord(c) && strings.HasPrefix(wanted, "a name"):
		f.word, f.what = word, "expected a name in double quotes, got the bare word \""+theWord+"\""
		f.hint = "The vendor's answer looks like JSON, but names must stand in double quotes (\"" + theWord + "\": …). Ask the vendor for valid JSON, or read the answer as TEXT."
	case isWord(c) && wanted == "a value" && strings.TrimSpace(p.s[:p.at]) == "":
		f.word, f.what = word, "expected a value, got the bare word \""+theWord+"\""
		f.hint = "The answer is plain text and not JSON. Read what it says; if that is right, set the response type to TEXT."
	case isWord(c) && wanted == "a value":
		f.word, f.what = word, "expected a value, got the bare word \""+theWord+"\""
		f.hint = "The vendor's answer is not valid JSON: a text must stand in double quotes. Ask the vendor for valid JSON, or read the answer as TEXT."
	case strings.HasPrefix(wanted, "a comma") && isWord(c) && strings.HasSuffix(strings.TrimRight(p.s[:p.at], " "), `"`):
		f.what = "a double quote ended the text before"
		f.hint = "The vendor's answer is not valid JSON: some text holds a double quote as it is (it must be \\\"). Send the vendor this position."
	case c == '+' && wanted == "a value":
		f.hint = "The vendor's answer is not valid JSON: a number has no plus sign; a telephone number must stand in double quotes. Send the vendor this position."
	case strings.HasPrefix(wanted, "a comma") && c == '"':
		f.what = "there is no comma between two items"
		f.hint = "The vendor's answer is not valid JSON: a comma is missing. Send the vendor this position."
	}
	return f
}

// trailing explains what stands behind a complete JSON value.
func (p *jsonParser) trailing() *flaw {
	rest := p.s[p.at:]
	f := &flaw{offset: p.at, what: "there is something behind the end of the JSON"}
	second := &jsonParser{s: rest}
	if _, bad := second.value(0); bad == nil && (rest[0] == '{' || rest[0] == '[') {
		f.what = "a second JSON document begins here"
		f.hint = "The vendor sends several JSON documents in one answer (one a line). Ask for a single list, or read the answer as TEXT with the line break \\n as delimiter."
		return f
	}
	if rest[0] == '}' || rest[0] == ']' {
		f.what = "there is a closing bracket too many"
		f.hint = "The vendor's answer is not valid JSON: a bracket too many. Send the vendor this position."
		return f
	}
	if strings.HasPrefix(rest, "<") {
		f.hint = "The vendor's program wrote a page or a warning behind its JSON. Send the vendor this position."
		return f
	}
	f.hint = "The vendor's answer is valid JSON up to here and goes on with something else. Send the vendor this position."
	return f
}

func hasAnyPrefix(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

func firstWord(s string) string {
	i := 0
	for i < len(s) && i < 40 && (isWord(s[i]) || s[i] == '-' && i > 0) {
		i++
	}
	return s[:i]
}
