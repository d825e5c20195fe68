package web

import (
	"maps"

	"tieline/internal/integration"
	"tieline/internal/preset"
	"tieline/views"
)

func presetCards() []views.PresetCard {
	var cards []views.PresetCard
	for _, p := range preset.Library() {
		cards = append(cards, presetCard(p))
	}
	return cards
}

func presetCard(p preset.Preset) views.PresetCard {
	card := views.PresetCard{Key: p.Key, Label: p.Integration.Label, Type: p.Integration.Type, Summary: p.About.Summary}
	for _, e := range p.Integration.Endpoints {
		card.Endpoints = append(card.Endpoints, e.Title())
	}
	return card
}

// fromPreset gives a new integration what its preset brings and the form does not show.
func fromPreset(in integration.Integration) integration.Integration {
	if p, ok := preset.Of(in.Preset); ok {
		in.Endpoints, in.Mappings = p.Integration.Endpoints, p.Integration.Mappings
	}
	return in
}

// proposed is a new integrator of an integration, with what its preset knows of the vendor.
func proposed(of integration.Integration) integration.Integrator {
	in := integration.Integrator{Enabled: true}
	p, ok := preset.Of(of.Preset)
	if !ok {
		return in
	}
	in.Host, in.BaseURL = p.About.Host, p.About.BaseURL
	in.Auth = integration.Auth{Kind: p.About.Auth.Kind, Settings: maps.Clone(p.About.Auth.Settings)}
	if p.About.Policy != nil {
		in.Policy = *p.About.Policy
	}
	return in
}
