package control

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// IntegratorInput is an integrator as typed. Secrets are keyed "field.<parameter>" and "auth.<setting>": an
// absent key keeps what is stored, a present one replaces it, one in Clear is removed. The sealed values
// within Integrator are not looked at. A secret that stands among the plain fields or settings is sealed too.
type IntegratorInput struct {
	integration.Integrator
	Secrets map[string]secret.Text
	Clear   []string
}

// SavedIntegrator is an integrator after a change. Notices tell what was done to the input or is odd about it;
// Blocked is set when calls to its address would be refused. Blanked are the secrets that were removed because
// the hosts changed.
type SavedIntegrator struct {
	Integrator integration.Integrator
	Notices    []run.Problem
	Blocked    *run.Failure
	Blanked    []string
}

// tidyIntegrator cleans what was pasted and moves secrets out of the plain values.
func tidyIntegrator(of integration.Integration, in IntegratorInput) (IntegratorInput, []run.Problem) {
	var notices []run.Problem
	host, notice := integration.CleanHost(in.Host)
	in.Host = host
	if notice != "" {
		notices = append(notices, run.Problem{Field: "host", Message: notice})
	}
	in.Label, in.CallcenterID, in.BaseURL = strings.TrimSpace(in.Label), strings.TrimSpace(in.CallcenterID), strings.TrimSpace(in.BaseURL)
	in.Fields, in.Auth.Settings, in.Secrets = maps.Clone(in.Fields), maps.Clone(in.Auth.Settings), maps.Clone(in.Secrets)
	if in.Secrets == nil {
		in.Secrets = map[string]secret.Text{}
	}
	notices = append(notices, tidyAuth(&in)...)
	for _, parameter := range of.Parameters {
		if parameter.Secret {
			move(in.Fields, parameter.Name, in.Secrets, "field.")
		}
	}
	if kind, ok := integration.AuthKindOf(in.Auth.Kind); ok {
		for _, setting := range kind.Settings {
			if setting.Secret {
				move(in.Auth.Settings, setting.Name, in.Secrets, "auth.")
			}
			if value, ok := in.Secrets["auth."+setting.Name]; ok && setting.Lines {
				in.Secrets["auth."+setting.Name] = secret.NewText(tidyLines(value.Reveal()))
			}
		}
	}
	return in, notices
}

func move(from map[string]string, name string, to map[string]secret.Text, prefix string) {
	value, ok := from[name]
	if !ok {
		return
	}
	delete(from, name)
	if _, given := to[prefix+name]; !given && value != "" {
		to[prefix+name] = secret.NewText(value)
	}
}

// CreateIntegrator makes a customer's use of an integration. in.CustomerID names the customer by id.
func (p *Plane) CreateIntegrator(ctx context.Context, who account.Actor, name string, in IntegratorInput) (SavedIntegrator, error) {
	if err := who.May(account.EditIntegrators); err != nil {
		return SavedIntegrator{}, err
	}
	stored, err := p.db.Integration(ctx, who.Scope, name)
	if err != nil {
		return SavedIntegrator{}, err
	}
	customer, err := p.customerOf(ctx, who, stored, in.CustomerID)
	if err != nil {
		return SavedIntegrator{}, err
	}
	in, notices := tidyIntegrator(stored.Document, in)
	in.ID, in.IntegrationID, in.Version = id.New(), stored.ID, 0
	in.LastSuccessAt, in.LastFailureAt, in.LastRunID, in.LastCause = time.Time{}, time.Time{}, "", ""
	saved, err := p.prepare(ctx, stored, integration.Integrator{}, in)
	if err != nil {
		return SavedIntegrator{}, err
	}
	saved.Notices = append(notices, saved.Notices...)
	err = p.change(ctx, who, account.EditIntegrators, func(tx *db.Tx) (done, error) {
		if err := freeCallcenter(ctx, tx, saved.Integrator); err != nil {
			return done{}, err
		}
		if saved.Integrator, err = tx.CreateIntegrator(ctx, saved.Integrator); err != nil {
			return done{}, taken(err, "callcenter_id", callcenterTaken)
		}
		return integratorDone("create", stored.Document.Name, customer.Slug, integration.Integrator{}, saved.Integrator), nil
	})
	return saved, err
}

const callcenterTaken = "Another integrator of this integration has this call-centre id."

func freeCallcenter(ctx context.Context, tx *db.Tx, in integration.Integrator) error {
	if in.CallcenterID == "" {
		return nil
	}
	other, err := tx.IntegratorByCallcenter(ctx, account.System("uniqueness").Scope, in.IntegrationID, in.CallcenterID)
	if err == nil && other.ID != in.ID {
		return fault.At("callcenter_id", callcenterTaken)
	}
	return nil
}

