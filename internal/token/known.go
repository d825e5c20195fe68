package token

// KnownNames are the bare names that events usually carry: contract tokens, then the fields of leads, calls and
// agents. They serve spelling hints and completion alone; an event may carry any other name.
func KnownNames() []string { return knownNames }

var knownNames = []string{
	"InvoiceNumber", "authToken", "ipAddress", "occurred_at", "correlation_id", "callcenter_id",
	"id", "remote_id", "user_id", "source_id", "status", "called_count",
	"called_count_inbound", "last_called", "last_viewed", "last_reached_at", "final_reached_at", "created_at",
	"modified_at", "locale_gmt", "carrier_name", "title", "std_consumer_number", "std_company_name",
	"std_account_number", "state", "start_date", "province", "postal_code", "phone_number",
	"phone_code", "owner_id", "notes", "monthly_revenue", "list_id", "last_name",
	"last_modified_by", "industry", "gender", "first_name", "email", "dba",
	"date_of_birth", "created_by", "country", "city", "business_name", "annual_revenue",
	"alt_phone_2", "alt_phone_1", "address2", "address1", "call_log_id", "lead_id",
	"list_name", "originating_agent_id", "campaign_id", "campaign_name", "queue_id", "queue_name",
	"queue_seconds", "queue_position", "length_in_sec", "call_date", "agent_comment", "call_type",
	"term_reason", "recording", "caller_id", "inbound_number", "agent_full_name", "agent_email",
	"custom_field_1", "custom_field_2", "custom_field_3", "custom_field_4", "custom_field_5", "custom_field_6",
	"custom_field_7", "custom_field_8", "custom_field_9", "custom_field_10",
}
