package control_test

import (
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

func TestPeopleWithTheRightStopAndStartCallsToAHost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.stage(t)
		state := func() string {
			list := w.Breakers(s.integrator)
			if len(list) != 1 || list[0].Host != w.host() {
				t.Fatalf("breakers = %+v", list)
			}
			return list[0].State()
		}
		if state() != "closed" {
			t.Errorf("state = %s", state())
		}
		if err := w.SetBreaker(t.Context(), as(account.Support), s.integrator.ID, w.host(), "hold"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("support: %v", err)
		}
		if err := w.SetBreaker(t.Context(), as(account.Builder, "other"), s.integrator.ID, w.host(), "hold"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a builder of another customer: %v", err)
		}
		for _, bad := range [][2]string{{"elsewhere.example:443", "hold"}, {w.host(), "toggle"}} {
			if err := w.SetBreaker(t.Context(), owner, s.integrator.ID, bad[0], bad[1]); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v: %v", bad, err)
			}
		}
		must(t, w.SetBreaker(t.Context(), owner, s.integrator.ID, w.host(), "hold"))
		before := w.vendor.hits()
		r, err := w.Call(t.Context(), owner, s.call("find"))
		must(t, err)
		if state() != "held" || w.vendor.hits() != before || r.Failure == nil || r.Failure.Cause != run.BreakerOpen {
			t.Errorf("state %s, failure %+v", state(), r.Failure)
		}
		must(t, w.SetBreaker(t.Context(), owner, s.integrator.ID, w.host(), "close"))
		r, err = w.Call(t.Context(), owner, s.call("find"))
		must(t, err)
		if state() != "closed" || r.Status != run.Succeeded {
			t.Errorf("state %s, run %s", state(), r.Status)
		}
		entries, _, err := d.AuditEntries(t.Context(), owner.Scope, db.AuditFilter{SubjectID: s.integrator.ID})
		must(t, err)
		var told []string
		for _, e := range entries {
			for _, f := range e.Changes {
				if f.Path == "breaker."+w.host() {
					told = append(told, f.Before+" → "+f.After)
				}
			}
		}
		if len(told) != 2 || told[0] != "held → closed" || told[1] != "closed → held" {
			t.Errorf("the audit trail says %q", told)
		}
	})
}