func (p *Plane) customerOf(ctx context.Context, who account.Actor, stored db.StoredIntegration, customerID string) (account.Customer, error) {
	customer, err := p.db.Customer(ctx, who.Scope, customerID)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return customer, fault.At("customer", "Choose a customer.")
	case err == nil && stored.CustomerID != "" && stored.CustomerID != customerID:
		return customer, fault.At("customer", "This integration is private to another customer.")
	}
	return customer, err
}

// prepare seals and checks an integrator, and looks at its address. It does nothing to the database.
func (p *Plane) prepare(ctx context.Context, stored db.StoredIntegration, before integration.Integrator, in IntegratorInput) (SavedIntegrator, error) {
	var f fault.Fields
	f.Under("", givenSecrets(stored.Document, in))
	kept, blanked, err := p.sealed(before, in)
	if err != nil {
		return SavedIntegrator{}, err
	}
	next := in.Integrator
	next.Secrets = kept
	f.Under("", checked(stored.Document, before, next, blanked))
	if err := f.Err(); err != nil {
		return SavedIntegrator{}, err
	}
	if outlived(before, next) {
		next.BaseURL = ""
	}
	looked, told := p.fillBase(ctx, &next)
	saved := SavedIntegrator{Integrator: next, Blanked: blanked}
	if told {
		saved.Notices = append(saved.Notices, looked)
	}
	for _, name := range blanked {
		saved.Notices = append(saved.Notices, run.Problem{Field: name, Message: whyBlanked(before, next, name)})
	}
	saved.Notices = append(saved.Notices, p.authNotices(stored.Document, next.Auth)...)
	if saved.Blocked = p.blocked(ctx, next); saved.Blocked != nil {
		saved.Notices = append(saved.Notices, run.Problem{Field: addressField(next), Cause: saved.Blocked.Cause, Message: sentence(*saved.Blocked)})
	}
	return saved, nil
}

func addressField(in integration.Integrator) string {
	if in.BaseURL != "" {
		return "base_url"
	}
	return "host"
}

func sentence(f run.Failure) string {
	if f.Hint != "" {
		return f.Hint
	}
	return f.Summary
}

// blocked is the friendly look at an integrator's address before anything is sent: what a call would meet.
func (p *Plane) blocked(ctx context.Context, in integration.Integrator) *run.Failure {
	if in.Host == "" && in.BaseURL == "" || strings.Contains(in.BaseURL, "{") || p.out == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	allow, err := p.db.AllowEntries(ctx, account.System("address check").Scope, in.CustomerID)
	if err != nil {
		return nil // the check is a courtesy; the guard itself stands at the connection
	}
	return p.out.Check(ctx, in.Base(), outbound.Policy{CustomerID: in.CustomerID, Allow: allow, AllowHTTP: in.AllowHTTP})
}

// UpdateIntegrator replaces what a person may change of an integrator. in.Version is the version the change
// was made from; 0 takes whatever is stored. When it may now talk to another host, secrets that were not given
// again are removed.
func (p *Plane) UpdateIntegrator(ctx context.Context, who account.Actor, in IntegratorInput) (SavedIntegrator, error) {
	if err := who.May(account.EditIntegrators); err != nil {
		return SavedIntegrator{}, err
	}
	before, err := p.db.Integrator(ctx, who.Scope, in.ID)
	if err != nil {
		return SavedIntegrator{}, err
	}
	stored, err := p.db.IntegrationByID(ctx, who.Scope, before.IntegrationID)
	if err != nil {
		return SavedIntegrator{}, err
	}
	if in.CustomerID != "" && in.CustomerID != before.CustomerID {
		return SavedIntegrator{}, fault.At("customer", "An integrator stays with its customer. Add another one instead.")
	}
	in, notices := tidyIntegrator(stored.Document, in)
	in.Integrator = carried(before, in.Integrator)
	saved, err := p.prepare(ctx, stored, before, in)
	if err != nil {
		return SavedIntegrator{}, err
	}
	saved.Notices = append(notices, saved.Notices...)
	if in.Version != 0 && in.Version != before.Version {
		return SavedIntegrator{}, &ConflictError{What: "this integrator", Mine: saved.Integrator, Theirs: before, Revision: before.Version}
	}
	err = p.updateIntegrator(ctx, who, stored, before, &saved.Integrator, "update")
	return saved, err
}

// carried puts what a person does not change into an integrator as typed.
func carried(before, in integration.Integrator) integration.Integrator {
	in.ID, in.IntegrationID, in.CustomerID = before.ID, before.IntegrationID, before.CustomerID
	in.LastSuccessAt, in.LastFailureAt, in.LastRunID, in.LastCause = before.LastSuccessAt, before.LastFailureAt, before.LastRunID, before.LastCause
	in.CreatedAt, in.UpdatedAt = before.CreatedAt, before.UpdatedAt
	return in
}

