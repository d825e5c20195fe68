package api

import (
	"net/http"

	"tieline/internal/control"
	"tieline/internal/integration"
)

// breakerJSON is how the circuit breaker towards one host stands: closed, open, or held open by hand. It is that of
// the process that answers.
type breakerJSON struct {
	Host        string `json:"host"`
	State       string `json:"state"`
	Failures    int    `json:"failures"`
	Since       string `json:"since,omitempty"`
	Last        string `json:"last,omitempty"`
	LastAt      string `json:"last_at,omitempty"`
	NextProbeAt string `json:"next_probe_at,omitempty"`
}

func showBreakers(list []integration.Breaker) []breakerJSON {
	shown := make([]breakerJSON, 0, len(list))
	for _, b := range list {
		shown = append(shown, breakerJSON{
			Host: b.Host, State: b.State(), Failures: b.Failures, Since: moment(b.Since), Last: b.Last, LastAt: moment(b.LastAt),
			NextProbeAt: moment(b.NextProbe),
		})
	}
	return shown
}

// breakerInput says what to do with the breaker towards a host: "close" or "hold".
type breakerInput struct {
	Host   string `json:"host"`
	Action string `json:"action"`
}

func (s *server) setBreaker(c call) error {
	in, err := decode[breakerInput](c)
	if err != nil {
		return err
	}
	stored, found, err := s.integratorOf(c)
	if err != nil {
		return err
	}
	if err := s.control.SetBreaker(c.ctx(), c.who, found.ID, in.Host, in.Action); err != nil {
		return err
	}
	return s.answerIntegrator(c, http.StatusOK, stored, control.SavedIntegrator{Integrator: found})
}
