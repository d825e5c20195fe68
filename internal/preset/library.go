package preset

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"tieline/internal/document"
	"tieline/internal/integration"
)

// Preset is an integration that comes with the program, with what its user must know to set it up. Its key is
// the name of its file, which is also the integration's preset and its proposed name.
type Preset struct {
	Key         string
	About       About
	Integration integration.Integration
}

// About is what a preset says besides the integration. Check names an endpoint that changes nothing and needs
// nothing but the integrator: credentials are checked with it. Host, BaseURL, Auth and Policy are proposed for new
// integrators; HostExample is shown where every customer has a host of its own. Steps say where the credentials are
// found, one sentence each.
type About struct {
	Summary     string              `json:"summary"`
	Check       string              `json:"check"`
	Host        string              `json:"host,omitempty"`
	HostExample string              `json:"host_example,omitempty"`
	BaseURL     string              `json:"base_url,omitempty"`
	Auth        integration.Auth    `json:"auth,omitzero"`
	Policy      *integration.Policy `json:"policy,omitempty"`
	Steps       []string            `json:"steps"`
}

// presetFile is the text form of a preset.
type presetFile struct {
	Tieline     int                     `json:"tieline"`
	Preset      About                   `json:"preset"`
	Integration integration.Integration `json:"integration"`
}

//go:embed library/*.yaml
var libraryFiles embed.FS

// Library are the presets in the order of their labels. The values are shared: change copies only.
var Library = sync.OnceValue(func() []Preset {
	entries, err := libraryFiles.ReadDir("library")
	if err != nil {
		panic(fmt.Sprintf("preset: %v", err)) // embedded
	}
	all := make([]Preset, 0, len(entries))
	for _, e := range entries {
		text, err := libraryFiles.ReadFile(path.Join("library", e.Name()))
		if err != nil {
			panic(fmt.Sprintf("preset: %v", err))
		}
		p, err := decodePreset(strings.TrimSuffix(e.Name(), ".yaml"), text)
		if err != nil {
			panic(fmt.Sprintf("preset: %s: %v", e.Name(), err)) // a test decodes every one
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Preset) int {
		return strings.Compare(strings.ToLower(a.Integration.Label), strings.ToLower(b.Integration.Label))
	})
	return all
})

func decodePreset(key string, text []byte) (Preset, error) {
	var f presetFile
	if err := document.Decode(text, &f); err != nil {
		return Preset{}, err
	}
	if f.Tieline != document.Format {
		return Preset{}, fmt.Errorf("format %d, want %d", f.Tieline, document.Format)
	}
	f.Integration.Preset = key
	return Preset{Key: key, About: f.Preset, Integration: f.Integration}, nil
}

// Of finds a preset by its key.
func Of(key string) (Preset, bool) {
	for _, p := range Library() {
		if p.Key == key {
			return p, true
		}
	}
	return Preset{}, false
}
