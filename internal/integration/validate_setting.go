package integration

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tieline/internal/sign"
)

// How long one value of an authentication may be; a chain of certificates is the longest there is.
const (
	maxSetting = 16 << 10
	maxLines   = 64 << 10
)

// checkSetting judges one authentication value, plain or secret.
func checkSetting(a Auth, s AuthSetting, value string) string {
	limit := maxSetting
	if s.Lines {
		limit = maxLines
	}
	switch {
	case len(value) > limit:
		return "This is longer than " + strconv.Itoa(limit>>10) + " KiB."
	case !utf8.ValidString(value):
		return "This is not UTF-8 text."
	case strings.ContainsFunc(value, func(r rune) bool { return unsendable(r) && (!s.Lines || r != '\n' && r != '\t') }):
		return "This has a line break or a control character that cannot be sent."
	case len(s.Options) > 0 && !slices.Contains(s.Options, value):
		return Choose(s.Options)
	}
	switch a.Kind {
	case "basic":
		if s.Name == "username" && strings.Contains(value, ":") {
			return "A user name must not contain a colon (RFC 7617)."
		}
	case "bearer":
		if s.Name == "token" && strings.HasPrefix(strings.ToLower(value), "bearer ") {
			return "Just the token, without the word Bearer."
		}
	case "api_key_header":
		if s.Name == "name" && !ValidHeaderName(value) {
			return headerRule
		}
	case "api_key_query":
		return checkQueryKey(a, s.Name, value)
	case "connectwise":
		return checkMember(s.Name, value)
	case "jwt":
		return checkJWT(a, s.Name, value)
	case "signature":
		return checkSignature(a, s.Name, value)
	case "client_cert":
		return checkCertificate(a, s.Name, value)
	}
	return ""
}

func unsendable(r rune) bool { return r < ' ' || r == 0x7f }

// checkQueryKey judges the API key of a query string. Without a name, the key is whole parameters.
func checkQueryKey(a Auth, name, value string) string {
	switch {
	case name == "name" && len(value) > 256:
		return "The name is longer than 256 characters."
	case name == "value" && a.Settings["name"] == "":
		if _, ok := QueryPairs(value); !ok {
			return "Without a parameter name above, write whole parameters: api_key=…&credential=…"
		}
	}
	return ""
}

// QueryPairs cuts name=value&name=value, with percent-escapes undone; false where it is something else.
func QueryPairs(text string) (pairs [][2]string, ok bool) {
	for one := range strings.SplitSeq(strings.TrimPrefix(text, "?"), "&") {
		name, value, found := strings.Cut(one, "=")
		name, badName := url.QueryUnescape(name)
		value, badValue := url.QueryUnescape(value)
		if !found || name == "" || badName != nil || badValue != nil {
			return nil, false
		}
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs, true
}

// checkMember judges the keys of a ConnectWise API member, which are joined as company+public:private.
func checkMember(name, value string) string {
	switch {
	case name == "company_id" && strings.ContainsAny(value, "+:/?#"):
		return "Just the company as it is typed at the sign-in, without + : / ? or #."
	case name == "public_key" && strings.Contains(value, ":"):
		return "Just the public key, without a colon; the private key has a field of its own."
	case name == "public_key" && strings.Contains(value, "+"):
		return "Just the public key, without the company and the + before it."
	}
	return ""
}

// checkJWT judges key and lifetime. What the claims and the header hold is judged with their tokens.
func checkJWT(a Auth, name, value string) string {
	switch name {
	case "key":
		return problem(sign.CheckJWTKey(a.Setting("algorithm"), value))
	case "ttl_s":
		if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 86400 {
			return "A whole number of seconds from 1 to 86400."
		}
	}
	return ""
}

func checkSignature(a Auth, name, value string) string {
	switch {
	case name == "name" && a.Setting("in") == "header" && !ValidHeaderName(value):
		return headerRule
	case name == "name" && len(value) > 256:
		return "The name is longer than 256 characters."
	case name == "separator" && len(value) > 64:
		return "The separator is longer than 64 characters."
	}
	return ""
}

// checkCertificate judges a client certificate, its key and the authority. A pair that does not belong together is
// told at the key, which is the part that is given anew.
func checkCertificate(a Auth, name, value string) string {
	switch name {
	case "certificate":
		_, err := sign.ReadCertificate(value)
		return problem(err)
	case "ca":
		_, err := sign.Authorities(value)
		return problem(err)
	case "key":
		if _, err := sign.ReadCertificate(a.Settings["certificate"]); err != nil {
			_, err = sign.PrivateKey(value)
			return problem(err)
		}
		_, err := sign.Pair(a.Settings["certificate"], value)
		return problem(err)
	}
	return ""
}

// problem is the sentence of an error of package sign.
func problem(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
