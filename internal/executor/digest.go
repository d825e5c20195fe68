package executor

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/sign"
)

// nonce is a random text that nobody can guess: 32 hex digits.
func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// nonces keeps the last challenge of every server, by integrator and credentials, so that the next call answers it
// without being asked. The zero value is ready.
type nonces struct {
	mu    sync.Mutex
	known map[string]*kept
}

type kept struct {
	challenge sign.Challenge
	count     uint32
}

const noncesKept = 4096

// use takes a challenge and the number of this use of it, from 1.
func (n *nonces) use(key string) (sign.Challenge, uint32, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.known[key]
	if !ok {
		return sign.Challenge{}, 0, false
	}
	k.count++
	return k.challenge, k.count, true
}

// take remembers a challenge and uses it. One that is known already goes on being counted.
func (n *nonces) take(key string, c sign.Challenge) (sign.Challenge, uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k, ok := n.known[key]
	if !ok || k.challenge.Nonce != c.Nonce {
		if n.known == nil || len(n.known) >= noncesKept {
			n.known = map[string]*kept{}
		}
		k = &kept{challenge: c}
		n.known[key] = k
	}
	k.count++
	return c, k.count
}

func (n *nonces) forget(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.known, key)
}

// protected names what a challenge holds for: the integrator, its credentials and the server.
func (c *call) protected() string {
	sum := sha256.Sum256([]byte(c.setting("username") + "\x00" + c.setting("password")))
	scheme, rest, _ := strings.Cut(c.built.Request.URL, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return c.job.Integrator.ID + "\x00" + string(sum[:]) + scheme + "://" + rest
}

// setting is a value of the integrator's authentication, secret or plain.
func (c *call) setting(name string) string {
	if t, ok := c.opened.integrator["auth."+name]; ok && !t.Empty() {
		return t.Reveal()
	}
	return c.job.Integrator.Auth.Setting(name)
}

// answerAhead answers the challenge that the server gave last time.
func (c *call) answerAhead() {
	if c.built.Presents != "digest" {
		return
	}
	if challenge, count, ok := c.e.nonces.use(c.protected()); ok {
		c.answer(challenge, count, targetOf(c.built.Request.URL))
		c.told("answered with the server's last challenge (use " + strconv.Itoa(int(count)) + ")")
	}
}

// challenged answers a 401 that asks for digest: the exchange is kept, and the request stands ready to be sent
// again. A server may ask once, and once more where it found the answer's nonce too old; who is asked again
// otherwise is refused.
func (c *call) challenged(x run.Exchange, answered int) bool {
	if c.built.Presents != "digest" || x.Response == nil || x.Response.Status != http.StatusUnauthorized {
		return false
	}
	asks := headerValues(x.Response.Headers, "WWW-Authenticate")
	challenge, ok := sign.ReadChallenge(asks)
	switch {
	case !ok:
		c.told(notAsked(sign.Schemes(asks)))
		return false
	case answered > 1, answered == 1 && !challenge.Stale:
		c.e.nonces.forget(c.protected())
		c.told("answered, and the server did not accept user name and password")
		return false
	}
	c.aside(x, run.ForChallenge, moved(c.built, x.Request))
	challenge, count := c.e.nonces.take(c.protected(), challenge)
	c.answer(challenge, count, targetOf(x.Request.URL))
	c.told("answered the server's challenge (" + strings.TrimSuffix(challenge.Algorithm+", "+challenge.QOP, ", ") + ")")
	return true
}

func notAsked(schemes []string) string {
	if len(schemes) == 0 {
		return "not sent: the server did not say how to sign in"
	}
	return "not sent: the server did not ask for digest that is known here, but for " + strings.Join(schemes, ", ")
}

// answer puts the answer to a challenge into the request under way, in the place of an earlier one.
func (c *call) answer(challenge sign.Challenge, count uint32, target string) {
	value := challenge.Authorization(sign.Credentials{
		Username: c.setting("username"), Password: c.setting("password"), Method: c.built.Request.Method, Target: target,
		Body: c.built.Request.Body, CNonce: nonce(), Count: count,
	})
	r := &c.built.Request
	r.Headers = slices.Clone(r.Headers)
	at := slices.IndexFunc(r.Headers, func(h run.Header) bool { return h.Name == "Authorization" })
	if at < 0 {
		at = len(r.Headers)
		r.Headers = append(r.Headers, run.Header{Name: "Authorization"})
	}
	r.Headers[at].Value = value
	c.built.Spans = slices.DeleteFunc(slices.Clone(c.built.Spans), func(s redact.Span) bool { return s.Where == "header" && s.Index == at })
	c.built.Spans = append(c.built.Spans, redact.Span{Where: "header", Index: at, From: len("Digest "), To: len(value)})
	proof := sign.Response(value)
	c.built.Secrets = append(slices.Clone(c.built.Secrets), proof)
	c.built.Made = append(slices.Clone(c.built.Made), proof)
	c.hide = c.hiderOf(c.built)
}

// told writes into the token trace what became of the credentials.
func (c *call) told(what string) {
	c.run.Tokens = slices.Clone(c.run.Tokens)
	for i := range c.run.Tokens {
		if use := &c.run.Tokens[i]; use.Name == "auth.token" {
			from, _, _ := strings.Cut(use.Source, ", by digest")
			use.Source = from + ", by digest: " + what
		}
	}
}

// targetOf is the request target of a URL: path and query as they are sent.
func targetOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	rest, _, _ = strings.Cut(rest, "#")
	at := strings.IndexAny(rest, "/?")
	switch {
	case at < 0:
		return "/"
	case rest[at] == '?':
		return "/" + rest[at:]
	}
	return rest[at:]
}

func headerValues(headers []run.Header, name string) []string {
	var values []string
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			values = append(values, h.Value)
		}
	}
	return values
}
