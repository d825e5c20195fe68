package executor

import (
	"maps"

	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/token"
)

// opened are the secrets of one call in clear.
type opened struct {
	integrator map[string]secret.Text
	variables  map[string]request.Variable
}

// values are all secret values that the call could hold; an answer may echo any of them.
func (o opened) values() []string {
	list := make([]string, 0, len(o.integrator))
	for _, t := range o.integrator {
		list = append(list, t.Reveal())
	}
	for _, v := range o.variables {
		if v.Secret {
			list = append(list, v.Value.Reveal())
		}
	}
	return list
}

// open decrypts what the job carries sealed. A secret that does not open fails the run and is named; its
// value cannot be told, so nothing is sent without it.
func (e *Executor) open(job Job) (opened, *run.Failure) {
	var failure *run.Failure
	text := func(p secret.Place, s secret.Sealed, kind, name, of string) secret.Text {
		t, err := e.options.Opener.Open(p, s)
		if err != nil {
			failure = unopened(kind + name + of)
		}
		return t
	}
	o := opened{
		integrator: make(map[string]secret.Text, len(job.Integrator.Secrets)),
		variables:  make(map[string]request.Variable, len(job.Variables)),
	}
	for name, sealed := range job.Integrator.Secrets {
		if sealed.Set() {
			o.integrator[name] = text(job.Integrator.SecretPlace(name), sealed, "the secret ", name, " of this integrator")
		}
	}
	for _, general := range []bool{true, false} { // a customer's own variable wins over the installation's
		for _, v := range job.Variables {
			if (v.CustomerID == "") != general {
				continue
			}
			value := request.Variable{Value: secret.NewText(v.Value), Secret: v.Encrypted, Source: "variable of the installation"}
			if v.Encrypted {
				value.Value = text(v.SecretPlace(), v.Secret, "the variable ", v.Name, "")
			}
			if !general {
				value.Source = "variable of customer " + job.Run.Customer
			}
			o.variables[v.Name] = value
		}
	}
	return o, failure
}

func unopened(what string) *run.Failure {
	return &run.Failure{
		Cause: run.InternalFailure, Summary: what + " cannot be decrypted",
		Hint: "Nothing was sent. The key that Tieline was started with is not the one this was stored with: type the secret in again, or start Tieline with the right key.",
	}
}

// event is what bare names may be: the tokens of the call, the values of its record, and the record itself with
// its id, type and data.
func (c *call) event() map[string]any {
	record := c.job.Record
	event := request.Event(c.job.Tokens, nil, nil, record.Data, nil)
	if v, ok := event["record"].(token.Value); ok && v.Source != "event" || record.ID == "" && record.Type == "" {
		return event // a value of that name is the caller's own
	}
	whole := map[string]any{"id": record.ID, "type": record.Type, "data": record.Data}
	maps.Copy(whole, record.Data)
	event["record"] = token.Value{Data: whole, Source: "event"}
	return event
}

// data is what the templates may name.
func (c *call) data() request.Data {
	var token request.Token
	if c.signing != nil {
		token = c.signing.token
	}
	return request.Data{
		Event: c.event(), AuthToken: token,
		Input: c.job.Input, HasInput: c.job.HasInput, State: c.job.State, Last: c.job.Last,
		Integrator: c.job.Integrator, IntegratorName: c.job.Run.Integrator,
		Secrets: c.opened.integrator, Variables: c.opened.variables,
		RunID: c.run.ID, Now: c.e.options.Now(), Nonce: nonce(), Program: c.e.options.Program, Page: c.page,
	}
}
