package document_test

import (
	"reflect"
	"testing"

	"tieline/internal/document"
	"tieline/internal/integration"
)

// A mapping comes back from both forms as it was, and a changed rule is told by where its value goes.
func TestAMappingIsWrittenReadAndCompared(t *testing.T) {
	t.Parallel()
	m := integration.Mapping{Name: "lead", Envelope: "hubspot_v3", Program: "{a: .b}\n| .a", Rows: []integration.MapRow{
		{From: "email", To: "mail,other.mail", Default: "none@x.test"},
		{Op: "lookup", From: "status", To: "status", Table: map[string]string{"HU": "Hung up", "1": "yes", "*": ""}, When: &integration.Success{Path: "n", Op: ">", Value: "5"}},
		{Op: "date", From: "created_at", To: "created", Format: `Y-m-d\TH:i:s`, Zone: "Europe/Amsterdam"},
		{Op: "filter", Format: "unchanged", From: "id"},
	}}
	in := integration.Integration{Name: "crm", Mappings: []integration.Mapping{m}}
	yaml, err := document.YAML(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{yaml, document.JSON(in)} {
		var back integration.Integration
		if err := document.Decode(text, &back); err != nil || !reflect.DeepEqual(back, in) {
			t.Errorf("%v\n%s\n%+v", err, text, back)
		}
	}
	after := in
	after.Mappings = []integration.Mapping{m}
	after.Mappings[0].Rows = append([]integration.MapRow{}, m.Rows...)
	after.Mappings[0].Rows[2].Zone = "UTC"
	diff := document.Diff(in, after)
	if len(diff) != 1 || diff[0].Path != "mappings.lead.rows.created.zone" || diff[0].After != "UTC" {
		t.Errorf("%+v", diff)
	}
}
