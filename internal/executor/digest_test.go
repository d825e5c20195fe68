package executor

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// digester is a server that wants digest. It counts strictly: a nonce lives for a number of uses, and a count that was
// seen before is refused.
type digester struct {
	mu        sync.Mutex
	algorithm string // as it stands in the challenge
	qop       string
	lives     int // uses of one nonce; 0: for ever
	extra     string
	issued    int
	seen      map[string]bool
	uses      map[string]int
	asked     int
	served    int
}

var parameter = regexp.MustCompile(`(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))`)

func (d *digester) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	given := map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(r.Header.Get("Authorization"), -1) {
		given[m[1]] = strings.ReplaceAll(m[2], `\"`, `"`) + m[3]
	}
	switch {
	case given["response"] == "":
		d.ask(w, "")
	case d.lives > 0 && d.uses[given["nonce"]] >= d.lives:
		d.ask(w, ", stale=true")
	case d.seen[given["nonce"]+given["nc"]], d.response(r, body, given) != given["response"], given["opaque"] != "op/1":
		d.ask(w, "")
	default:
		d.seen[given["nonce"]+given["nc"]] = true
		d.uses[given["nonce"]]++
		d.served++
		_, _ = fmt.Fprintf(w, `{"id":%d,"proof":%q}`, d.served, given["response"])
	}
}

func (d *digester) ask(w http.ResponseWriter, more string) {
	d.asked++
	d.issued++
	if d.seen == nil {
		d.seen, d.uses = map[string]bool{}, map[string]int{}
	}
	challenge := fmt.Sprintf(`Digest realm="a \"realm\", here", nonce="n%d", opaque="op/1"%s%s`, d.issued, more, d.extra)
	if d.algorithm != "" {
		challenge += ", algorithm=" + d.algorithm
	}
	if d.qop != "" {
		challenge += `, qop="` + d.qop + `"`
	}
	w.Header().Add("WWW-Authenticate", `Basic realm="x", `+challenge)
	w.WriteHeader(http.StatusUnauthorized)
}

// response is RFC 7616, section 3.4.1, as a server works it out.
func (d *digester) response(r *http.Request, body []byte, given map[string]string) string {
	h := md5.New
	if strings.Contains(d.algorithm, "SHA-256") {
		h = sha256.New
	}
	sum := func(parts ...string) string {
		x := h()
		x.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(x.Sum(nil))
	}
	one := sum("bob", `a "realm", here`, "cnry:pass/word?&=22b9")
	if strings.Contains(d.algorithm, "-sess") {
		one = sum(one, given["nonce"], given["cnonce"])
	}
	two := sum(r.Method, r.RequestURI)
	if given["qop"] == "auth-int" {
		two = sum(r.Method, r.RequestURI, sum(string(body)))
	}
	if given["qop"] == "" {
		return sum(one, given["nonce"], two)
	}
	return sum(one, given["nonce"], given["nc"], given["cnonce"], given["qop"], two)
}

func digestJob(t *testing.T, b *bench, host string, e integration.Endpoint) Job {
	t.Helper()
	j := b.job(t, host, e)
	j.Integrator.Auth = integration.Auth{Kind: "digest", Settings: map[string]string{"username": "bob"}}
	b.seal(t, &j, "auth.password", "cnry:pass/word?&=22b9")
	return j
}