// updateIntegrator stores a prepared change over the version it was prepared on.
func (p *Plane) updateIntegrator(ctx context.Context, who account.Actor, stored db.StoredIntegration, before integration.Integrator, next *integration.Integrator, action string) error {
	return p.change(ctx, who, account.EditIntegrators, func(tx *db.Tx) (done, error) {
		customer, err := tx.Customer(ctx, who.Scope, before.CustomerID)
		if err != nil {
			return done{}, err
		}
		what := integratorDone(action, stored.Document.Name, customer.Slug, before, *next)
		if len(what.fields) == 0 {
			*next = before
			return done{}, nil
		}
		if err := freeCallcenter(ctx, tx, *next); err != nil {
			return done{}, err
		}
		if before.GrantSettings(stored.Document) != next.GrantSettings(stored.Document) {
			if err := tx.DeleteGrant(ctx, before.ID); err != nil { // it belongs to what the authentication was
				return done{}, err
			}
		}
		next.Version = before.Version
		*next, err = tx.UpdateIntegrator(ctx, *next)
		if fault.KindOf(err) == fault.Conflict {
			return done{}, p.integratorConflict(ctx, tx, who, before, *next)
		}
		return what, err
	})
}

// integratorConflict says what somebody else stored in the same moment.
func (p *Plane) integratorConflict(ctx context.Context, tx *db.Tx, who account.Actor, before, mine integration.Integrator) error {
	theirs, err := tx.Integrator(ctx, who.Scope, before.ID)
	if err != nil {
		return err
	}
	return &ConflictError{What: "this integrator", Base: before, Mine: mine, Theirs: theirs, Revision: theirs.Version}
}

// EnableIntegrator switches an integrator on or off.
func (p *Plane) EnableIntegrator(ctx context.Context, who account.Actor, integratorID string, on bool) (integration.Integrator, error) {
	if err := who.May(account.EditIntegrators); err != nil {
		return integration.Integrator{}, err
	}
	before, err := p.db.Integrator(ctx, who.Scope, integratorID)
	if err != nil || before.Enabled == on {
		return before, err
	}
	stored, err := p.db.IntegrationByID(ctx, who.Scope, before.IntegrationID)
	if err != nil {
		return before, err
	}
	next := before
	next.Enabled = on
	err = p.updateIntegrator(ctx, who, stored, before, &next, switched(on))
	return next, err
}

// DeleteIntegrator removes an integrator with its secrets; its runs stay.
func (p *Plane) DeleteIntegrator(ctx context.Context, who account.Actor, integratorID string) error {
	return p.change(ctx, who, account.EditIntegrators, func(tx *db.Tx) (done, error) {
		before, err := tx.Integrator(ctx, who.Scope, integratorID)
		if err != nil {
			return done{}, err
		}
		stored, err := tx.IntegrationByID(ctx, who.Scope, before.IntegrationID)
		if err != nil {
			return done{}, err
		}
		customer, err := tx.Customer(ctx, who.Scope, before.CustomerID)
		if err != nil {
			return done{}, err
		}
		what := integratorDone("delete", stored.Document.Name, customer.Slug, before, integration.Integrator{})
		what.subjectID, what.customerID = before.ID, before.CustomerID
		return what, tx.DeleteIntegrator(ctx, integratorID)
	})
}

// integratorFields is what is compared and audited of an integrator: no secrets.
type integratorFields struct {
	Label        string             `json:"label"`
	Description  string             `json:"description"`
	CallcenterID string             `json:"callcenter_id"`
	Host         string             `json:"host"`
	BaseURL      string             `json:"base_url"`
	AllowHTTP    bool               `json:"allow_http"`
	Auth         integration.Auth   `json:"auth"`
	Fields       map[string]string  `json:"fields,omitempty"`
	Info         json.RawMessage    `json:"info,omitempty"`
	Iframe       json.RawMessage    `json:"iframe,omitempty"`
	Policy       integration.Policy `json:"policy"`
	Enabled      bool               `json:"enabled"`
}

func fieldsOfIntegrator(in integration.Integrator) integratorFields {
	return integratorFields{
		Label: in.Label, Description: in.Description, CallcenterID: in.CallcenterID, Host: in.Host, BaseURL: in.BaseURL,
		AllowHTTP: in.AllowHTTP, Auth: in.Auth, Fields: in.Fields, Info: in.Info, Iframe: in.Iframe, Policy: in.Policy, Enabled: in.Enabled,
	}
}

func integratorDone(action, name, customer string, before, after integration.Integrator) done {
	fields := document.Diff(fieldsOfIntegrator(before), fieldsOfIntegrator(after))
	return done{
		action: action, subject: "integrator", subjectID: after.ID, name: name + "/" + customer, customerID: after.CustomerID,
		fields: append(fields, secretFields(before.Secrets, after.Secrets)...),
	}
}
