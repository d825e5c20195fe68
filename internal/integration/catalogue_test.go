package integration

import (
	"slices"
	"strings"
	"testing"

	"tieline/internal/token"
)

func TestTheCatalogueHasEveryUsualFieldByItsName(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	seen := map[string]bool{}
	for _, f := range Fields() {
		count[f.Group]++
		if seen[f.Name] || f.Label == "" || !slices.Contains(token.KnownNames(), strings.TrimPrefix(f.Name, "call.")) {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
	}
	if count["Lead"] != 46 || count["Call"] != 24 || count["Extra"] != 12 {
		t.Errorf("%v", count)
	}
	for _, want := range []Field{
		{"Lead", "phone_number", "Primary Phone", "phone"},
		{"Lead", "last_called", "Last called", "datetime"},
		{"Lead", "annual_revenue", "Annual revenue", "currency"},
		{"Call", "call.status", "Status (Disposition)", "text"},
		{"Call", "length_in_sec", "Talk Time", "number"},
		{"Extra", "custom_field_10", "Custom Field 10", "text"},
	} {
		if !slices.Contains(Fields(), want) {
			t.Errorf("%+v is not there", want)
		}
	}
}
