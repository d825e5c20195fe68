// Package preset holds definitions that come with the program, as embedded documents: the demo's integrations,
// who uses them, and the calls that show what a good and a bad run look like. It promises that every document
// is valid and canonical, and that every call against the sandbox ends as it says; it sends nothing itself.
package preset

import (
	"embed"
	"fmt"
	"path"

	"tieline/internal/document"
	"tieline/internal/integration"
)

//go:embed demo/*.yaml
var files embed.FS

// Demo are the demo's integrations. Each call gives fresh values that may be changed.
func Demo() []integration.Integration {
	names := []string{"sandbox-crm", "sandbox-sms", "sandbox-office"}
	all := make([]integration.Integration, 0, len(names))
	for _, name := range names {
		text, err := files.ReadFile(path.Join("demo", name+".yaml"))
		if err != nil {
			panic(fmt.Sprintf("preset: %s is not embedded: %v", name, err))
		}
		in, err := document.DecodeIntegration(text)
		if err != nil {
			panic(fmt.Sprintf("preset: %s: %v", name, err)) // a test decodes every one
		}
		all = append(all, in)
	}
	return all
}
