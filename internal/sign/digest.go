package sign

import (
	"crypto/md5" //nolint:gosec // RFC 7616 keeps it for servers that know nothing else
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"tieline/internal/token"
)

// Challenge is what a server asks of whoever signs in by digest (RFC 7616). QOP is the quality of protection
// that is chosen of those it offers: auth, auth-int where it wants nothing less, or "" for servers of RFC 2069.
type Challenge struct {
	Realm     string
	Nonce     string
	Opaque    string
	Algorithm string // MD5, SHA-256 or SHA-512-256, with -sess behind it where it is so
	QOP       string
	Stale     bool // the nonce was too old, and the password is not in doubt
	UserHash  bool

	named bool // the server named its algorithm
}

// Credentials are what a Challenge is answered with, for one request: Target is its request target (path and
// query as sent), CNonce a random text of the caller, Count how often this nonce was used, from 1.
type Credentials struct {
	Username string
	Password string
	Method   string
	Target   string
	Body     []byte
	CNonce   string
	Count    uint32
}

// ReadChallenge finds the strongest digest challenge that it can answer among the values of WWW-Authenticate
// headers. false: there is none.
func ReadChallenge(headers []string) (Challenge, bool) {
	var best Challenge
	for _, h := range headers {
		for _, c := range challenges(h) {
			got, ok := challengeOf(c)
			if ok && strength(got.Algorithm) > strength(best.Algorithm) {
				best = got
			}
		}
	}
	return best, best.Nonce != ""
}

// Schemes are the ways to authenticate that WWW-Authenticate headers name.
func Schemes(headers []string) []string {
	var names []string
	for _, h := range headers {
		for _, c := range challenges(h) {
			if !slices.Contains(names, c.scheme) {
				names = append(names, c.scheme)
			}
		}
	}
	return names
}

func strength(algorithm string) int {
	return 1 + slices.Index([]string{"MD5", "SHA-256", "SHA-512-256"}, strings.TrimSuffix(algorithm, "-sess"))
}

// challengeOf reads the parameters of a challenge. Some servers quote what should stand bare.
func challengeOf(c challenge) (Challenge, bool) {
	if !strings.EqualFold(c.scheme, "Digest") || c.params["nonce"] == "" {
		return Challenge{}, false
	}
	got := Challenge{
		Realm: c.params["realm"], Nonce: c.params["nonce"], Opaque: c.params["opaque"], Algorithm: "MD5",
		Stale: strings.EqualFold(c.params["stale"], "true"), UserHash: strings.EqualFold(c.params["userhash"], "true"),
	}
	if asked := c.params["algorithm"]; asked != "" {
		name, session := strings.CutSuffix(strings.ToUpper(asked), "-SESS")
		if got.Algorithm, got.named = name, true; session {
			got.Algorithm += "-sess"
		}
	}
	offered := strings.FieldsFunc(strings.ToLower(c.params["qop"]), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	switch {
	case slices.Contains(offered, "auth"):
		got.QOP = "auth"
	case slices.Contains(offered, "auth-int"):
		got.QOP = "auth-int"
	case len(offered) > 0:
		return Challenge{}, false
	}
	return got, strength(got.Algorithm) > 0
}

// Authorization is the value of the Authorization header that answers the challenge.
func (c Challenge) Authorization(who Credentials) string {
	count := fmt.Sprintf("%08x", who.Count)
	var b strings.Builder
	b.WriteString("Digest " + c.user(who.Username))
	quote := func(name, value string) { b.WriteString(", " + name + "=" + quoted(value)) }
	quote("realm", c.Realm)
	quote("nonce", c.Nonce)
	quote("uri", who.Target)
	quote("response", c.response(who, count))
	if c.named {
		b.WriteString(", algorithm=" + c.Algorithm)
	}
	if c.QOP != "" {
		b.WriteString(", qop=" + c.QOP + ", nc=" + count)
	}
	if c.QOP != "" || strings.HasSuffix(c.Algorithm, "-sess") {
		quote("cnonce", who.CNonce)
	}
	if c.Opaque != "" {
		quote("opaque", c.Opaque)
	}
	if c.UserHash {
		b.WriteString(", userhash=true")
	}
	return b.String()
}

// Response is the proof within an Authorization header that Authorization made.
func Response(authorization string) string {
	_, rest, _ := strings.Cut(authorization, `, response="`)
	proof, _, _ := strings.Cut(rest, `"`)
	return proof
}

// user is the parameter that names the user: hashed where the server wants that, in the extended form of
// RFC 8187 where it holds what quotes cannot.
func (c Challenge) user(name string) string {
	switch {
	case c.UserHash:
		return "username=" + quoted(c.hex(name+":"+c.Realm))
	case strings.ContainsFunc(name, func(r rune) bool { return r >= 0x7f }):
		return "username*=UTF-8''" + string(token.AppendPercent(nil, name))
	}
	return "username=" + quoted(name)
}

// response is the proof of section 3.4.1.
func (c Challenge) response(who Credentials, count string) string {
	secret := c.hex(who.Username + ":" + c.Realm + ":" + who.Password)
	if strings.HasSuffix(c.Algorithm, "-sess") {
		secret = c.hex(secret + ":" + c.Nonce + ":" + who.CNonce)
	}
	request := who.Method + ":" + who.Target
	if c.QOP == "auth-int" {
		request += ":" + c.hex(string(who.Body))
	}
	if c.QOP == "" {
		return c.hex(secret + ":" + c.Nonce + ":" + c.hex(request))
	}
	return c.hex(secret + ":" + c.Nonce + ":" + count + ":" + who.CNonce + ":" + c.QOP + ":" + c.hex(request))
}

func (c Challenge) hex(text string) string {
	var h hash.Hash
	switch strings.TrimSuffix(c.Algorithm, "-sess") {
	case "SHA-256":
		h = sha256.New()
	case "SHA-512-256":
		h = sha512.New512_256()
	default:
		h = md5.New() //nolint:gosec // the server asked for it
	}
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// quoted writes a quoted string of HTTP.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
