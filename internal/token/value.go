// Package token is the token language of templates: {{ name | filter:"arg" }}, ${NAME} and \{{. It parses
// templates, knows the namespaces and the filters, and resolves names to values; how a value is written at a
// position (path, query, JSON …) is the request package's work. Values are never expanded a second time.
package token

// Value is what a name stands for. Data is a string, a json.Number, a bool, nil, a []any or a
// map[string]any; numbers keep their text. Source says in words where it came from ("field ApiKey of
// integrator Acme", "event record.data"); Shadowed names a source that has the same name and lost.
type Value struct {
	Data     any
	Secret   bool
	Source   string
	Shadowed string
}
