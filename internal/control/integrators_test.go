package control_test

import (
	"errors"
	"strings"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/secret"
)

func reload(t *testing.T, d *db.DB, id string) integration.Integrator {
	t.Helper()
	in, err := d.Integrator(t.Context(), account.Everything(), id)
	must(t, err)
	return in
}

func TestSecretsAreKeptReplacedAndClearedAndNeverPlain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		first := reload(t, d, st.integrator.ID)
		if !first.Secrets["field.ApiKey"].Set() || strings.Contains(string(first.Secrets["field.ApiKey"].Data), "canary") {
			t.Fatal("the secret is not sealed")
		}
		label := first
		label.Label = "only the label"
		_, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: label})
		must(t, err)
		kept := reload(t, d, first.ID)
		if string(kept.Secrets["field.ApiKey"].Data) != string(first.Secrets["field.ApiKey"].Data) {
			t.Error("a change of the label touched the secret")
		}
		// A value typed into the plain field of a secret parameter is sealed all the same.
		typed := kept
		typed.Fields = map[string]string{"ApiKey": "canary-second-9876543210"}
		_, err = w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: typed})
		must(t, err)
		replaced := reload(t, d, first.ID)
		opened, err := w.key.Open(replaced.SecretPlace("field.ApiKey"), replaced.Secrets["field.ApiKey"])
		if err != nil || opened.Reveal() != "canary-second-9876543210" || replaced.Fields["ApiKey"] != "" {
			t.Errorf("secret = %v, fields = %v", err, replaced.Fields)
		}
		_, err = w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: replaced, Clear: []string{"field.ApiKey"}})
		must(t, err)
		if reload(t, d, first.ID).Secrets["field.ApiKey"].Set() {
			t.Error("a cleared secret is still there")
		}
		_, err = w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{
			Integrator: replaced, Secrets: map[string]secret.Text{"field.Nope": secret.NewText("x"), "auth.password": secret.NewText("x")},
		})
		wantField(t, err, "field.Nope")
		wantField(t, err, "auth.password")
		entries, _, err := d.AuditEntries(t.Context(), account.Everything(), db.AuditFilter{Subject: "integrator", Limit: 100})
		must(t, err)
		for _, e := range entries {
			for _, f := range e.Changes {
				if strings.Contains(f.Before+f.After, "canary") {
					t.Errorf("the audit trail shows a secret: %+v", f)
				}
			}
		}
	})
}

func TestARequiredSecretIsAskedForAtItsField(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		doc := definition("needs-key")
		doc.Parameters[0].Required = true
		_, err := w.CreateIntegration(t.Context(), owner, doc)
		must(t, err)
		in := control.IntegratorInput{Integrator: integration.Integrator{CustomerID: w.customer(t).ID, Host: "app.gcalls.co", Enabled: true}}
		_, err = w.CreateIntegrator(t.Context(), owner, "needs-key", in)
		wantField(t, err, "field.ApiKey")
		in.Secrets = map[string]secret.Text{"field.ApiKey": secret.NewText("k")}
		_, err = w.CreateIntegrator(t.Context(), owner, "needs-key", in)
		must(t, err)
	})
}

func TestANewHostLetsTheSecretsGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		for name, change := range map[string]func(in *integration.Integrator){
			"host":        func(in *integration.Integrator) { in.Host = "elsewhere.example" },
			"base URL":    func(in *integration.Integrator) { in.BaseURL = "https://elsewhere.example/api" },
			"extra hosts": func(in *integration.Integrator) { in.Policy.ExtraHosts = []string{"elsewhere.example"} },
		} {
			in := w.integrator(t, st.saved, st.customer)
			change(&in)
			saved, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: in})
			must(t, err)
			if reload(t, d, in.ID).Secrets["field.ApiKey"].Set() || len(saved.Blanked) != 1 || saved.Blanked[0] != "field.ApiKey" {
				t.Errorf("%s: the secret stays with the new host (blanked %v)", name, saved.Blanked)
			}
		}
		given := w.integrator(t, st.saved, st.customer)
		given.Host = "elsewhere.example"
		_, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: given, Secrets: map[string]secret.Text{"field.ApiKey": secret.NewText("given again")}})
		must(t, err)
		if !reload(t, d, given.ID).Secrets["field.ApiKey"].Set() {
			t.Error("a secret that was given again is gone")
		}
		required := st.saved.Integration
		required.Parameters[0].Required = true
		_, err = w.SaveSettings(t.Context(), owner, required.Name, 0, required)
		must(t, err)
		given = reload(t, d, given.ID)
		given.Host = "third.example"
		_, err = w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: given})
		fields, _ := fault.FieldsOf(err)
		if !strings.Contains(fields["field.ApiKey"], "host changed") {
			t.Errorf("a required secret at a new host: %v, want the reason at its field", err)
		}
	})
}

func TestAPastedHostIsStrippedAndSaidSo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		saved, err := w.CreateIntegrator(t.Context(), owner, s.Integration.Name, control.IntegratorInput{
			Integrator: integration.Integrator{CustomerID: w.customer(t).ID, Host: "https://app.gcalls.co/", Enabled: true},
		})
		must(t, err)
		if saved.Integrator.Host != "app.gcalls.co" || len(saved.Notices) == 0 || saved.Notices[0].Field != "host" {
			t.Errorf("host = %q, notices = %+v", saved.Integrator.Host, saved.Notices)
		}
	})
}

func TestABlockedAddressIsANoticeWithWhatToAllow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s, c := w.integration(t), w.customer(t)
		in := control.IntegratorInput{Integrator: integration.Integrator{CustomerID: c.ID, BaseURL: "https://10.1.2.3/psa", Enabled: true}}
		saved, err := w.CreateIntegrator(t.Context(), owner, s.Integration.Name, in)
		must(t, err)
		if saved.Blocked == nil || saved.Blocked.Cause != run.BlockedAddress || saved.Blocked.Subject != "10.1.2.3:443" {
			t.Fatalf("blocked = %+v", saved.Blocked)
		}
		_, err = w.AllowSubject(t.Context(), owner, c.ID, saved.Blocked.Subject, "")
		must(t, err)
		again, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: saved.Integrator})
		if err != nil || again.Blocked != nil {
			t.Errorf("after the entry: %+v, %v", again.Blocked, err)
		}
		for target, field := range map[string]string{
			"169.254.169.254": "target", "0.0.0.0/0": "target", "not an address!": "target", "fe80::1": "target", "": "target",
		} {
			_, err := w.AllowAddress(t.Context(), owner, account.AllowEntry{CustomerID: c.ID, Target: target})
			wantField(t, err, field)
		}
		_, err = w.AllowAddress(t.Context(), owner, account.AllowEntry{CustomerID: c.ID, Target: "10.1.2.4", Ports: "http"})
		wantField(t, err, "ports")
	})
}

func TestTheCallcenterIdIsUniqueWithinAnIntegration(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		in := control.IntegratorInput{Integrator: integration.Integrator{CustomerID: st.customer.ID, Host: "a.example", CallcenterID: "CC-1", Enabled: true}}
		_, err := w.CreateIntegrator(t.Context(), owner, st.saved.Integration.Name, in)
		must(t, err)
		_, err = w.CreateIntegrator(t.Context(), owner, st.saved.Integration.Name, in)
		wantField(t, err, "callcenter_id")
		_, err = w.CreateIntegrator(t.Context(), owner, w.integration(t).Integration.Name, in)
		must(t, err)
	})
}

