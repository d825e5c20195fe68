package imports

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/redact"
)

// collection is a Postman collection 2.0 or 2.1, as far as calls can be made of it.
type collection struct {
	Info struct {
		Name   string `json:"name"`
		Schema string `json:"schema"`
	} `json:"info"`
	Item     []item     `json:"item"`
	Auth     *auth      `json:"auth"`
	Variable []variable `json:"variable"`
	Event    []event    `json:"event"`
}

type item struct {
	Name    string          `json:"name"`
	Item    []item          `json:"item"`
	Request json.RawMessage `json:"request"` // an object, or an address
	Auth    *auth           `json:"auth"`
	Event   []event         `json:"event"`
}

type event struct {
	Listen string          `json:"listen"`
	Script json.RawMessage `json:"script"`
}

type variable struct {
	Key   string `json:"key"`
	ID    string `json:"id"`
	Value any    `json:"value"`
	Type  string `json:"type"`
}

// postmanReader reads one collection.
type postmanReader struct {
	*builder
	values map[string]string // of variables
	secret map[string]bool   // variables that hold a credential
	count  int
}

// postman reads a collection with its folders.
func postman(data []byte) (catalogue.Catalogue, error) {
	c := catalogue.Catalogue{Format: catalogue.Postman}
	var all collection
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var wrapped struct{ Collection json.RawMessage }
	if json.Unmarshal(data, &wrapped) == nil && wrapped.Collection != nil {
		data = wrapped.Collection
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return c, fault.New(fault.Invalid, "This is not a Postman collection: "+problem(err))
	}
	if strings.Contains(all.Info.Schema, "/v1") {
		return c, fault.New(fault.Invalid, "This collection is of version 1. Export it as Collection v2.1.")
	}
	c.Title = catalogue.Line(all.Info.Name, 120)
	r := &postmanReader{builder: newBuilder(&c, ""), values: map[string]string{}, secret: map[string]bool{}}
	for _, v := range all.Variable {
		r.variable(v)
	}
	r.scripts("collection", all.Event)
	if err := r.items(all.Item, "", all.Auth, 0); err != nil {
		return c, err
	}
	if len(c.Operations) == 0 {
		return c, fault.New(fault.Invalid, "The collection holds no request.")
	}
	return c, nil
}

func (r *postmanReader) variable(v variable) {
	key := v.Key
	if key == "" {
		key = v.ID
	}
	text, _ := v.Value.(string)
	r.values[key] = text
	r.secret[key] = v.Type == "secret" || redact.Sensitive(key) || looksSecret(text)
}

// scripts notes what cannot be understood.
func (r *postmanReader) scripts(place string, events []event) {
	for _, e := range events {
		var script struct{ Exec any }
		if json.Unmarshal(e.Script, &script) != nil {
			continue
		}
		text, _ := script.Exec.(string)
		lines, _ := script.Exec.([]any)
		written := func(line any) bool { return line != "" }
		if text != "" || slices.ContainsFunc(lines, written) {
			r.into.Note(place, "The "+catalogue.Line(e.Listen, 20)+" script is not understood; it was left out.")
		}
	}
}

func (r *postmanReader) items(list []item, folder string, above *auth, depth int) error {
	if depth > 50 {
		return fault.New(fault.Invalid, "Folders are nested deeper than 50 levels.")
	}
	for _, i := range list {
		own := above
		if i.Auth != nil {
			own = i.Auth
		}
		place := strings.TrimPrefix(folder+" / "+catalogue.Line(i.Name, 80), " / ")
		r.scripts(place, i.Event)
		if i.Item != nil {
			if err := r.items(i.Item, place, own, depth+1); err != nil {
				return err
			}
		}
		if len(i.Request) == 0 {
			continue
		}
		if r.count++; r.count > catalogue.MaxOperations {
			return fault.New(fault.Invalid, "The collection has too many requests.")
		}
		r.request(i, folder, place, own)
	}
	return nil
}
