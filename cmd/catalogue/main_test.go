package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tieline/internal/preset"
)

const table = "group\tentity\tdisplay\tmethod\tpath\tquery_params\tbody\tbody_content_type\tpaginated\n" +
	"crm\tThings\tThings - Get List of Thing\tGET\t/crm/things/\tconditions,page\tnone\t\ttrue\n" +
	"crm\tThings\tThings - Put Thing\tPUT\t/crm/things/{id}\t\trequired\tapplication/json\tfalse\n" +
	"crm\tFiles\tFiles - Post File\tPOST\t/crm/files\t\toptional\tmultipart/form-data\tfalse\n"

func TestATableBecomesTheSameBytesEveryTime(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "operations.tsv"), filepath.Join(t.TempDir(), "out.gz")
	if err := os.WriteFile(from, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for range 2 {
		if err := run(from, to, io.Discard); err != nil {
			t.Fatal(err)
		}
		packed, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && string(packed) != string(first) {
			t.Error("the same table gives other bytes")
		}
		first = packed
	}
	z, err := gzip.NewReader(strings.NewReader(string(first)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	all, err := preset.DecodeOperations(string(text))
	if err != nil || len(all) != 3 {
		t.Fatalf("%d operations, %v", len(all), err)
	}
	if o := all[0]; o.Path != "/crm/things/" || !o.Paginated || len(o.Parameters) != 2 || o.Display() != "Things - Get List of Thing" {
		t.Errorf("the first is %+v", o)
	}
	if all[1].Body != "json" || all[1].Parameters[0] != (preset.Parameter{Name: "id", In: "path"}) || all[2].Body != "multipart" {
		t.Errorf("the others are %+v", all[1:])
	}
}

func TestABrokenTableIsRefusedByItsLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"group\tentity\n": "column display",
		strings.Replace(table, "Things - Put", "Others - Put", 1): "line 3",
		table + "one\ttwo\n": "line 5",
	} {
		if _, err := operations(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
