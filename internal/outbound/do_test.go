package outbound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tieline/internal/run"
)

func TestACallReturnsWhatReallyWentOverTheWire(t *testing.T) {
	t.Parallel()
	heads := make(chan string, 1)
	url := raw(t, func(c net.Conn, head string) {
		heads <- head
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-B: 2\r\nX-A: 1\r\n\r\nhi")
	})
	x, f := onLoopback(t).Do(t.Context(), run.Request{
		Method: "POST", URL: url + "/a%2Fb/é?q=1 2&z=%41#frag", Body: []byte(`{"a":1}`),
		Headers: []run.Header{
			{Name: "clientId", Value: "cid"},
			{Name: "X-Two", Value: "1"},
			{Name: "X-Two", Value: "2"},
			{Name: "content-LENGTH", Value: "0"},
			{Name: "transfer-encoding", Value: "chunked"},
			{Name: "Connection", Value: "close, clientId"},
			{Name: "Host", Value: "evil.test"},
			{Name: "Proxy-X", Value: "1"},
			{Name: "Expect", Value: "100-continue"},
			{Name: "Accept-Encoding", Value: "br"},
		},
	}, Policy{})
	if f != nil {
		t.Fatal(f)
	}
	head := <-heads
	host := strings.TrimPrefix(url, "http://")
	var shown strings.Builder
	fmt.Fprintf(&shown, "POST %s HTTP/1.1\r\n", strings.TrimPrefix(x.Request.URL, url))
	for _, h := range x.Request.Headers {
		fmt.Fprintf(&shown, "%s: %s\r\n", h.Name, h.Value)
	}
	if head != shown.String()+"\r\n" {
		t.Errorf("on the wire:\n%s\nrecorded:\n%s", head, shown.String())
	}
	for _, want := range []string{"POST /a%2Fb/%C3%A9?q=1%202&z=%41 HTTP/1.1\r\n", "Host: " + host + "\r\n", "clientId: cid\r\n", "X-Two: 1\r\nX-Two: 2\r\n", "Content-Length: 7\r\n", "Accept-Encoding: gzip\r\n"} {
		if !strings.Contains(head, want) {
			t.Errorf("%q is not in\n%s", want, head)
		}
	}
	for _, never := range []string{"chunked", "evil", "Proxy", "Expect", "br\r\n", "Connection"} {
		if strings.Contains(head, never) {
			t.Errorf("%q is in\n%s", never, head)
		}
	}
	r := x.Response
	if r.Status != 200 || string(r.Body) != "hi" || !r.Complete || r.Truncated || r.Size != 2 || r.Header("x-a") != "1" {
		t.Errorf("response = %+v", r)
	}
	if sum := sha256.Sum256([]byte("hi")); r.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("sha256 = %s", r.SHA256)
	}
	if x.Peer != host || x.Timings.Total <= 0 || x.Timings.Connect <= 0 || x.Timings.FirstByte <= 0 || x.Timings.Reused {
		t.Errorf("facts: peer %s timings %+v", x.Peer, x.Timings)
	}
}

