package sign

import "strings"

// challenge is one way to authenticate that a server offers, as written.
type challenge struct {
	scheme string
	params map[string]string // by lower-case name; the first of a name counts
}

// challenges reads the value of a WWW-Authenticate header, which may hold several (RFC 9110, section 11.6.1).
// What cannot be read is passed over.
func challenges(header string) []challenge {
	var list []challenge
	r := reader{text: header}
	for !r.end() {
		word := r.word()
		switch {
		case word == "":
			r.at++
		case r.equals():
			if n := len(list); n > 0 {
				name := strings.ToLower(word)
				if value := r.value(); list[n-1].params[name] == "" {
					list[n-1].params[name] = value
				}
			}
		default:
			list = append(list, challenge{scheme: word, params: map[string]string{}})
		}
	}
	return list
}

// reader goes through a header.
type reader struct {
	text string
	at   int
}

func (r *reader) end() bool { return r.at >= len(r.text) }

func (r *reader) blanks(more string) {
	for !r.end() && strings.IndexByte(" \t"+more, r.text[r.at]) >= 0 {
		r.at++
	}
}

// word takes a token of HTTP behind blanks and commas, or "".
func (r *reader) word() string {
	r.blanks(",")
	start := r.at
	for !r.end() && strings.IndexByte(" \t,=\"", r.text[r.at]) < 0 {
		r.at++
	}
	return r.text[start:r.at]
}

// equals passes over an equals sign, if one stands here.
func (r *reader) equals() bool {
	from := r.at
	r.blanks("")
	if r.end() || r.text[r.at] != '=' {
		r.at = from
		return false
	}
	r.at++
	return true
}

// value takes a quoted string or a bare one.
func (r *reader) value() string {
	r.blanks("")
	if r.end() || r.text[r.at] != '"' {
		start := r.at
		for !r.end() && strings.IndexByte(" \t,", r.text[r.at]) < 0 {
			r.at++
		}
		return r.text[start:r.at]
	}
	var out strings.Builder
	for r.at++; !r.end() && r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' && r.at+1 < len(r.text) {
			r.at++
		}
		out.WriteByte(r.text[r.at])
	}
	r.at++
	return out.String()
}
