package redact

import (
	"encoding/json"
	"maps"

	"tieline/internal/secret"
)

// Value gives a tree of decoded JSON (maps, lists, strings, numbers) with secrets hidden by value and by the
// name of the member they stand under. What holds no secret is shared, not copied; v is not changed.
func (r *Redactor) Value(v any) any {
	out, _ := r.value(v)
	return out
}

func (r *Redactor) value(v any) (out any, changed bool) {
	switch v := v.(type) {
	case string:
		hidden := r.Text(v)
		return hidden, hidden != v
	case json.Number:
		if hidden := r.Text(v.String()); hidden != v.String() {
			return hidden, true
		}
		return v, false
	case map[string]any:
		return r.object(v)
	case []any:
		return r.list(v)
	}
	return v, false
}

func (r *Redactor) object(v map[string]any) (any, bool) {
	var copied map[string]any
	for name, member := range v {
		out, changed := r.member(name, member)
		shown := r.Text(name)
		if !changed && shown == name {
			continue
		}
		if copied == nil {
			copied = maps.Clone(v)
		}
		delete(copied, name)
		copied[shown] = out
	}
	if copied == nil {
		return v, false
	}
	return copied, true
}

// member hides the text, the number or the list of them under a sensitive name; empty values, null, true and false stay.
func (r *Redactor) member(name string, v any) (any, bool) {
	if Sensitive(name) {
		switch v := v.(type) {
		case string:
			if v == "" || isTemplate([]byte(v)) {
				return v, false
			}
			return secret.Bullets, true
		case json.Number, float64, int, int64:
			return secret.Bullets, true
		case []any:
			return r.secrets(name, v)
		}
	}
	return r.value(v)
}

// secrets hides a list of which each item stands under a sensitive name.
func (r *Redactor) secrets(name string, v []any) (any, bool) {
	out, hidden := make([]any, len(v)), false
	for i, item := range v {
		shown, changed := r.member(name, item)
		out[i], hidden = shown, hidden || changed
	}
	if !hidden {
		return v, false
	}
	return out, true
}

func (r *Redactor) list(v []any) (any, bool) {
	var copied []any
	for i, item := range v {
		out, changed := r.value(item)
		if !changed {
			continue
		}
		if copied == nil {
			copied = append([]any(nil), v...)
		}
		copied[i] = out
	}
	if copied == nil {
		return v, false
	}
	return copied, true
}
