package views

import "tieline/views/ui"

// RetentionForm is how long runs are kept, as typed; "" is no limit.
type RetentionForm struct {
	RowDays  string
	BodyDays string
	MaxRuns  string
	MaxMiB   string
	Problems map[string]string
	Message  string
}

// SettingsView are the installation's settings and the facts of it. Preview says what the typed retention
// would remove now, "" where nobody asked.
type SettingsView struct {
	Retention RetentionForm
	Preview   string
	Facts     []ui.Fact
	Addresses []AddressLine
	Demo      bool // whether the demo can be filled
}

// AddressLine is one outgoing address that is allowed to a customer.
type AddressLine struct {
	Customer     string
	CustomerName string
	Target       string
	Ports        string
	Reason       string
}
