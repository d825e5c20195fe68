package integration

import "tieline/internal/secret"

// SecretPlace is the one cell that an integrator's secret of this name ("field.ApiKey", "auth.password") is
// sealed for. Whoever seals and whoever opens both ask here.
func (in Integrator) SecretPlace(name string) secret.Place {
	return secret.Place{Table: "integrators", Row: in.ID, Column: name, Customer: in.CustomerID}
}
