package document

import (
	"fmt"
	"unicode/utf8"
)

// appendQuoted writes a text as a JSON string. Only what JSON asks for is escaped, and the two line separators
// that old script engines trip over; bytes that are not UTF-8 become U+FFFD.
func appendQuoted(out []byte, text string) []byte {
	out = append(out, '"')
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			switch r {
			case '\u2028', '\u2029':
				out = fmt.Appendf(out, `\u%04x`, r)
			default:
				out = utf8.AppendRune(out, r)
			}
			i += size
			continue
		}
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			if c < ' ' || c == 0x7f {
				out = fmt.Appendf(out, `\u%04x`, c)
			} else {
				out = append(out, c)
			}
		}
		i++
	}
	return append(out, '"')
}
