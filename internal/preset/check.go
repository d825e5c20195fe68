package preset

import (
	"embed"
	"fmt"

	"tieline/internal/document"
	"tieline/internal/integration"
)

// Every file is an endpoint, named by the key of its preset: for those of the demo, which have no other place to
// name it.
//
//go:embed checks/*.yaml
var checks embed.FS

// Check is the harmless request by which credentials of a preset's integrations are tried: one that changes
// nothing, needs no data of a call, and is refused without good credentials. ok is false where the preset names
// none.
func Check(preset string) (e integration.Endpoint, ok bool) {
	if p, known := Of(preset); known {
		return p.Integration.Endpoint(p.About.Check)
	}
	text, err := checks.ReadFile("checks/" + preset + ".yaml")
	if err != nil {
		return integration.Endpoint{}, false
	}
	if err = document.Decode(text, &e); err != nil {
		panic(fmt.Sprintf("preset: check of %s: %v", preset, err)) // a test decodes every one
	}
	return e, true
}
