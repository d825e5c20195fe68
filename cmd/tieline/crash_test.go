package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAWriteCutOffByACrashIsThereAndUnknownAfterTheRestart: a call that is not safe to repeat has its row before
// its first byte is sent; when the process dies before the answer, the next start says that its outcome is not
// known, and nothing is sent again.
func TestAWriteCutOffByACrashIsThereAndUnknownAfterTheRestart(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	vendor := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	t.Cleanup(func() { close(release); vendor.Close() })
	s := serving(t)
	key := s.key(t, "owner")
	host := strings.TrimPrefix(vendor.URL, "http://")
	s.must(t, 201, "POST", "/api/v1/customers", key, `{"slug":"acme","name":"Acme"}`)
	s.must(t, 201, "PUT", "/api/v1/integrations/crm", key, `{"name":"crm","endpoints":[{"name":"save","type":"PostData","method":"POST","url":"/save","body":{"kind":"json","content":"{\"phone\":\"{{phone_number}}\"}"}}]}`)
	s.must(t, 201, "POST", "/api/v1/integrations/crm/integrators", key, `{"customer":"acme","host":"`+host+`","base_url":"`+vendor.URL+`"}`)
	go func() {
		_, _ = s.ask("POST", "/api/v1/integrations/crm/endpoints/save/call", key, []byte(`{"customer":"acme","tokens":{"phone_number":"+15551234567"}}`))
	}()
	<-arrived
	s.kill()

	again, err := launch(s.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.kill)
	var list struct {
		Items []struct{ ID, Status, Cause, Hint, Key string }
	}
	a := again.must(t, 200, "GET", "/api/v1/runs?status=unknown", key, "")
	if err := json.Unmarshal(a.body, &list); err != nil || len(list.Items) != 1 {
		t.Fatalf("%s, %v", a.body, err)
	}
	if got := list.Items[0]; got.Cause != "outcome_unknown" || got.Key != "+15551234567" {
		t.Errorf("the run is %+v", got)
	}
	select {
	case <-arrived:
		t.Error("the write was sent again")
	default:
	}
}