func TestAHeaderWithControlCharactersSendsNothing(t *testing.T) {
	t.Parallel()
	url, hits := vendor(t, func(http.ResponseWriter, *http.Request) {})
	c := onLoopback(t)
	for _, h := range []run.Header{
		{Name: "X-A", Value: "a\r\nX-B: b"},
		{Name: "X-A", Value: "a\x00"},
		{Name: "X-A", Value: "a\x7f"},
		{Name: "X A", Value: "a"},
		{Name: "X:A", Value: "a"},
		{Name: "", Value: "a"},
		{Name: "X\r\nA", Value: "a"},
	} {
		r := get(url)
		r.Headers = []run.Header{h}
		_, f := c.Do(t.Context(), r, Policy{})
		mustFail(t, f, run.HeaderValue)
		if strings.Contains(f.Summary+f.Evidence+f.Hint, h.Value) && len(h.Value) > 1 {
			t.Errorf("the value is in %+v", f)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests were sent", hits.Load())
	}
}

func TestAClosedPortReadsAsConnectionRefused(t *testing.T) {
	t.Parallel()
	_, f := onLoopback(t).Do(t.Context(), get("http://127.0.0.1:9/x?key=topsecret"), Policy{})
	mustFail(t, f, run.ConnectRefused)
	if f.Summary != "connection refused (127.0.0.1:9)" {
		t.Errorf("summary = %q", f.Summary)
	}
}

func TestAnUnknownNameReadsAsDNS(t *testing.T) {
	t.Parallel()
	c := New(Options{Resolver: &zone{}})
	_, f := c.Do(t.Context(), get("https://nowhere.test/?key=topsecret"), Policy{})
	mustFail(t, f, run.DNS)
	if f.Summary != "no such host (nowhere.test)" {
		t.Errorf("summary = %q", f.Summary)
	}
	if f := c.Check(t.Context(), "https://nowhere.test/", Policy{}); f == nil || f.Cause != run.DNS {
		t.Errorf("check = %+v", f)
	}
}

func TestASilentServerEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	cases := map[string]func(c net.Conn, head string){
		"before the head": func(c net.Conn, _ string) { hang(c) },
		"in the head": func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-")
			hang(c)
		},
		"in the body": func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345")
			hang(c)
		},
	}
	for name, talk := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := raw(t, talk)
			start := time.Now()
			x, f := onLoopback(t).Do(t.Context(), get(url), Policy{Total: 200 * time.Millisecond})
			mustFail(t, f, run.ReadTimeout)
			if !strings.Contains(f.Summary, "0.2 s") {
				t.Errorf("summary = %q", f.Summary)
			}
			if name == "in the body" && (x.Response == nil || string(x.Response.Body) != "12345" || x.Response.Complete) {
				t.Errorf("response = %+v", x.Response)
			}
			_, f = onLoopback(t).Do(t.Context(), get(url), Policy{Total: 200 * time.Millisecond, Unsafe: true})
			mustFail(t, f, run.OutcomeUnknown)
			within1s(t, start)
		})
	}
}

func TestATrickledBodyEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	url := raw(t, func(c net.Conn, _ string) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := io.WriteString(c, "x"); err != nil {
				return
			}
		}
	})
	start := time.Now()
	_, f := onLoopback(t).Do(t.Context(), get(url), Policy{Total: 300 * time.Millisecond})
	mustFail(t, f, run.ReadTimeout)
	within1s(t, start)
}

func TestAConnectionCutBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(net.Conn, string){
		"closed": func(c net.Conn, _ string) { _ = c.Close() },
		"reset":  func(c net.Conn, _ string) { reset(c) },
		"half a head": func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-A")
			_ = c.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := raw(t, cut)
			_, f := onLoopback(t).Do(t.Context(), get(url), Policy{})
			mustFail(t, f, run.ReadTimeout)
			_, f = onLoopback(t).Do(t.Context(), run.Request{Method: "POST", URL: url, Body: []byte("x")}, Policy{Unsafe: true})
			mustFail(t, f, run.OutcomeUnknown)
		})
	}
}

func TestABodyThatEndsEarlyIsNotComplete(t *testing.T) {
	t.Parallel()
	for name, talk := range map[string]func(net.Conn, string){
		"length": func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"a\":")
		},
		"chunk": func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n")
		},
		"reset": func(c net.Conn, _ string) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"a\":")
			<-time.After(50 * time.Millisecond)
			reset(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, f := onLoopback(t).Do(t.Context(), get(raw(t, talk)), Policy{})
			if f != nil || x.Response.Complete || !x.Response.Truncated || string(x.Response.Body) != `{"a":` {
				t.Errorf("failure %+v, response %+v", f, x.Response)
			}
		})
	}
}

func TestWhatIsNotHTTPSaysSo(t *testing.T) {
	t.Parallel()
	url := raw(t, func(c net.Conn, _ string) {
		_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\nProtocol mismatch.\r\n\r\n")
	})
	_, f := onLoopback(t).Do(t.Context(), get(url), Policy{})
	mustFail(t, f, run.Parse)
}

