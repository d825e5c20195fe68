package views

import (
	"tieline/internal/account"
	"tieline/internal/integration"
)

// IntegrationForm is an integration's settings and parameters as they stand in the form. Endpoints are no
// part of it. Problems are keyed as in the document ("parameters.0.name").
type IntegrationForm struct {
	Was         string // the stored name; "" for a new integration
	Base        int64  // the revision that the form was filled from
	Integration integration.Integration
	Customers   []account.Customer
	Problems    map[string]string
	Warnings    map[string]string
}

// New tells whether the integration was never saved.
func (f IntegrationForm) New() bool { return f.Was == "" }
