package control_test

import (
	"slices"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

func mappingOf(name string) integration.Mapping {
	return integration.Mapping{Name: name, Rows: []integration.MapRow{{From: "email", To: "mail", Default: "none@x.test"}}}
}

// onMapping prepares an integration with a mapping that was changed once.
func onMapping(prepare func(w *world, name string) act) func(*testing.T, *world) act {
	return func(t *testing.T, w *world) act {
		name := w.mapped(t)
		m := mappingOf("lead")
		m.Rows[0].To = "changed"
		_, err := w.SaveMapping(t.Context(), owner, name, 0, "lead", m)
		must(t, err)
		return prepare(w, name)
	}
}

// mapped is the name of an integration whose second revision has the mappings lead and deal.
func (w *world) mapped(t *testing.T) string {
	t.Helper()
	s := w.integration(t)
	s.Integration.Mappings = []integration.Mapping{mappingOf("lead"), mappingOf("deal")}
	_, err := w.ReplaceIntegration(t.Context(), owner, s.Integration.Name, s.Integration, control.Replace{})
	must(t, err)
	return s.Integration.Name
}

func TestTwoPeopleEditDifferentMappingsWithoutAConflict(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		name := w.mapped(t)
		mine, theirs := mappingOf("lead"), mappingOf("deal")
		mine.Rows[0].To, theirs.Rows[0].To = "mine", "theirs"
		_, err := w.SaveMapping(t.Context(), owner, name, 2, "deal", theirs)
		must(t, err)
		saved, err := w.SaveMapping(t.Context(), owner, name, 2, "lead", mine)
		must(t, err)
		if len(saved.Integration.Mappings) != 2 || saved.Integration.Mappings[1].Rows[0].To != "theirs" {
			t.Errorf("the other mapping is lost: %+v", saved.Integration.Mappings)
		}
		settings := saved.Integration
		settings.Description, settings.Mappings = "settings from before", nil
		if saved, err = w.SaveSettings(t.Context(), owner, name, 2, settings); err != nil || len(saved.Integration.Mappings) != 2 {
			t.Errorf("settings beside mappings: %v, %d mappings", err, len(saved.Integration.Mappings))
		}
		mine.Rows[0].To = "late"
		_, err = w.SaveMapping(t.Context(), owner, name, 2, "lead", mine)
		wantKind(t, err, fault.Conflict)
		list, err := d.Revisions(t.Context(), account.Everything(), saved.ID, "mapping lead", 0)
		if err != nil || len(list) != 3 || !slices.Equal(list[0].Parts, []string{"mapping lead"}) {
			t.Errorf("revisions of the mapping: %+v, %v", list, err)
		}
		if saved, err = w.RestoreMapping(t.Context(), owner, name, 2, "lead"); err != nil || saved.Integration.Mappings[0].Rows[0].To != "mail" || saved.Integration.Description != "settings from before" {
			t.Errorf("restored: %+v, %v", saved.Integration.Mappings, err)
		}
	})
}

func TestAMappingInUseIsRenamedWithItsUsesAndNotDeleted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		name := w.mapped(t)
		stored, err := d.Integration(t.Context(), account.Everything(), name)
		must(t, err)
		e, _ := stored.Document.Endpoint("save")
		e.Mapping, e.Body = "lead", integration.Body{}
		_, err = w.SaveEndpoint(t.Context(), owner, name, 0, "save", e)
		must(t, err)
		_, err = w.DeleteMapping(t.Context(), owner, name, "lead")
		if wantKind(t, err, fault.Conflict); !strings.Contains(fault.MessageOf(err), "used by save") {
			t.Errorf("%v", err)
		}
		saved, err := w.SaveMapping(t.Context(), owner, name, 0, "lead", mappingOf("contact"))
		must(t, err)
		if e, _ := saved.Integration.Endpoint("save"); e.Mapping != "contact" {
			t.Errorf("the endpoint uses %q", e.Mapping)
		}
		e.Mapping = "nowhere"
		_, err = w.SaveEndpoint(t.Context(), owner, name, 0, "save", e)
		wantField(t, err, "mapping")
		_, err = w.SaveMapping(t.Context(), owner, name, 0, "", mappingOf("contact"))
		wantField(t, err, "name")
		as, err := w.DuplicateMapping(t.Context(), owner, name, "contact")
		if err != nil || as != "contact-copy" {
			t.Errorf("copy = %q, %v", as, err)
		}
		_, err = w.DeleteMapping(t.Context(), owner, name, as)
		must(t, err)
	})
}

