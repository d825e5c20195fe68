package account

import (
	"strings"
	"testing"
	"time"

	"tieline/internal/fault"
)

func TestEveryRoleMayWhatTheTableSays(t *testing.T) {
	t.Parallel()
	table := map[Action]string{ // owner admin builder support auditor
		View: "yyyyy", OwnAccount: "yyyyy", ReadBodies: "yyyy-", ActOnRuns: "yyyy-", ReadAudit: "yy--y",
		EditIntegrations: "yyy--", EditIntegrators: "yyy--", Test: "yyy--", Call: "yyy--",
		EditCustomers: "yy---", ManageUsers: "yy---", ManageSettings: "yy---", ManageOutbound: "y----",
	}
	if len(table) != len(Actions()) {
		t.Errorf("%d actions are in the table, %d exist", len(table), len(Actions()))
	}
	for _, action := range Actions() {
		for n, role := range Roles() {
			if got, want := role.May(action), table[action][n] == 'y'; got != want {
				t.Errorf("%s may %s = %v, want %v", role, action, got, want)
			}
		}
		if Role("nobody").May(action) || Role("").May(action) {
			t.Errorf("an unknown role may %s", action)
		}
	}
	err := Actor{Role: Support}.May(EditCustomers)
	if fault.KindOf(err) != fault.Forbidden {
		t.Errorf("kind = %v", fault.KindOf(err))
	}
}

func TestAScopeHoldsOnlyItsCustomersAndTheZeroScopeNone(t *testing.T) {
	t.Parallel()
	if (Scope{}).Holds("a") || (Scope{}).Holds("") || Only("a").Holds("b") || Only("a").All() {
		t.Error("a scope holds too much")
	}
	if !Only("a", "b").Holds("b") || !Everything().Holds("x") {
		t.Error("a scope holds too little")
	}
}

func TestHostileInputIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 121)
	for field, err := range map[string]error{
		"name":          Customer{Slug: "a", Name: " "}.Validate(),
		"slug":          Customer{Slug: "../a", Name: "A"}.Validate(),
		"callcenter_id": Customer{Slug: "a", Name: "A", CallcenterID: long}.Validate(),
		"notes":         Customer{Slug: "a", Name: "A", Notes: "a\x00b"}.Validate(),
		"email":         User{Name: "A", Email: "A <a@acme.test>", Role: Owner}.Validate(),
		"role":          User{Name: "A", Email: "a@acme.test", Role: "root"}.Validate(),
		"customers":     User{Name: "A", Email: "a@acme.test", Role: Owner, CustomerIDs: []string{"x"}}.Validate(),
	} {
		fields, ok := fault.FieldsOf(err)
		if !ok || len(fields) != 1 || fields[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	if fields, _ := fault.FieldsOf((APIKey{Name: "\xff", Role: "x"}).Validate()); len(fields) != 2 {
		t.Errorf("api key: %v", fields)
	}
	if fields, _ := fault.FieldsOf((Variable{Name: "lower"}).Validate()); fields["name"] == "" {
		t.Errorf("variable: %v", fields)
	}
	if err := (Customer{Slug: "acme", Name: "Acme", Notes: "two\nlines"}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestSlugsAreMadeFromNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Acme Corp.": "acme-corp", "  --x--  ": "x", "Ünïcode": "n-code", "": "", strings.Repeat("a", 80): strings.Repeat("a", 63),
	} {
		if got := Slug(name); got != want {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAKeyLivesUntilItExpiresOrIsRevoked(t *testing.T) {
	t.Parallel()
	now := time.Now()
	if !(APIKey{}).Live(now) || (APIKey{ExpiresAt: now}).Live(now) || (APIKey{RevokedAt: now}).Live(now) {
		t.Error("Live is wrong")
	}
}
