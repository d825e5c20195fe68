package control

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"tieline/internal/fault"
	"tieline/internal/request"
)

// state is what earlier runs of an endpoint for an integrator remembered, as {{state.<key>}} finds it. It is read
// only for a plan that asks for it, and then always from the database: another process may have the newer value.
func (p *Plane) state(ctx context.Context, plan *request.Plan, integratorID, endpointID string) (map[string]any, error) {
	if plan == nil || !plan.UsesState() || integratorID == "" || endpointID == "" {
		return nil, nil
	}
	entries, err := p.db.State(ctx, p.directory.all, integratorID, endpointID, p.now())
	if err != nil {
		return nil, err
	}
	known := make(map[string]any, len(entries))
	for _, e := range entries {
		decoder := json.NewDecoder(strings.NewReader(e.Value))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("stored state %s: %w", e.Key, err)
		}
		known[e.Key] = value
	}
	return known, nil
}

// last looks single values up that an endpoint's mapping remembered for an integrator.
func (p *Plane) last(ctx context.Context, integratorID, endpointID string) func(key string) (string, bool, error) {
	if integratorID == "" || endpointID == "" {
		return nil
	}
	return func(key string) (string, bool, error) {
		value, err := p.db.StateValue(ctx, p.directory.all, integratorID, endpointID, key, p.now())
		if fault.KindOf(err) == fault.NotFound {
			return "", false, nil
		}
		return value, err == nil, err
	}
}
