package redact

import "strings"

// Sensitive tells whether a field of this name (of a JSON object, a form, a query or an XML document) holds a
// secret: password, access_token, clientSecret, X-Api-Key and their like, in any spelling of case, dashes and
// underscores. Paging tokens are not secrets.
func Sensitive(name string) bool {
	var room [40]byte
	return sensitive(plainName(room[:0], name))
}

// sensitiveHeader is the same for a header, where more is taken for a secret.
func sensitiveHeader(name string) bool {
	var room [40]byte
	n := string(plainName(room[:0], name))
	if strings.Contains(n, "ratelimit") || strings.Contains(n, "expire") {
		return false
	}
	for _, part := range []string{"authorization", "cookie", "token", "secret", "password", "apikey", "credential", "signature"} {
		if strings.Contains(n, part) {
			return true
		}
	}
	return sensitive([]byte(n))
}

// plainName writes a name in lower case without its separators; what is longer than any name we know is cut.
func plainName[T string | []byte](room []byte, name T) []byte {
	for i := 0; i < len(name) && len(room) < cap(room); i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			room = append(room, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			room = append(room, c)
		}
	}
	return room
}

func sensitive(plain []byte) bool {
	if len(plain) < 3 {
		return false
	}
	switch string(plain) {
	case "pwd", "pass", "passwd", "token", "secret", "sig", "signature", "authorization", "proxyauthorization",
		"cookie", "setcookie", "assertion", "clientassertion", "credentials", "jwt", "codeverifier":
		return true
	}
	switch plain[len(plain)-1] {
	case 'd':
		return ends(plain, "password") || ends(plain, "passwd") || ends(plain, "sessionid") || ends(plain, "sessid")
	case 'e':
		return ends(plain, "passphrase") || ends(plain, "passcode")
	case 'y':
		return ends(plain, "apikey") || ends(plain, "privatekey") || ends(plain, "secretkey") || ends(plain, "signingkey") ||
			ends(plain, "authkey") || ends(plain, "accesskey") || ends(plain, "sessionkey")
	case 't':
		return ends(plain, "secret")
	case 'n':
		return ends(plain, "token") && !pagingToken(string(plain))
	}
	return false
}

func ends(plain []byte, with string) bool {
	return len(plain) >= len(with) && string(plain[len(plain)-len(with):]) == with
}

func pagingToken(plain string) bool {
	for _, part := range []string{"page", "next", "prev", "continu", "cursor", "sync", "invalid", "expired"} {
		if strings.Contains(plain, part) {
			return true
		}
	}
	return false
}
