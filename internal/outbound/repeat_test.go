package outbound

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"tieline/internal/run"
)

// fickle answers the first request of every connection and closes at the second, without an answer.
func fickle(t *testing.T) (url string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talkTwice(c, requests)
		}
	}()
	return "http://" + l.Addr().String(), requests
}

func talkTwice(c net.Conn, requests *atomic.Int64) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for n := range 2 {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		requests.Add(1)
		if n == 0 {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
		}
	}
}

func TestACallThatIsNotSafeIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	key := []run.Header{{Name: "Idempotency-Key", Value: "1"}}
	for _, r := range []run.Request{
		{Method: "GET"},
		{Method: "HEAD"},
		{Method: "DELETE"},
		{Method: "POST", Body: []byte("x")},
		{Method: "POST", Body: []byte("x"), Headers: key},
		{Method: "PUT", Body: []byte("x")},
		{Method: "GET", Headers: key},
	} {
		url, requests := fickle(t)
		c := onLoopback(t)
		r.URL = url
		first := r
		if r.Method == http.MethodHead {
			first.Method = "GET"
		}
		if x, f := c.Do(t.Context(), first, Policy{Unsafe: true}); f != nil || string(x.Response.Body) != "hi" {
			t.Fatalf("%s: %+v", r.Method, f)
		}
		_, f := c.Do(t.Context(), r, Policy{Unsafe: true})
		mustFail(t, f, run.OutcomeUnknown)
		if requests.Load() != 2 {
			t.Errorf("%s: the vendor saw %d requests, want 2", r.Method, requests.Load())
		}
	}
}

func TestASafeCallOutlivesAConnectionThatDied(t *testing.T) {
	t.Parallel()
	url, _ := fickle(t)
	c := onLoopback(t)
	for range 4 {
		if x, f := c.Do(t.Context(), get(url), Policy{}); f != nil || string(x.Response.Body) != "hi" {
			t.Fatalf("%+v", f)
		}
	}
}

func TestAnUnsafeCallWithoutABodyLooksLikeAnyOther(t *testing.T) {
	t.Parallel()
	heads := make(chan string, 1)
	url := raw(t, func(c net.Conn, head string) {
		heads <- head
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	for method, want := range map[string]string{"GET": "", "HEAD": "", "DELETE": "", "POST": "Content-Length: 0\r\n", "PUT": "Content-Length: 0\r\n"} {
		if _, f := onLoopback(t).Do(t.Context(), run.Request{Method: method, URL: url}, Policy{Unsafe: true}); f != nil {
			t.Fatalf("%s: %+v", method, f)
		}
		gzip := "Accept-Encoding: gzip\r\n"
		if method == "HEAD" {
			gzip = ""
		}
		host := url[len("http://"):]
		if head := <-heads; head != method+" / HTTP/1.1\r\nHost: "+host+"\r\nUser-Agent: Tieline\r\n"+want+gzip+"\r\n" {
			t.Errorf("%q", head)
		}
	}
}
