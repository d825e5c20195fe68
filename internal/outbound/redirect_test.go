package outbound

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"tieline/internal/run"
)

func TestARedirectIsNotFollowedUnlessSwitchedOn(t *testing.T) {
	t.Parallel()
	target, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	url, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target+"/there", http.StatusFound) })
	x, f := onLoopback(t).Do(t.Context(), get(url+"/here"), Policy{})
	mustFail(t, f, run.RedirectBlocked)
	if hits.Load() != 0 || x.Response == nil || x.Response.Status != http.StatusFound {
		t.Errorf("hits %d, response %+v", hits.Load(), x.Response)
	}
	if len(x.Hops) != 1 || x.Hops[0] != (run.Hop{From: url + "/here", Status: 302, To: target + "/there"}) {
		t.Errorf("hops = %+v", x.Hops)
	}
}

func TestARedirectToABlockedAddressSaysSo(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"http://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "http://[::1]/", "//192.168.1.1/x", "https://private.test/"} {
		for _, follow := range []bool{false, true} {
			url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(http.StatusFound)
			})
			c := New(Options{AllowOutbound: loopbackOnly, Resolver: &zone{answers: map[string][][]string{"private.test": {{"10.0.0.1"}}}}})
			x, f := c.Do(t.Context(), get(url), Policy{FollowRedirects: follow})
			mustFail(t, f, run.BlockedAddress)
			if len(x.Hops) != 1 || x.Response == nil {
				t.Errorf("%s: hops %+v", to, x.Hops)
			}
		}
	}
}

func TestARedirectIsFollowedThreeTimesAndNoMore(t *testing.T) {
	t.Parallel()
	var n int
	url, hits := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		if r.URL.Path == "/ok" && n == 4 {
			_, _ = io.WriteString(w, "ok")
			return
		}
		if r.Header.Get("Referer") != "" {
			t.Error("a Referer was sent")
		}
		w.Header().Set("Location", "/ok")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := onLoopback(t)
	x, f := c.Do(t.Context(), run.Request{Method: "POST", URL: url + "/a", Body: []byte("b"), Headers: []run.Header{{Name: "Authorization", Value: "x"}}}, Policy{FollowRedirects: true})
	if f != nil || string(x.Response.Body) != "ok" || len(x.Hops) != 3 || x.Request.URL != url+"/a" || hits.Load() != 4 {
		t.Fatalf("%+v hops %+v hits %d", f, x.Hops, hits.Load())
	}
	x, f = c.Do(t.Context(), get(url+"/loop"), Policy{FollowRedirects: true})
	mustFail(t, f, run.RedirectBlocked)
	if len(x.Hops) != 4 || !strings.Contains(f.Evidence, "more than 3") || hits.Load() != 8 {
		t.Errorf("hops %d, %+v, hits %d", len(x.Hops), f, hits.Load())
	}
}

func TestOnAnotherHostNothingConfidentialGoesAlong(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			got := make(chan *http.Request, 1)
			bodies := make(chan string, 1)
			target, _ := vendor(t, func(_ http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				got <- r
				bodies <- string(b)
			})
			url, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target+"/there", status) })
			_, f := onLoopback(t).Do(t.Context(), run.Request{
				Method: "POST", URL: url + "?key=topsecret", Body: []byte(`{"p":"topsecret"}`),
				Headers: []run.Header{{Name: "Authorization", Value: "topsecret"}, {Name: "X-Api-Key", Value: "topsecret"}, {Name: "Cookie", Value: "topsecret"}, {Name: "User-Agent", Value: "topsecret"}, {Name: "Content-Type", Value: "application/json"}, {Name: "Accept", Value: "application/json"}},
			}, Policy{FollowRedirects: true})
			if f != nil {
				t.Fatal(f)
			}
			r := <-got
			if all := fmt.Sprint(r.Header, r.URL, <-bodies); strings.Contains(all, "topsecret") {
				t.Errorf("the other host got %s", all)
			}
			if r.Header.Get("Accept") != "application/json" || r.Header.Get("Content-Type") != "" {
				t.Errorf("headers = %v", r.Header)
			}
			if want := map[bool]string{true: "POST", false: "GET"}[status >= 307]; r.Method != want {
				t.Errorf("method = %s, want %s", r.Method, want)
			}
		})
	}
}

func TestARedirectFromHTTPSToHTTPIsRefused(t *testing.T) {
	t.Parallel()
	target, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) }))
	t.Cleanup(s.Close)
	c := New(Options{AllowOutbound: loopbackOnly, RootCAs: poolOf(s)})
	_, f := c.Do(t.Context(), get(s.URL), Policy{FollowRedirects: true})
	mustFail(t, f, run.RedirectBlocked)
	if hits.Load() != 0 || !strings.Contains(f.Evidence, "plain http") {
		t.Errorf("hits %d, %+v", hits.Load(), f)
	}
}

func TestTheEvidenceOfARedirectNamesNoPassword(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://user:topsecret@other.example/there", http.StatusFound)
	})
	_, f := onLoopback(t).Do(t.Context(), run.Request{Method: "GET", URL: url}, Policy{})
	if f == nil || strings.Contains(fmt.Sprint(*f), "topsecret") || !strings.Contains(f.Evidence, "https://other.example/there") {
		t.Errorf("failure = %+v", f)
	}
}
