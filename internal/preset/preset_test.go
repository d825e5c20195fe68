package preset

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"tieline/internal/document"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/sandbox"
)

var update = flag.Bool("update", false, "write the documents in their canonical form")

// moments are times of the clock, as {{now}} writes them.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

func TestEveryDemoDocumentIsCanonical(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("demo/*.yaml")
	if err != nil || len(paths) != len(Demo()) {
		t.Fatalf("%d files for %d integrations, %v", len(paths), len(Demo()), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in, err := document.DecodeIntegration(text)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		want, err := document.EncodeYAML(in)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
		} else if !bytes.Equal(text, want) {
			t.Errorf("%s is not canonical; run the test with -update. It would be\n%s", path, want)
		}
	}
}

// What the demo shows must not come with warnings that a newcomer cannot place.
func TestEveryDemoIntegrationIsValidAndWithoutWarnings(t *testing.T) {
	t.Parallel()
	for _, in := range Demo() {
		if err := in.Validate(); err != nil {
			t.Errorf("%s: %v", in.Name, err)
		}
		for _, w := range in.Warnings() {
			t.Errorf("%s: warning at %s: %s", in.Name, w.Field, w.Message)
		}
		for _, p := range request.Check(in) {
			t.Errorf("%s: %s at %s: %s", in.Name, p.Cause, p.Field, p.Message)
		}
		for _, p := range in.Parameters {
			if p.Label == "" {
				t.Errorf("%s: parameter %s has no label", in.Name, p.Name)
			}
		}
		for _, e := range in.Endpoints {
			if e.Label == "" || e.Description == "" {
				t.Errorf("%s: endpoint %s has no label or description", in.Name, e.Name)
			}
		}
	}
}

func TestTheDemoFitsTogether(t *testing.T) {
	t.Parallel()
	definitions := map[string]integration.Integration{}
	for _, in := range Demo() {
		definitions[in.Name] = in
	}
	customers := map[string]bool{}
	for _, c := range DemoCustomers() {
		customers[c.Slug] = true
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", c.Slug, err)
		}
	}
	uses := map[string]bool{}
	for _, one := range DemoIntegrators("127.0.0.1:8099") {
		of, known := definitions[one.Integration]
		if !known || !customers[one.Customer] {
			t.Fatalf("integrator of %s and %s: no such integration or customer", one.Integration, one.Customer)
		}
		uses[one.Customer+" "+one.Integration] = true
		one.Value.CustomerID = "some"
		has := func(name string) bool { return !one.Secrets[name].Empty() }
		if err := one.Value.Validate(of, has); err != nil {
			t.Errorf("%s of %s: %v", one.Integration, one.Customer, err)
		}
		for name, value := range one.Secrets {
			if problem := integration.CheckSecret(of, one.Value.Auth, name, value.Reveal()); problem != "" {
				t.Errorf("%s of %s: %s: %s", one.Integration, one.Customer, name, problem)
			}
		}
	}
	for i, call := range DemoCalls() {
		if _, known := definitions[call.Integration].Endpoint(call.Endpoint); !known || !uses[call.Customer+" "+call.Integration] {
			t.Errorf("call %d: %s of %s for %s cannot be made", i, call.Endpoint, call.Integration, call.Customer)
		}
		if !call.Status.Valid() || (call.Cause == "") != (call.Status == "succeeded") || call.Cause != "" && !call.Cause.Valid() {
			t.Errorf("call %d ends with %q %q", i, call.Status, call.Cause)
		}
	}
}

func TestTheCredentialsAreThoseOfTheSandbox(t *testing.T) {
	t.Parallel()
	for ours, theirs := range map[string]string{
		crmKey: sandbox.CRMKey, smsKey: sandbox.SMSKey, smsSecret: sandbox.SMSSecret, invoiceToken: sandbox.InvoiceToken, user: sandbox.User,
		password: sandbox.Password, companyID: sandbox.CompanyID, publicKey: sandbox.PublicKey, privateKey: sandbox.PrivateKey, clientID: sandbox.ClientID,
	} {
		if ours != theirs {
			t.Errorf("%q is %q in the sandbox", ours, theirs)
		}
	}
}
