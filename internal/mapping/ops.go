package mapping

import (
	"encoding/json"
	"strings"

	"tieline/internal/token"
)

// row applies one rule to a record.
func (a *applier) row(w *work, i int, r *row) {
	switch r.op {
	case "remove":
		for _, t := range r.to {
			w.body.drop(t.steps)
		}
		return
	case "filter":
		a.filter(w, i, r)
		return
	case "default":
		a.fallback(w, i, r)
		return
	case "json_patch":
		a.patch(w, i, r)
		return
	}
	v, found, ok := a.value(w, i, r)
	if !found || !ok {
		return
	}
	if v.Data, ok = a.changed(i, r, v); ok {
		a.set(w, i, r, v)
	}
}

// changed is what the operation makes of a value.
func (a *applier) changed(i int, r *row, v token.Value) (any, bool) {
	switch r.op {
	case "lookup":
		if to, ok := r.Table[token.Text(v.Data)]; ok {
			return to, true
		}
		if other, ok := r.Table["*"]; ok {
			return other, true
		}
	case "date":
		text, err := token.Date(v.Data, r.Format, r.Zone, a.source.Now)
		if err != nil {
			a.fail(i, "from", about(r), "“"+shown(v)+"” is not a date or time that can be read")
			return nil, false
		}
		return text, true
	case "number":
		if token.Empty(v.Data) {
			return v.Data, true
		}
		number, ok := formatNumber(token.Text(v.Data), r.Format)
		if !ok {
			a.fail(i, "from", about(r), "“"+shown(v)+"” is not a number")
		}
		return number, ok
	case "set":
		return a.constant(i, r, v)
	}
	return v.Data, true
}

// constant reads what set writes: text, or with the format json a value of JSON.
func (a *applier) constant(i int, r *row, v token.Value) (any, bool) {
	if r.Format != "json" {
		return v.Data, true
	}
	text, isText := v.Data.(string)
	if !isText {
		return v.Data, true
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil || decoder.More() {
		a.fail(i, "from", about(r), "this is not one JSON value")
		return nil, false
	}
	return data, true
}

func about(r *row) string {
	if r.From == "" {
		return ""
	}
	return "from " + short(r.From)
}

// shown is a value in a message: short, and hidden where it is secret.
func shown(v token.Value) string {
	if v.Secret {
		return "••••"
	}
	return short(token.Text(v.Data))
}

// set writes a value to every name of a row and notes it for the trace.
func (a *applier) set(w *work, i int, r *row, v token.Value) {
	size := len(token.AppendJSON(nil, v.Data))
	for _, t := range r.to {
		if a.bytes += size; a.bytes > MaxBytes {
			a.fail(i, "to", "to "+t.text, tooLarge)
			return
		}
		if message := w.body.put(t.steps, &Node{value: v}); message != "" {
			a.fail(i, "to", "to "+t.text, message)
			return
		}
		a.note(t.text, i, r, v)
	}
}

func (a *applier) note(name string, i int, r *row, v token.Value) {
	if len(a.out.Fields) < maxTrace {
		a.out.Fields = append(a.out.Fields, Field{Name: name, Rule: i + 1, From: short(r.From), Value: v})
	}
}

// fallback sets what is still missing or empty.
func (a *applier) fallback(w *work, i int, r *row) {
	for _, t := range r.to {
		there := w.body.at(t.steps)
		if there != nil && (there.kind != single || !token.Empty(there.value.Data)) {
			continue
		}
		if v, found, ok := a.value(w, i, r); found && ok {
			one := *r
			one.to = []target{t}
			a.set(w, i, &one, v)
		}
	}
}

// joined is the text of several values with something between them; empty ones are passed over.
func (a *applier) joined(w *work, i int, r *row) (v token.Value, found, ok bool) {
	between := r.Format
	if between == "" {
		between = " "
	}
	var texts []string
	for _, t := range r.names {
		part, there, ok := a.named(w, i, r, t)
		if !ok {
			return v, false, false
		}
		if text := token.Text(part.Data); there && text != "" {
			texts = append(texts, text)
			v.Secret = v.Secret || part.Secret
		}
	}
	v.Data, v.Source = strings.Join(texts, between), "several values"
	return v, len(texts) > 0, true
}

// patch adds {op, path, value} for every path of a row.
func (a *applier) patch(w *work, i int, r *row) {
	op := r.Format
	if op == "" {
		op = "replace"
	}
	v, found, ok := a.value(w, i, r)
	if !ok || op != "remove" && !found {
		return
	}
	for _, t := range r.to {
		entry := &Node{kind: object}
		entry.put([]string{"op"}, text(op))
		entry.put([]string{"path"}, text(t.text))
		if op != "remove" {
			if a.bytes += len(token.AppendJSON(nil, v.Data)); a.bytes > MaxBytes {
				a.fail(i, "to", "to "+t.text, tooLarge)
				return
			}
			entry.put([]string{"value"}, &Node{value: v})
		}
		w.body.items = append(w.body.items, entry)
		a.note(t.text, i, r, v)
	}
}

func text(s string) *Node { return &Node{value: token.Value{Data: s}} }
