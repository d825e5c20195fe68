package request

import "tieline/internal/token"

// Event merges the parts of a call into the bare names: contract tokens win over data, data over call, call over
// record, record over agent. Each value remembers its source and what it shadowed. The parts themselves are
// there too, as data, call, record and agent, where no value has such a name.
func Event(tokens, data, call, record, agent map[string]any) map[string]any {
	parts := []struct {
		name   string
		values map[string]any
	}{{"tokens", tokens}, {"data", data}, {"call", call}, {"record", record}, {"agent", agent}}
	event := make(map[string]any, len(tokens)+len(data)+len(call)+len(record)+len(agent)+len(parts))
	for _, part := range parts {
		for name, value := range part.values {
			if first, ok := event[name].(token.Value); ok {
				if first.Shadowed == "" {
					first.Shadowed = "event " + part.name
					event[name] = first
				}
				continue
			}
			event[name] = token.Value{Data: value, Source: "event " + part.name}
		}
	}
	for _, part := range parts[1:] {
		if _, taken := event[part.name]; !taken && len(part.values) > 0 {
			event[part.name] = token.Value{Data: part.values, Source: "event"}
		}
	}
	return event
}