// TestAMappingIsTriedWithoutBeingSaved edits a rule and looks at what comes out: errors name the rule.
func TestAMappingIsTriedWithoutBeingSaved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		name := w.mapped(t)
		try := control.MappingTry{
			CallRequest: control.CallRequest{Integration: name, Endpoint: "save", Record: control.Record{Data: map[string]any{"email": "a@b.test"}}}, Mapping: "lead",
		}
		made, err := w.TryMapping(t.Context(), owner, try)
		if err != nil || string(made.Output) != `{"mail":"a@b.test"}` || len(made.Problems) > 0 || len(made.Tokens) != 1 || made.Request == nil {
			t.Fatalf("%s, %+v, %v", made.Output, made, err)
		}
		m := mappingOf("lead")
		m.Rows = append(m.Rows, integration.MapRow{From: "emial", To: "x"}, integration.MapRow{From: "email", To: ""})
		try.Definition = &m
		made, err = w.TryMapping(t.Context(), owner, try)
		must(t, err)
		var all []string
		for _, p := range made.Problems {
			all = append(all, p.Field+": "+p.Message)
		}
		text := strings.Join(all, "\n")
		for _, want := range []string{"rows.1.from: In the mapping, rule 2, from emial: this call has no value of that name, did you mean email?", "rows.2.to: Rule 3, to: Say what the value is sent as"} {
			if !strings.Contains(text, want) {
				t.Errorf("got\n%s\nwant %s", text, want)
			}
		}
		if string(made.Output) != `{"mail":"a@b.test"}` || w.vendor.hits() != 0 {
			t.Errorf("the other rules made %s; %d requests were sent", made.Output, w.vendor.hits())
		}
	})
}

// TestAnUnchangedRecordIsSentOnce calls an endpoint whose mapping drops what did not change: the second call is
// skipped with the reason, a changed record goes out again, and a call that fails is tried anew.
func TestAnUnchangedRecordIsSentOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.stage(t)
		def := s.saved.Integration
		m := mappingOf("lead")
		m.Rows = append(m.Rows, integration.MapRow{Op: "filter", Format: "unchanged", From: "record.id"})
		def.Mappings = []integration.Mapping{m}
		def.Endpoints = append(def.Endpoints,
			integration.Endpoint{Name: "push", Type: "PostData", Method: "POST", URL: "/push", Mapping: "lead"},
			integration.Endpoint{Name: "fail", Type: "PostData", Method: "POST", URL: "/gone", Mapping: "lead"})
		_, err := w.ReplaceIntegration(t.Context(), owner, def.Name, def, control.Replace{})
		must(t, err)
		send := func(endpoint, id, email string) run.Run {
			t.Helper()
			c := s.call(endpoint)
			c.Record = control.Record{Type: "lead", ID: id, Data: map[string]any{"email": email}}
			r, err := w.Call(t.Context(), owner, c)
			must(t, err)
			return r
		}
		for _, step := range []struct {
			id, email string
			want      run.Status
		}{{"1", "a@b.test", run.Succeeded}, {"1", "a@b.test", run.Skipped}, {"2", "a@b.test", run.Succeeded}, {"1", "c@d.test", run.Succeeded}, {"1", "a@b.test", run.Succeeded}} {
			r := send("push", step.id, step.email)
			if r.Status != step.want {
				t.Fatalf("%s %s: %s, %+v", step.id, step.email, r.Status, r.Failure)
			}
			if r.Status == run.Skipped && (r.Failure == nil || !strings.Contains(r.Failure.Summary, "rule 2: nothing has changed for 1 since it was last sent")) {
				t.Errorf("why: %+v", r.Failure)
			}
		}
		if w.vendor.hits() != 4 {
			t.Errorf("%d requests were sent", w.vendor.hits())
		}
		for range 2 {
			if r := send("fail", "1", "a@b.test"); r.Status != run.Failed {
				t.Errorf("a record that was refused is %s the next time", r.Status)
			}
		}
	})
}
