package api

import (
	"encoding/json"
	"net/http"

	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// mappingTryInput is what a mapping is tried on: the input is the record with its bare names. Definition is a
// mapping that is not saved; Endpoint asks for the request that this endpoint would send with it.
type mappingTryInput struct {
	Input      map[string]any       `json:"input"`
	Definition *integration.Mapping `json:"definition"`
	Endpoint   string               `json:"endpoint"`
	Customer   string               `json:"customer"`
	Integrator string               `json:"integrator"`
}

// mappingTryJSON is what came out, with secrets masked. Output is null where nothing did.
type mappingTryJSON struct {
	Output   json.RawMessage `json:"output"`
	Tokens   []run.TokenUse  `json:"tokens"`
	Problems []warning       `json:"problems"`
	Request  *requestJSON    `json:"request,omitempty"`
}

func (s *server) tryMapping(c call) error {
	in, err := decode[mappingTryInput](c)
	if err != nil {
		return err
	}
	if in.Input == nil {
		return fault.At("input", "Give the record that the mapping is tried on, as an object.")
	}
	made, err := s.control.TryMapping(c.ctx(), c.who, control.MappingTry{
		CallRequest: control.CallRequest{
			Integration: c.Param("name"), Endpoint: in.Endpoint, Customer: in.Customer, Integrator: in.Integrator,
			Record: control.Record{Data: in.Input},
		},
		Mapping: c.Param("mapping"), Definition: in.Definition,
	})
	if err != nil {
		return err
	}
	answer := mappingTryJSON{Output: json.RawMessage("null"), Tokens: made.Tokens, Problems: showWarnings(made.Problems)}
	if json.Valid(made.Output) {
		answer.Output = made.Output
	}
	if answer.Tokens == nil {
		answer.Tokens = []run.TokenUse{}
	}
	if made.Request != nil {
		shown := showRequest(*made.Request)
		answer.Request = &shown
	}
	return c.json(http.StatusOK, answer)
}
