package account

import "tieline/internal/secret"

// SecretPlace is the one cell that an encrypted variable's value is sealed for. Whoever seals and whoever
// opens both ask here.
func (v Variable) SecretPlace() secret.Place {
	return secret.Place{Table: "variables", Row: v.ID, Column: "value", Customer: v.CustomerID}
}
