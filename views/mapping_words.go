package views

import (
	"strings"

	"tieline/views/ui"
)

// uses says which endpoints follow the mapping.
func (v MappingView) uses() string {
	if v.isNew() {
		return "Which field is sent under which name."
	}
	uses := v.Of.MappingUses(v.Form.Was)
	if len(uses) == 0 {
		return "No endpoint uses it yet: choose it on the tab Mapping of an endpoint."
	}
	return "Used by " + strings.Join(uses, ", ") + "."
}

func (v EndpointView) mappingOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "None"}}
	for _, m := range v.Of.Mappings {
		options = append(options, ui.Option{Value: m.Name, Label: m.Name})
	}
	return with(options, v.Form.Endpoint.Mapping)
}

// mappingHint says where the values go.
func (v EndpointView) mappingHint() string {
	if !v.Form.Endpoint.MapsBody() {
		return "What the mapping makes is sent in the query string of this " + v.Form.Endpoint.EffectiveMethod() + "."
	}
	switch v.Form.Endpoint.Body.Kind {
	case "form":
		return "What the mapping makes is sent as fields of the form. Hard rows and the body’s own rows win."
	case "xml":
		return "What the mapping makes is sent as XML; its names need one root, such as lead.phone."
	}
	return "What the mapping makes is the JSON body. Hard rows lie over it, and the JSON written under Body over both."
}
