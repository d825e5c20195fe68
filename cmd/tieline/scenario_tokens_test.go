package main

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
)

// GC-05: twenty concurrent data runs share the token that an Auth endpoint gives once.
func TestGC05TwentyRunsShareOneToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.withToken()
	twentyShareOneToken(t, d, d.server)
}

// Two servers on one database are as one: they share a key and the token, and one of them fetches it.
func TestTwoServersOnOneDatabaseMakeOneTokenCall(t *testing.T) {
	t.Parallel()
	database := "TIELINE_DATABASE=" + dbtest.URL(t, db.PostgreSQL)
	first, err := launch(filepath.Join(t.TempDir(), "data"), []string{database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(first.kill)
	d := &desk{server: first, t: t, browser: signedIn(t, first), vendor: newStub(t)}
	d.owner = first.key(t, "owner")
	d.withToken()
	second, err := launch(filepath.Join(t.TempDir(), "data"), []string{database, "TIELINE_KEY_FILE=" + first.dir + ".key"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.kill)
	twentyShareOneToken(t, d, first, second)
}

// withToken defines an integration whose calls need a token, which the vendor takes a moment to give.
func (d *desk) withToken() {
	t := d.t
	t.Helper()
	d.vendor.answers(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/auth" {
			time.Sleep(200 * time.Millisecond)
			_, _ = io.WriteString(w, `{"access_token":"t1","expires_in":3600}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"118203"}`)
	})
	d.define(`{"name":"getToken","type":"Auth","method":"POST","url":"/auth","params":["ApiKey"]},
		{"name":"findContact","url":"/contacts","response":{"key":"id"}}`)
	list := d.must(t, 200, "GET", "/api/v1/integrations/crm/integrators", d.owner, "")
	var found struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(list.body, &found); err != nil || len(found.Items) != 1 {
		t.Fatalf("%s, %v", list.body, err)
	}
	d.must(t, 200, "PATCH", "/api/v1/integrations/crm/integrators/"+found.Items[0].ID, d.owner, `{"auth":{"kind":"endpoint","endpoint":"getToken"}}`)
}

// twentyShareOneToken calls from twenty places at once, by turns at the servers.
func twentyShareOneToken(t *testing.T, d *desk, servers ...*server) {
	t.Helper()
	var group sync.WaitGroup
	outcomes := make([]outcome, 20)
	for i := range outcomes {
		group.Go(func() {
			a, err := servers[i%len(servers)].ask("POST", "/api/v1/integrations/crm/endpoints/findContact/call", d.owner, []byte(`{"customer":"acme"}`))
			if err == nil {
				err = json.Unmarshal(a.body, &outcomes[i])
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, o := range outcomes {
		if o.Status != "succeeded" || o.Result == nil || *o.Result != "118203" {
			t.Errorf("%+v", o)
		}
	}
	auth, data := 0, 0
	for _, r := range d.vendor.seen {
		switch {
		case r.URL.Path == "/auth":
			auth++
		case r.Header.Get("Authorization") == "Bearer t1":
			data++
		}
	}
	if auth != 1 || data != 20 {
		t.Errorf("%d token calls, %d calls with the token", auth, data)
	}
	// One of the runs tells of the token call; the token, which is too short to be searched for, is in none of them.
	calls := 0
	for _, o := range outcomes {
		a := d.must(t, 200, "GET", "/api/v1/runs/"+o.RunID, d.owner, "")
		calls += strings.Count(string(a.body), `"purpose":"token"`)
		if strings.Contains(string(a.body), `t1"`) || strings.Contains(string(a.body), `\"t1`) || strings.Contains(string(a.body), "Bearer t1") {
			t.Errorf("the token is in %s", a.body)
		}
	}
	if calls != 1 {
		t.Errorf("%d exchanges are token calls, want 1", calls)
	}
}
