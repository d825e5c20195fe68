package preset

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"tieline/internal/document"
	"tieline/internal/integration"
)

// Every file is the document of an integration that is named as the file and has its own name as preset.
//
//go:embed vendors/*.yaml
var vendors embed.FS

// Vendors are the integrations that come with the program to begin from, by label. Each call gives fresh values
// that may be changed.
func Vendors() []integration.Integration {
	files, err := vendors.ReadDir("vendors")
	if err != nil {
		panic(fmt.Sprintf("preset: %v", err)) // the folder is embedded
	}
	all := make([]integration.Integration, 0, len(files))
	for _, file := range files {
		in, ok := Vendor(strings.TrimSuffix(file.Name(), ".yaml"))
		if !ok {
			panic("preset: " + file.Name() + " cannot be read")
		}
		all = append(all, in)
	}
	slices.SortFunc(all, func(a, b integration.Integration) int { return strings.Compare(a.Label, b.Label) })
	return all
}

// Vendor is one of Vendors by its key; ok is false where there is none.
func Vendor(key string) (in integration.Integration, ok bool) {
	text, err := vendors.ReadFile("vendors/" + key + ".yaml")
	if err != nil {
		return integration.Integration{}, false
	}
	if in, err = document.DecodeIntegration(text); err != nil {
		panic(fmt.Sprintf("preset: %s: %v", key, err)) // a test decodes every one
	}
	return in, true
}
