package integration

import "strings"

// Field is one value that calls usually carry: its group on the pages (Lead, Call, Extra), the name that a mapping
// takes it by, what people call it, and its kind (text, number, datetime, currency, phone).
type Field struct {
	Group, Name, Label, Kind string
}

// Fields are the values that calls of dialers usually carry, in the order of the pages. Values that a lead and a
// call both have are named call.<name> in the group Call.
func Fields() []Field {
	var fields []Field
	leads := map[string]bool{}
	for _, g := range []struct{ name, list string }{{"Lead", leadFields}, {"Call", callFields}, {"Extra", extraFields}} {
		for entry := range strings.SplitSeq(g.list, ",") {
			name, label, named := strings.Cut(strings.TrimSpace(entry), "=")
			bare := strings.TrimRight(name, "#@$+")
			if !named {
				label = labelOf(bare, g.name == "Lead")
			}
			f := Field{Group: g.name, Name: bare, Label: label, Kind: fieldKind(name[len(bare):])}
			if leads[bare] {
				f.Name = "call." + bare
			}
			leads[bare] = g.name == "Lead" || leads[bare]
			fields = append(fields, f)
		}
	}
	return fields
}

// labelOf makes a label of a name: only the first word of a lead's begins with a capital.
func labelOf(name string, lead bool) string {
	words := strings.Split(name, "_")
	for i := range words {
		if i == 0 || !lead {
			words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
		}
	}
	return strings.Join(words, " ")
}

func fieldKind(mark string) string {
	switch mark {
	case "#":
		return "number"
	case "@":
		return "datetime"
	case "$":
		return "currency"
	case "+":
		return "phone"
	}
	return "text"
}

// The lists below hold names; # marks a number, @ a moment, $ money, + a phone number, and = a label that is not
// the name in words.
const (
	leadFields = `id, remote_id, user_id, source_id, status, called_count#, called_count_inbound#, last_called@, last_viewed@,
last_reached_at@, final_reached_at@, created_at@, modified_at@, locale_gmt, carrier_name, title,
std_consumer_number=Consumer Number, std_company_name=Company Name, std_account_number=Account Number, state,
start_date@, province, postal_code, phone_number+=Primary Phone, phone_code=Country Code, owner_id=Lead Owner,
notes, monthly_revenue$, list_id=List, last_name, last_modified_by, industry, gender, first_name, email,
dba=DBA, date_of_birth@, created_by, country, city, business_name, annual_revenue$, alt_phone_2+=Work Phone,
alt_phone_1+=Cell Phone, address2=Address 2, address1=Address 1`
	callFields = `call_log_id=Call Log ID, lead_id=Lead ID, first_name=Lead First Name, last_name=Lead Last Name,
list_id=List ID, list_name, user_id=User ID, originating_agent_id=Originating Agent ID,
campaign_id=Campaign ID, campaign_name, queue_id=Queue ID, queue_name, queue_seconds#=Queue Wait Time,
queue_position#, phone_number+, status=Status (Disposition), length_in_sec#=Talk Time, call_date@,
agent_comment, call_type, term_reason, recording, caller_id+=Caller ID Displayed, inbound_number+`
	extraFields = `agent_full_name, agent_email, custom_field_1, custom_field_2, custom_field_3, custom_field_4, custom_field_5,
custom_field_6, custom_field_7, custom_field_8, custom_field_9, custom_field_10`
)