func TestDigestIsAnsweredAndItsNonceUsedAgain(t *testing.T) {
	t.Parallel()
	for _, d := range []*digester{
		{algorithm: "MD5", qop: "auth"},
		{algorithm: `"SHA-256"`, qop: "auth, auth-int"},
		{algorithm: "MD5-sess", qop: "auth"},
		{algorithm: "SHA-256-sess", qop: "auth"},
		{algorithm: "MD5", qop: "auth-int"},
		{},
		{extra: `, domain="/a /b", charset=UTF-8`, qop: "auth"},
	} {
		t.Run(strings.ReplaceAll(d.algorithm+" "+d.qop, `"`, ""), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, d.ServeHTTP)
			e := integration.Endpoint{
				Method: "POST", URL: "/a b/{{id}}?q=1&x={{id}}", Body: integration.Body{Kind: "json", Content: `{"id":"{{id}}"}`},
				Response: integration.Response{Key: "id"},
			}
			for n := range 3 {
				j := digestJob(t, b, host, e)
				j.Tokens = map[string]any{"id": "é " + strconv.Itoa(n)}
				r := b.run(t, j)
				mustCause(t, r, run.Succeeded, "")
				exchanges := r.Attempts[0].Exchanges
				if asked := exchanges[0].Purpose == run.ForChallenge; asked != (len(exchanges) == 2) || exchanges[len(exchanges)-1].Purpose != "" {
					t.Errorf("the exchanges were for %q and %q", exchanges[0].Purpose, exchanges[len(exchanges)-1].Purpose)
				}
				// Without qop there is no count, so this server, like others, takes an answer to a nonce once.
				if want := 1 + 1*boolInt(n == 0 || d.qop == ""); len(exchanges) != want {
					t.Errorf("call %d: %d exchanges, want %d", n, len(exchanges), want)
				}
				if last := exchanges[len(exchanges)-1]; last.Response.Status != http.StatusOK || *r.Result != strconv.Itoa(n+1) {
					t.Errorf("call %d: %+v", n, last.Response)
				}
				search(t, everything(t, r))
			}
		})
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestAStaleDigestNonceCostsOneMoreExchange(t *testing.T) {
	t.Parallel()
	d := &digester{algorithm: "SHA-256", qop: "auth", lives: 2}
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, d.ServeHTTP)
	var sizes []int
	for range 5 {
		r := b.run(t, digestJob(t, b, host, integration.Endpoint{URL: "/x"}))
		mustCause(t, r, run.Succeeded, "")
		sizes = append(sizes, len(r.Attempts[0].Exchanges))
	}
	if fmt.Sprint(sizes) != "[2 1 2 1 2]" {
		t.Errorf("exchanges = %v", sizes)
	}
}

func TestDigestThatIsRefusedEndsAndSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	stubborn, hits := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth", stale=true`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	basic, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	silent, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	for host, want := range map[string]string{stubborn: "did not accept user name and password", basic: "but for Basic", silent: "did not say how"} {
		r := b.run(t, digestJob(t, b, host, integration.Endpoint{URL: "/x"}))
		mustCause(t, r, run.Failed, run.Unauthorized)
		if got := r.Tokens[len(r.Tokens)-1]; got.Name != "auth.token" || !strings.Contains(got.Source, want) || got.Value != "••••" {
			t.Errorf("trace = %+v, want %q", got, want)
		}
	}
	if hits.Load() != 3 {
		t.Errorf("a server that never has enough was asked %d times", hits.Load())
	}
}

func TestDigestOfTwoIntegratorsIsKeptApart(t *testing.T) {
	t.Parallel()
	d := &digester{algorithm: "MD5", qop: "auth"}
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, d.ServeHTTP)
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for range 5 {
				j := digestJob(t, b, host, integration.Endpoint{URL: "/x"})
				j.Integrator.ID = "i" + strconv.Itoa(n%2)
				b.seal(t, &j, "auth.password", "cnry:pass/word?&=22b9")
				if r := b.run(t, j); r.Status != run.Succeeded {
					t.Errorf("%+v", r.Failure)
				}
			}
		})
	}
	group.Wait()
	if d.asked > 16 {
		t.Errorf("%d challenges for 40 calls", d.asked)
	}
	noAnswer := digestJob(t, b, host, integration.Endpoint{URL: "/x", Auth: "none"})
	mustCause(t, b.run(t, noAnswer), run.Failed, run.Unauthorized)
}
