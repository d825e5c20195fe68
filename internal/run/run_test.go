package run

import "testing"

func TestTheSummarySaysTheResultOrWhyThereIsNone(t *testing.T) {
	t.Parallel()
	refused := &Failure{Cause: ConnectRefused, Summary: "connection refused (127.0.0.1:9)"}
	for name, c := range map[string]struct {
		run  Run
		want string
	}{
		"a result":              {Run{Result: new("501")}, "501"},
		"a failure":             {Run{Failure: refused}, "null – connection refused (127.0.0.1:9)"},
		"a failure with result": {Run{Failure: refused, Result: new("false")}, "false"},
		"a null with its note":  {Run{ResultNote: "null (the server answered null)"}, "null (the server answered null)"},
		"nothing yet":           {Run{Status: Running}, ""},
	} {
		if got := c.run.Summary(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestStatusesAndCausesAreClosedLists(t *testing.T) {
	t.Parallel()
	seen := map[Cause]bool{}
	for _, c := range Causes() {
		if seen[c] || !c.Valid() {
			t.Errorf("%s is twice in the list, or not valid", c)
		}
		seen[c] = true
	}
	if len(seen) != 44 {
		t.Errorf("%d causes, want the 44 of the closed list", len(seen))
	}
	if Cause("other").Valid() || Cause("").Valid() || Status("done").Valid() || Status("").Valid() {
		t.Error("a word that is not in the list is valid")
	}
	for _, s := range Statuses() {
		open := s == Queued || s == Running || s == Retrying || s == Waiting
		if !s.Valid() || s.Ended() == open {
			t.Errorf("%s: valid %v, ended %v", s, s.Valid(), s.Ended())
		}
	}
}

func TestAHeaderIsFoundInAnyLetterCase(t *testing.T) {
	t.Parallel()
	r := &Response{Headers: []Header{{"content-type", "text/html"}, {"Content-Type", "second"}}}
	if r.Header("Content-Type") != "text/html" || r.Header("X") != "" || (*Response)(nil).Header("X") != "" {
		t.Error("Header is wrong")
	}
}