func TestTwoPeopleOnOneIntegratorConflict(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		st := w.stage(t)
		one, two := reload(t, d, st.integrator.ID), reload(t, d, st.integrator.ID)
		one.Label, two.Label = "one", "two"
		_, err := w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: one})
		must(t, err)
		_, err = w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: two})
		conflict, ok := errors.AsType[*control.ConflictError](err)
		if !ok || conflict.Theirs.(integration.Integrator).Label != "one" {
			t.Fatalf("error = %v, want a conflict with theirs", err)
		}
		two.Version = conflict.Revision
		_, err = w.UpdateIntegrator(t.Context(), owner, control.IntegratorInput{Integrator: two})
		must(t, err)
	})
}

func TestAVariableInUseIsNotDeleted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.integration(t)
		v := w.variable(t)
		e := s.Integration.Endpoints[0]
		for _, value := range []string{"${" + v.Name + "}", "{{ var." + v.Name + " | upper }}", `{{x|hmac_sha256:"var.` + v.Name + `"}}`} {
			e.Query = []integration.Row{{Name: "v", Value: value}}
			_, err := w.SaveEndpoint(t.Context(), owner, s.Integration.Name, 0, "find", e)
			must(t, err)
			err = w.DeleteVariable(t.Context(), owner, v.ID)
			wantKind(t, err, fault.Conflict)
			if !strings.Contains(fault.MessageOf(err), s.Integration.Name+"/find") {
				t.Errorf("%s: message = %q, want the use", value, fault.MessageOf(err))
			}
		}
		_, err := w.DeleteEndpoint(t.Context(), owner, s.Integration.Name, "find")
		must(t, err)
		must(t, w.DeleteVariable(t.Context(), owner, v.ID))
	})
}

func TestSavingWarnsOfAVariableThatIsMissingForSome(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s, acme, globex := w.integration(t), w.customer(t), w.customer(t)
		w.integrator(t, s, acme)
		w.integrator(t, s, globex)
		name := variableName()
		warning := func() string {
			t.Helper()
			e := s.Integration.Endpoints[0]
			e.Query = []integration.Row{{Name: "v", Value: "${" + name + "}"}}
			saved, err := w.SaveEndpoint(t.Context(), owner, s.Integration.Name, 0, "find", e)
			must(t, err)
			for _, warning := range saved.Warnings {
				if warning.Field == "query.0.value" {
					return warning.Message
				}
			}
			return ""
		}
		if got := warning(); !strings.Contains(got, "There is no variable "+name) {
			t.Errorf("for nobody: %q", got)
		}
		_, err := w.CreateVariable(t.Context(), owner, control.VariableInput{Variable: account.Variable{Name: name, Value: "x", CustomerID: acme.ID}})
		must(t, err)
		if got := warning(); got != "The variable "+name+" does not exist for "+globex.Name+"." {
			t.Errorf("for one of two customers: %q", got)
		}
		_, err = w.CreateVariable(t.Context(), owner, control.VariableInput{Variable: account.Variable{Name: name, Value: "x"}})
		must(t, err)
		if got := warning(); got != "" {
			t.Errorf("for the installation: %q", got)
		}
	})
}

func TestAnEncryptedVariableCannotBeReadBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := control.VariableInput{Variable: account.Variable{Name: "TOP_SECRET", Encrypted: true}}
		_, err := w.CreateVariable(t.Context(), owner, in)
		wantField(t, err, "value")
		in.Secret = secret.NewText("canary-variable-1234567890")
		v, err := w.CreateVariable(t.Context(), owner, in)
		must(t, err)
		if v.Value != "" || !v.Secret.Set() {
			t.Fatalf("variable = %+v", v)
		}
		kept := v
		kept.Name = "TOP_SECRET_2"
		saved, err := w.UpdateVariable(t.Context(), owner, control.VariableInput{Variable: kept})
		must(t, err)
		opened, err := w.key.Open(saved.SecretPlace(), saved.Secret)
		if err != nil || opened.Reveal() != "canary-variable-1234567890" {
			t.Errorf("the kept value does not open: %v", err)
		}
		saved.Encrypted = false
		_, err = w.UpdateVariable(t.Context(), owner, control.VariableInput{Variable: saved})
		wantField(t, err, "value")
	})
}
