package request

import "strings"

// managed are the headers that the HTTP client writes itself.
var managed = map[string]string{
	"host":              "The host of the URL is sent.",
	"content-length":    "The true length of the body is sent.",
	"transfer-encoding": "The way of sending is chosen by Tieline.",
	"connection":        "Connections are kept and closed by Tieline.",
	"keep-alive":        "Connections are kept and closed by Tieline.",
	"te":                "It belongs to the connection, which Tieline keeps.",
	"trailer":           "It belongs to the connection, which Tieline keeps.",
	"upgrade":           "It belongs to the connection, which Tieline keeps.",
	"expect":            "It belongs to the connection, which Tieline keeps.",
	"accept-encoding":   "Tieline asks for the encodings that it can read.",
}

// Managed tells whether a header is managed automatically: such a row is accepted and shown with the note, and
// is not sent as typed.
func Managed(name string) (note string, ok bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	note, ok = managed[name]
	if !ok && strings.HasPrefix(name, "proxy-") {
		note, ok = "It speaks to a proxy, not to the other side.", true
	}
	if ok {
		note = "Managed automatically. " + note
	}
	return note, ok
}

// ValidHeaderName tells whether a name can be sent: letters, digits and !#$%&'*+-.^_`|~ (RFC 9110).
func ValidHeaderName(name string) bool {
	if name == "" {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			continue
		}
		if strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return true
}

// control gives the first character that no header value may hold, or -1. A tab is allowed.
func control(value string) int {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}
