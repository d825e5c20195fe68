package db_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheSQLiteDriverHasTheLibcItWasBuiltFor: the driver is generated for one version of modernc.org/libc, and
// breaks in odd ways with another; go get raises them apart.
func TestTheSQLiteDriverHasTheLibcItWasBuiltFor(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"modernc.org/sqlite v1.60.1\n", "modernc.org/libc v1.77.1 "} {
		if !strings.Contains(string(content), want) {
			t.Errorf("go.mod does not have %q: raise both together, to the pair that the driver's own go.mod names", want)
		}
	}
}
