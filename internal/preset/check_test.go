package preset

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/request"
)

// A check is sent for a press of a button: it must be valid by itself, safe, and need nothing of a call.
func TestEveryCheckIsAValidAndHarmlessRequest(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(checks, "checks/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	known := map[string]integration.Integration{}
	for _, in := range Demo() {
		known[in.Preset] = in
	}
	for _, file := range files {
		key := strings.TrimSuffix(filepath.Base(file), ".yaml")
		e, ok := Check(key)
		if !ok || e.EffectiveMethod() != "GET" || e.EffectiveRepeat() != "safe" || e.Auth == "none" {
			t.Errorf("%s: %v, %+v", key, ok, e)
		}
		in, ok := known[key]
		if !ok {
			t.Errorf("%s: there is no preset of this name", key)
			continue
		}
		in.Endpoints = []integration.Endpoint{e}
		if err := in.Validate(); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for _, p := range request.Check(in) {
			t.Errorf("%s: %s: %s", key, p.Field, p.Message)
		}
	}
	if _, ok := Check("no-such-preset"); ok {
		t.Error("a preset without a check has one")
	}
}