func TestAStatusBelow200IsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"100 Continue", "101 Switching Protocols", "103 Early Hints"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			url := raw(t, func(c net.Conn, _ string) {
				_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
				hang(c)
			})
			_, f := onLoopback(t).Do(t.Context(), get(url), Policy{})
			mustFail(t, f, run.HTTPStatus)
			if !strings.Contains(f.Summary, status[:3]) {
				t.Errorf("summary = %q", f.Summary)
			}
			within1s(t, start)
		})
	}
}

func TestHeadersThatNeverEndAreCutAtOneMebibyte(t *testing.T) {
	t.Parallel()
	line := "X-Fill: " + strings.Repeat("a", 4000) + "\r\n"
	for name, piece := range map[string]string{"many lines": line, "one line": strings.Repeat("b", 4096)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := raw(t, func(c net.Conn, _ string) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Start: ")
				for {
					if _, err := io.WriteString(c, piece); err != nil {
						return
					}
				}
			})
			_, f := onLoopback(t).Do(t.Context(), get(url), Policy{})
			mustFail(t, f, run.TooLarge)
		})
	}
}

func TestALargeBodyIsCutAtTheLimit(t *testing.T) {
	t.Parallel()
	block := bytes.Repeat([]byte("x"), 1<<20)
	for name, head := range map[string]string{
		"endless":      "HTTP/1.1 200 OK\r\n\r\n",
		"300 MB":       "HTTP/1.1 200 OK\r\nContent-Length: 314572800\r\n\r\n",
		"a lied limit": "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := raw(t, func(c net.Conn, _ string) {
				_, _ = io.WriteString(c, head)
				for range 300 {
					if _, err := c.Write(block); err != nil {
						return
					}
				}
			})
			x, f := onLoopback(t).Do(t.Context(), get(url), Policy{MaxBytes: 1 << 20})
			mustFail(t, f, run.TooLarge)
			if f.Summary != "the answer is larger than 1 MiB" || x.Response.Size != 1<<20 || len(x.Response.Body) > 1<<20 {
				t.Errorf("%+v size %d", f, x.Response.Size)
			}
		})
	}
}

func TestBytesAfterTheDeclaredLengthAreNotPartOfTheAnswer(t *testing.T) {
	t.Parallel()
	url := raw(t, func(c net.Conn, _ string) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
		hang(c)
	})
	c := onLoopback(t)
	for range 3 {
		x, f := c.Do(t.Context(), get(url), Policy{})
		if f != nil || string(x.Response.Body) != "hi" {
			t.Fatalf("%+v %+v", f, x.Response)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	t.Parallel()
	url, _ := vendor(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "500") })
	x, f := onLoopback(t).Do(t.Context(), run.Request{Method: "HEAD", URL: url}, Policy{})
	if f != nil || x.Response.Status != 200 || x.Response.Size != 0 || !x.Response.Complete {
		t.Errorf("%+v %+v", f, x.Response)
	}
}

func TestACallerWhoGoesAwayEndsTheCall(t *testing.T) {
	t.Parallel()
	url := raw(t, func(c net.Conn, _ string) { hang(c) })
	ctx, cancel := contextWithCancelAfter(t, 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, f := onLoopback(t).Do(ctx, get(url), Policy{})
	mustFail(t, f, run.ReadTimeout)
	within1s(t, start)
	_, f = onLoopback(t).Do(ctx, get(url), Policy{})
	mustFail(t, f, run.ConnectTimeout)
}

func TestBadURLsSendNothing(t *testing.T) {
	t.Parallel()
	c := onLoopback(t)
	for _, url := range []string{
		"", "x", "/path", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:1/", "http://", "http:///x",
		"http://user:pass@127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://[fe80::1%25lo]/", "http://a b/",
		"http://exa\x00mple.test/", "http://*.test/", "unix:///var/run/x.sock",
	} {
		if _, f := c.Do(t.Context(), get(url), Policy{}); f == nil || f.Cause != run.DNS && f.Cause != run.BlockedAddress {
			t.Errorf("%q: %+v", url, f)
		}
	}
}
