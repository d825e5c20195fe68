package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"tieline/db"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/secret"
)

type integratorJSON struct {
	ID            string             `json:"id"`
	Integration   string             `json:"integration"`
	Customer      string             `json:"customer"`
	Label         string             `json:"label"`
	Description   string             `json:"description"`
	CallcenterID  string             `json:"callcenter_id"`
	Host          string             `json:"host"`
	BaseURL       string             `json:"base_url"`
	AllowHTTP     bool               `json:"allow_http"`
	Auth          map[string]any     `json:"auth"`
	Fields        map[string]any     `json:"fields"`
	Info          json.RawMessage    `json:"info,omitempty"`
	Iframe        json.RawMessage    `json:"iframe,omitempty"`
	Policy        integration.Policy `json:"policy"`
	Enabled       bool               `json:"enabled"`
	Version       int64              `json:"version"`
	LastSuccessAt string             `json:"last_success_at,omitempty"`
	LastFailureAt string             `json:"last_failure_at,omitempty"`
	LastCause     string             `json:"last_cause,omitempty"`
	LastRunID     string             `json:"last_run_id,omitempty"`
	Breakers      []breakerJSON      `json:"breakers"`
	CreatedAt     string             `json:"created_at"`
	UpdatedAt     string             `json:"updated_at"`
	Token         *grantJSON         `json:"token,omitempty"`
	Warnings      []warning          `json:"warnings,omitempty"`
}

func (s *server) showIntegrator(n *names, of integration.Integration, in integration.Integrator) integratorJSON {
	shown := integratorJSON{
		ID: in.ID, Integration: of.Name, Customer: n.slug(in.CustomerID), Label: in.Label, Description: in.Description,
		CallcenterID: in.CallcenterID, Host: in.Host, BaseURL: in.BaseURL, AllowHTTP: in.AllowHTTP,
		Auth: map[string]any{"kind": in.Auth.Kind}, Fields: map[string]any{}, Info: in.Info, Iframe: in.Iframe,
		Policy: in.Policy, Enabled: in.Enabled, Version: in.Version,
		LastSuccessAt: moment(in.LastSuccessAt), LastFailureAt: moment(in.LastFailureAt), LastCause: in.LastCause, LastRunID: in.LastRunID,
		CreatedAt: moment(in.CreatedAt), UpdatedAt: moment(in.UpdatedAt), Breakers: showBreakers(s.control.Breakers(in)),
	}
	kind, _ := integration.AuthKindOf(in.Auth.Kind)
	shown.Auth["kind"] = kind.Kind
	for _, setting := range kind.Settings {
		if setting.Secret {
			shown.Auth[setting.Name] = showSecret(in.Secrets["auth."+setting.Name])
		} else {
			shown.Auth[setting.Name] = showSetting(setting, in.Auth.Settings[setting.Name])
		}
	}
	if on := in.Auth.RefreshOn; !on.Empty() {
		shown.Auth["refresh_on"] = on
	}
	for name, value := range in.Fields {
		shown.Fields[name] = value
	}
	for _, parameter := range of.Parameters {
		if parameter.Secret {
			shown.Fields[parameter.Name] = showSecret(in.Secrets["field."+parameter.Name])
		}
	}
	return shown
}

// integratorInput is an integrator as sent: for a new one and for a change, where what is absent stays.
type integratorInput struct {
	Customer     *string             `json:"customer"`
	Label        *string             `json:"label"`
	Description  *string             `json:"description"`
	CallcenterID *string             `json:"callcenter_id"`
	Host         *string             `json:"host"`
	BaseURL      *string             `json:"base_url"`
	AllowHTTP    *bool               `json:"allow_http"`
	Auth         authInput           `json:"auth"`
	Fields       map[string]any      `json:"fields"`
	Info         json.RawMessage     `json:"info"`
	Iframe       json.RawMessage     `json:"iframe"`
	Policy       *integration.Policy `json:"policy"`
	Enabled      *bool               `json:"enabled"`
}

// over puts what was sent over an integrator.
func (in integratorInput) over(of integration.Integration, before integration.Integrator) (control.IntegratorInput, error) {
	next := control.IntegratorInput{Integrator: before, Secrets: map[string]secret.Text{}}
	set(&next.Label, in.Label)
	set(&next.Description, in.Description)
	set(&next.CallcenterID, in.CallcenterID)
	set(&next.Host, in.Host)
	set(&next.BaseURL, in.BaseURL)
	set(&next.AllowHTTP, in.AllowHTTP)
	set(&next.Policy, in.Policy)
	set(&next.Enabled, in.Enabled)
	next.Info, next.Iframe = overJSON(before.Info, in.Info), overJSON(before.Iframe, in.Iframe)
	var f fault.Fields
	in.overAuth(&next, &f)
	in.overFields(of, &next, &f)
	return next, f.Err()
}

// overJSON replaces a JSON text; null removes it.
func overJSON(before, given json.RawMessage) json.RawMessage {
	switch {
	case len(given) == 0:
		return before
	case string(given) == "null":
		return nil
	}
	return given
}

func (in integratorInput) overAuth(next *control.IntegratorInput, f *fault.Fields) {
	if in.Auth == nil {
		return
	}
	before := next.Auth.Kind
	if given, ok := in.Auth["kind"]; ok && (json.Unmarshal(given, &next.Auth.Kind) != nil || string(given) == "null") {
		f.Add("auth.kind", "Expected text.")
	}
	settings := map[string]string{}
	if next.Auth.Kind == before {
		maps.Copy(settings, next.Auth.Settings)
	}
	next.Auth.Settings = settings
	if next.Auth.Kind != before {
		next.Auth.RefreshOn = integration.RefreshOn{}
	}
	kind, _ := integration.AuthKindOf(next.Auth.Kind)
	for _, name := range slices.Sorted(maps.Keys(in.Auth)) {
		switch name {
		case "kind":
		case "refresh_on":
			next.Auth.RefreshOn = refreshOn(in.Auth[name], f)
		default:
			setting := kind.Setting(name)
			overValue(next, settings, "auth.", name, readSetting(setting, in.Auth[name]), setting.Secret, f)
		}
	}
}

