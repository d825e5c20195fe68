package control_test

import (
	"errors"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// triggered is an integration whose endpoint find has one trigger.
func (w *world) triggered(t *testing.T) control.Saved {
	t.Helper()
	s := w.integration(t)
	saved, err := w.SaveTrigger(t.Context(), owner, s.Integration.Name, "find", s.Revision, -1, integration.Trigger{Name: "first", Kind: "event", Event: "call.ended"})
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func TestTwoPeopleWhoChangeTheSameTriggerMeetAConflictAndOthersDoNot(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.triggered(t)
		name, base := s.Integration.Name, s.Revision
		change := func(to string) error {
			_, err := w.SaveTrigger(t.Context(), owner, name, "find", base, 0, integration.Trigger{Name: to, Kind: "event", Event: "call.ended"})
			return err
		}
		if _, err := w.SaveTrigger(t.Context(), owner, name, "find", base, -1, integration.Trigger{Kind: "event", Event: "lead.saved"}); err != nil {
			t.Fatalf("a trigger beside it: %v", err)
		}
		if err := change("theirs"); err != nil {
			t.Fatalf("from the revision before, which did not touch it: %v", err)
		}
		err := change("mine")
		conflict, ok := errors.AsType[*control.ConflictError](err)
		if !ok || conflict.Theirs.(integration.Trigger).Name != "theirs" {
			t.Fatalf("%v", err)
		}
		if _, err := w.DeleteTrigger(t.Context(), owner, name, "find", base, 0); fault.KindOf(err) != fault.Conflict {
			t.Errorf("deleted what somebody else had changed: %v", err)
		}
		if _, err := w.DeleteTrigger(t.Context(), owner, name, "find", conflict.Revision, 0); err != nil {
			t.Error(err)
		}
		if _, err := w.DeleteTrigger(t.Context(), owner, name, "find", 0, 7); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v", err)
		}
	})
}

func TestATriedEventSaysWhatIsSwitchedOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.triggered(t)
		event := run.Event{Type: "call.ended"}
		got, err := w.TryEvent(t.Context(), owner, s.Integration.Name, event)
		if err != nil || len(got) != 1 || !got[0].Ran || got[0].Endpoint != "find" {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := w.EnableEndpoint(t.Context(), owner, s.Integration.Name, "find", false); err != nil {
			t.Fatal(err)
		}
		if got, _ := w.TryEvent(t.Context(), owner, s.Integration.Name, event); got[0].Ran || got[0].Reason != "the endpoint is switched off" {
			t.Errorf("%+v", got)
		}
		if _, err := w.EnableIntegration(t.Context(), owner, s.Integration.Name, false); err != nil {
			t.Fatal(err)
		}
		if got, _ := w.TryEvent(t.Context(), owner, s.Integration.Name, event); got[0].Ran || got[0].Reason != "the integration is switched off" {
			t.Errorf("%+v", got)
		}
	})
}
