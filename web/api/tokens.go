package api

import (
	"bytes"
	"encoding/json"
	"net/http"

	"tieline/db"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// grantJSON is what is known of an integrator's token; its values are never answered. Current says that it
// belongs to the authentication as it is now.
type grantJSON struct {
	Set         bool    `json:"set"`
	Current     bool    `json:"current"`
	ObtainedAt  string  `json:"obtained_at,omitempty"`
	ExpiresAt   string  `json:"expires_at,omitempty"`
	RefreshedAt string  `json:"refreshed_at,omitempty"`
	FailedAt    string  `json:"failed_at,omitempty"`
	Cause       *string `json:"cause"`
}

// grantOf is nil where the integrator's authentication has no token.
func (s *server) grantOf(c call, of db.StoredIntegration, in integration.Integrator) (*grantJSON, error) {
	if !in.Auth.HasToken() {
		return nil, nil
	}
	kept, current, err := s.control.Token(c.ctx(), c.who, of, in)
	if err != nil {
		return nil, err
	}
	shown := &grantJSON{
		Set: kept.Access.Set(), Current: current, ObtainedAt: moment(kept.ObtainedAt), ExpiresAt: moment(kept.ExpiresAt),
		RefreshedAt: moment(kept.RefreshedAt), FailedAt: moment(kept.FailedAt),
	}
	if kept.Failure != nil {
		cause := string(kept.Failure.Cause)
		shown.Cause = &cause
	}
	return shown, nil
}

// checkJSON is a check of credentials: accepted, refused, unclear or nothing.
type checkJSON struct {
	Result     string         `json:"result"`
	Message    string         `json:"message"`
	Cause      *run.Cause     `json:"cause"`
	Evidence   string         `json:"evidence,omitempty"`
	Hint       string         `json:"hint,omitempty"`
	HTTPStatus int            `json:"http_status,omitempty"`
	Exchanges  []exchangeJSON `json:"exchanges"`
}

func (s *server) checkIntegrator(c call) error {
	_, found, err := s.integratorOf(c)
	if err != nil {
		return err
	}
	checked, err := s.control.CheckIntegrator(c.ctx(), c.who, found.ID)
	if err != nil {
		return err
	}
	shown := checkJSON{Result: checked.Verdict, Message: checked.Message, HTTPStatus: checked.Run.HTTPStatus, Exchanges: []exchangeJSON{}}
	if f := checked.Run.Failure; f != nil {
		shown.Cause, shown.Evidence, shown.Hint = &f.Cause, f.Evidence, f.Hint
	}
	for _, a := range checked.Run.Attempts {
		for _, x := range a.Exchanges {
			shown.Exchanges = append(shown.Exchanges, showExchange(x))
		}
	}
	return c.json(http.StatusOK, shown)
}

// refreshOn reads the signs that renew a token; null takes them away.
func refreshOn(value json.RawMessage, f *fault.Fields) (on integration.RefreshOn) {
	switch {
	case string(value) == "null":
		return on
	case !bytes.HasPrefix(value, []byte("{")):
		f.Add("auth.refresh_on", "Expected an object {statuses, body_contains}.")
		return on
	}
	f.Under("auth.refresh_on", document.DecodeJSON(value, &on))
	return on
}
