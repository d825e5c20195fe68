package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
)

// read fetches a page with a signed-in browser.
func read(t *testing.T, browser *http.Client, address string) (status int, body string) {
	t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// fillDemo presses the button of the empty dashboard.
func fillDemo(t *testing.T, s *server, browser *http.Client) {
	t.Helper()
	resp, err := browser.PostForm(s.url+"/demo", url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the demo: status %d at %s", resp.StatusCode, resp.Request.URL)
	}
}

func TestTheSamePagesWorkOnBothEngines(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := "sqlite"
			if engine == db.PostgreSQL {
				address = dbtest.URL(t, engine)
			}
			s := serving(t, "--database", address)
			browser := signedIn(t, s)
			fillDemo(t, s, browser)
			if pages := crawl(t, s, browser); pages < 60 {
				t.Errorf("only %d pages were read", pages)
			}
			for path, want := range map[string]string{
				"/customers": "Harbour Bakery", "/integrations": "sandbox-crm", "/runs": "findContact",
				"/runs?q=INV0000001": "GetInvoiceImage", "/runs?status=failed&cause=unauthorized": "unauthorized",
				"/runs?customer=lantern-dental&status=failed&from=2020-01-01": "lantern-dental", "/audit": "create",
			} {
				if status, body := read(t, browser, s.url+path); status != http.StatusOK || !strings.Contains(body, want) {
					t.Errorf("%s: status %d, no %q in it", path, status, want)
				}
			}
			if err := s.stop(); err != nil {
				t.Errorf("stop: %v", err)
			}
		})
	}
}

// TestTheDemoStillWorksAfterARestart: the sandbox comes back at the address that the demo's integrators name.
func TestTheDemoStillWorksAfterARestart(t *testing.T) {
	t.Parallel()
	s := serving(t)
	fillDemo(t, s, signedIn(t, s))
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	again, err := launch(s.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.kill)
	key := again.key(t, "builder")
	a := again.must(t, 200, "POST", "/api/v1/integrations/sandbox-crm/endpoints/findContact/call", key, `{"customer":"harbour-bakery","tokens":{"phone_number":"+15551234567"}}`)
	var got struct{ Status, Result string }
	if err := json.Unmarshal(a.body, &got); err != nil || got.Status != "succeeded" {
		t.Errorf("%s, %v", a.body, err)
	}
}

// freeAddress is an address of loopback that nothing listens on just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestThePortalWorksBelowAPath(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	s := serving(t, "--listen", address, "--base-url", "http://"+address+"/x/")
	if s.url != "http://"+address+"/x" {
		t.Fatalf("it says that it is ready at %s", s.url)
	}
	browser := signedIn(t, s)
	fillDemo(t, s, browser)
	if pages := crawl(t, s, browser); pages < 60 {
		t.Errorf("only %d pages were read", pages)
	}
}

func TestFiguresAreForWhoHasTheTokenOrTheOwnAddress(t *testing.T) {
	t.Parallel()
	s := serving(t, "--metrics-token", "a-token-for-the-figures")
	if a := s.must(t, 401, "GET", "/metrics", "", ""); strings.Contains(string(a.body), "tieline_") {
		t.Error("the figures are shown without the token")
	}
	s.must(t, 401, "GET", "/metrics", "another-token", "")
	a := s.must(t, 200, "GET", "/metrics", "a-token-for-the-figures", "")
	for _, name := range []string{"tieline_build_info", "tieline_database_bytes", "go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(string(a.body), name) {
			t.Errorf("there is no %s", name)
		}
	}
	address := freeAddress(t)
	without := serving(t, "--metrics-listen", address)
	without.must(t, 404, "GET", "/metrics", "", "")
	if status, body := read(t, &http.Client{}, "http://"+address+"/"); status != http.StatusOK || !strings.Contains(body, "tieline_build_info") {
		t.Errorf("on its own address: status %d", status)
	}
}
