package executor

import (
	"tieline/internal/integration"
	"tieline/internal/pace"
)

// Breakers are the circuit breakers of an integrator that are open or had trouble last, by host. They are those of
// this process.
func (e *Executor) Breakers(integratorID string) []integration.Breaker {
	return e.pace.Breakers(integratorID)
}

// SetBreaker holds calls of an integrator to a host back, or lets them through again.
func (e *Executor) SetBreaker(integratorID, host string, hold bool) {
	circuit := pace.Circuit{Integrator: integratorID, Host: host}
	if hold {
		e.pace.Hold(circuit)
	} else {
		e.pace.Close(circuit)
	}
}
