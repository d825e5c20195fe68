package views

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"tieline/internal/run"
)

// maxPretty is how much of a body is laid out anew; longer ones are shown as they came.
const maxPretty = 512 << 10

// prettyDepth is how deep an XML body may go and still be laid out.
const prettyDepth = 64

// shown is a body made fit for eyes: Pretty is laid out anew where that was possible, Raw is as it came. Bytes
// that are no text are shown as a hex dump of their beginning.
type shown struct {
	Pretty string
	Raw    string
	Kind   string // "JSON", "XML", "text", "bytes"
}

// layOut makes a body fit for eyes. Numbers, names and their order stay as they came.
func layOut(body []byte) shown {
	if !utf8.Valid(body) && !utf8.Valid(cutTail(body)) || bytes.IndexByte(body, 0) >= 0 {
		return shown{Raw: hex.Dump(body[:min(len(body), 512)]), Kind: "bytes"}
	}
	raw := strings.ToValidUTF8(string(body), "\uFFFD")
	if len(body) > maxPretty {
		return shown{Raw: raw, Kind: "text"}
	}
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		var out bytes.Buffer
		if json.Indent(&out, trimmed, "", "  ") == nil {
			return shown{Pretty: out.String(), Raw: raw, Kind: "JSON"}
		}
	}
	if len(trimmed) > 0 && trimmed[0] == '<' {
		if text, err := indentXML(trimmed); err == nil {
			return shown{Pretty: text, Raw: raw, Kind: "XML"}
		}
	}
	return shown{Raw: raw, Kind: "text"}
}

// cutTail drops a character that was cut in two at the end of a stored body.
func cutTail(body []byte) []byte {
	for n := 1; n <= utf8.UTFMax && n < len(body); n++ {
		if utf8.RuneStart(body[len(body)-n]) {
			return body[:len(body)-n]
		}
	}
	return body
}

var errTooDeep = errors.New("too deep")

// indentXML puts every element on a line of its own; the text of elements that hold only text stays with them.
func indentXML(body []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var out strings.Builder
	depth, open := 0, false // open: the line holds a start tag and perhaps its text
	line := func() {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(strings.Repeat("  ", depth))
	}
	for from := int64(0); ; from = d.InputOffset() {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return "", io.ErrUnexpectedEOF
			}
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		text := body[from:d.InputOffset()]
		switch token.(type) {
		case xml.StartElement:
			line()
			out.Write(text)
			if depth, open = depth+1, true; depth > prettyDepth {
				return "", errTooDeep
			}
		case xml.EndElement:
			if depth--; depth < 0 {
				return "", io.ErrUnexpectedEOF
			}
			if len(text) > 0 && !open {
				line()
			}
			out.Write(text)
			open = false
		case xml.CharData:
			if text = bytes.TrimSpace(text); len(text) > 0 {
				if !open {
					line()
				}
				out.Write(text)
			}
		default:
			line()
			out.Write(text)
		}
	}
}

// headerText is a list of headers as they stand in a request or an answer.
func headerText(headers []run.Header) string {
	var b strings.Builder
	for _, h := range headers {
		b.WriteString(h.Name + ": " + h.Value + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