func (in integratorInput) overFields(of integration.Integration, next *control.IntegratorInput, f *fault.Fields) {
	fields := maps.Clone(next.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	next.Fields = fields
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) {
		parameter, _ := of.Parameter(name)
		overValue(next, fields, "field.", name, in.Fields[name], parameter.Secret, f)
	}
}

// overValue takes one value of auth or fields: null and "" remove it, a secret's own form from a GET keeps it.
func overValue(next *control.IntegratorInput, plain map[string]string, prefix, name string, value any, isSecret bool, f *fault.Fields) {
	switch v := value.(type) {
	case nil:
		delete(plain, name)
		next.Clear = append(next.Clear, prefix+name)
	case string:
		switch {
		case isSecret && v == "":
			next.Clear = append(next.Clear, prefix+name)
		case isSecret:
			next.Secrets[prefix+name] = secret.NewText(v)
		default:
			plain[name] = v
		}
	case map[string]any:
		if _, ok := v["set"]; !isSecret || !ok {
			f.Add(prefix+name, "Expected text.")
		}
	default:
		f.Add(prefix+name, "Expected text.")
	}
}

func (s *server) integrators(c call) error {
	q := c.query()
	slug := q.text("customer")
	if err := q.done(); err != nil {
		return err
	}
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return err
	}
	filter := db.IntegratorFilter{IntegrationID: stored.ID}
	if slug != "" {
		customer, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, slug)
		if err != nil {
			return err
		}
		filter.CustomerID = customer.ID
	}
	rows, err := s.db.Integrators(c.ctx(), c.who.Scope, filter)
	if err != nil {
		return err
	}
	n := s.names(c)
	slices.Reverse(rows) // the newest first
	return c.json(http.StatusOK, listOf(rows, "", func(in integration.Integrator) integratorJSON {
		return s.showIntegrator(n, stored.Document, in)
	}))
}

func (s *server) createIntegrator(c call) error {
	in, err := decode[integratorInput](c)
	if err != nil {
		return err
	}
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return err
	}
	next, err := in.over(stored.Document, integration.Integrator{Enabled: true})
	if err != nil {
		return err
	}
	if in.Customer == nil || *in.Customer == "" {
		return fault.At("customer", "Name the customer.")
	}
	customer, err := s.db.CustomerBySlug(c.ctx(), c.who.Scope, *in.Customer)
	if fault.KindOf(err) == fault.NotFound {
		return fault.At("customer", "There is no customer with this slug.")
	}
	if err != nil {
		return err
	}
	next.CustomerID, next.Clear = customer.ID, nil
	saved, err := s.control.CreateIntegrator(c.ctx(), c.who, c.Param("name"), next)
	if err != nil {
		return err
	}
	c.created("/integrations/" + stored.Document.Name + "/integrators/" + saved.Integrator.ID)
	return s.answerIntegrator(c, http.StatusCreated, stored, saved)
}

func (s *server) answerIntegrator(c call, status int, stored db.StoredIntegration, saved control.SavedIntegrator) error {
	shown := s.showIntegrator(s.names(c), stored.Document, saved.Integrator)
	shown.Warnings = showWarnings(saved.Notices)
	for i := range shown.Warnings {
		if saved.Blocked != nil && shown.Warnings[i].Cause == string(saved.Blocked.Cause) {
			shown.Warnings[i].Subject = saved.Blocked.Subject
		}
	}
	c.etag(saved.Integrator.Version)
	return c.json(status, shown)
}

// integratorOf finds the integrator of an address, which must belong to the integration of that address.
func (s *server) integratorOf(c call) (db.StoredIntegration, integration.Integrator, error) {
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return stored, integration.Integrator{}, err
	}
	found, err := s.db.Integrator(c.ctx(), c.who.Scope, c.Param("id"))
	if err == nil && found.IntegrationID != stored.ID {
		err = fault.New(fault.NotFound, "There is no such integrator.")
	}
	return stored, found, err
}

func (s *server) integrator(c call) error {
	stored, found, err := s.integratorOf(c)
	if err != nil {
		return err
	}
	shown := s.showIntegrator(s.names(c), stored.Document, found)
	if shown.Token, err = s.grantOf(c, stored, found); err != nil {
		return err
	}
	c.etag(found.Version)
	return c.json(http.StatusOK, shown)
}

func (s *server) patchIntegrator(c call) error {
	in, err := decode[integratorInput](c)
	if err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	stored, before, err := s.integratorOf(c)
	if err != nil {
		return err
	}
	if in.Customer != nil && *in.Customer != s.names(c).slug(before.CustomerID) {
		return fault.At("customer", "An integrator stays with its customer. Add another one instead.")
	}
	next, err := in.over(stored.Document, before)
	if err != nil {
		return err
	}
	if base != 0 {
		next.Version = base
	}
	saved, err := s.control.UpdateIntegrator(c.ctx(), c.who, next)
	if err != nil {
		return matched(err, base != 0)
	}
	return s.answerIntegrator(c, http.StatusOK, stored, saved)
}

func (s *server) deleteIntegrator(c call) error {
	if _, _, err := s.integratorOf(c); err != nil {
		return err
	}
	if err := s.control.DeleteIntegrator(c.ctx(), c.who, c.Param("id")); err != nil {
		return err
	}
	return c.none()
}
