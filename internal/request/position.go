package request

import (
	"strings"
	"unicode/utf8"

	"tieline/internal/token"
)

// position is where a token stands; it decides how its value is written.
type position int

const (
	atText      position = iota // as it is
	atBase                      // the start of the URL: scheme, host and path
	atHost                      // inside the host
	atPath                      // one segment of the path
	atQuery                     // a name or value of the query string
	atForm                      // a name or value of a form body
	atHeader                    // a header value
	atJSONText                  // inside the quotes of a JSON string
	atJSONValue                 // where a JSON value stands
	atXMLText                   // between tags
	atXMLAttr                   // inside the quotes of an attribute
	atCDATA                     // inside <![CDATA[ ]]>
	atCondQuote                 // a quote of a condition (a literal)
	atCondText                  // inside the quotes of a condition
	atCondDate                  // inside the brackets of a condition
	atCondWord                  // where a condition has a number or a word
)

// cost is the most bytes that one byte of a value takes at a position.
func (p position) cost(c byte) int {
	switch p {
	case atPath, atQuery, atForm, atCondQuote, atCondText, atCondDate, atCondWord:
		return 3
	case atJSONText, atJSONValue:
		if c < ' ' {
			return 6
		}
		if c >= utf8.RuneSelf {
			return 3
		}
		return 2
	case atXMLText, atXMLAttr:
		if c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c < ' ' {
			return 6
		}
	case atCDATA:
		if c == '\r' || c == '>' {
			return 24
		}
	case atText, atBase, atHost, atHeader:
	}
	return 1
}

// size is at least the number of bytes that s takes at a position.
func (p position) size(s string) int {
	n := 16
	for i := range len(s) {
		n += p.cost(s[i])
	}
	return n
}

// append writes s in the way of its position. JSON values go through token.AppendJSON instead.
func (p position) append(out []byte, s string) []byte {
	switch p {
	case atPath, atQuery, atCondQuote, atCondText, atCondDate, atCondWord:
		return token.AppendPercent(out, s)
	case atForm:
		return appendForm(out, s)
	case atJSONText:
		return token.AppendJSONText(out, s)
	case atXMLText:
		return appendXML(out, s, false)
	case atXMLAttr:
		return appendXML(out, s, true)
	case atCDATA:
		return appendCDATA(out, s)
	case atText, atBase, atHost, atHeader, atJSONValue:
	}
	return append(out, s...)
}

// appendForm is AppendPercent with + for a space, as forms are written.
func appendForm(out []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, ' ')
		if i < 0 {
			return token.AppendPercent(out, s)
		}
		out = append(token.AppendPercent(out, s[:i]), '+')
		s = s[i+1:]
	}
}

// appendXML escapes text or an attribute. Line ends and tabs are written as references where a parser would
// change them.
func appendXML(out []byte, s string, attribute bool) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '&':
			out = append(out, "&amp;"...)
		case c == '<':
			out = append(out, "&lt;"...)
		case c == '>':
			out = append(out, "&gt;"...)
		case c == '"':
			out = append(out, "&#34;"...)
		case c == '\'':
			out = append(out, "&#39;"...)
		case c == '\r':
			out = append(out, "&#13;"...)
		case attribute && c == '\n':
			out = append(out, "&#10;"...)
		case attribute && c == '\t':
			out = append(out, "&#9;"...)
		default:
			out = append(out, c)
		}
	}
	return out
}

// appendCDATA writes text inside a CDATA section, leaving the section where its text cannot stand.
func appendCDATA(out []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '\r':
			out = append(out, "]]>&#13;<![CDATA["...)
		case c == '>' && endsInTwoBrackets(out):
			out = append(out, "]]><![CDATA[>"...)
		default:
			out = append(out, c)
		}
	}
	if s != "" && s[len(s)-1] == ']' { // the literal text behind it may start with > or ]
		out = append(out, "]]><![CDATA["...)
	}
	return out
}

func endsInTwoBrackets(out []byte) bool {
	n := len(out)
	return n >= 2 && out[n-1] == ']' && out[n-2] == ']'
}

// xmlChars tells whether every character of s may stand in XML 1.0.
func xmlChars(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

// dots tells whether a value, decoded as often as it can be and cut at slashes, has a part . or .. that
// would climb in a path.
func dots(s string) bool {
	for range 4 {
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '/' || r == '\\' }) {
			if part == "." || part == ".." {
				return true
			}
		}
		decoded := unpercent(s)
		if decoded == s {
			return false
		}
		s = decoded
	}
	return true
}

// unpercent undoes percent-encoding once; what is no encoding stays.
func unpercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
