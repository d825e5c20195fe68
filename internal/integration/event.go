package integration

import "slices"

// EventTypes are the events that may happen; besides them there is custom.* for the installation's own.
func EventTypes() []string {
	return []string{
		"call.started", "call.connected", "call.ended", "call.disposition_set", "call.redispositioned",
		"call.callback_scheduled", "lead.created", "lead.saved", "lead.deleted", "lead.status_changed",
		"lead.hopper_expired", "sms.sent", "email.opened", "ticket.create", "contact.create", "invoice.viewed",
		"portal.login", "record.received", "button.pressed",
	}
}

// eventAliases are other names of events: the hooks of the callbox, and the commands of the billing portal.
var eventAliases = map[string]string{
	"getDataIframe":       "call.started",
	"savePreLogCRM":       "call.connected",
	"saveLogCRM":          "call.ended",
	"createSMSNote":       "sms.sent",
	"handleCreateTicket":  "ticket.create",
	"handleCreateContact": "contact.create",
	"GetInvoiceImage":     "invoice.viewed",
	"LoginWithToken":      "portal.login",
}

// EventType is the type that a name of an event stands for: the name itself, or what it is an alias of.
func EventType(name string) string {
	if known, ok := eventAliases[name]; ok {
		return known
	}
	return name
}

// KnownEvent tells whether a name is that of an event, an alias, or one of the installation's own (custom.…).
func KnownEvent(name string) bool {
	return slices.Contains(EventTypes(), EventType(name)) || customEvent.MatchString(name)
}
