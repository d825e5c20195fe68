package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"tieline/internal/condition"
	"tieline/internal/integration"
	"tieline/internal/token"
)

// holds tells whether a condition is true of a value.
func holds(v token.Value, found bool, c *integration.Success) (ok bool, trouble string) {
	return condition.Holds(token.Text(v.Data), found, c.Op, c.Value)
}

// filter drops the record: always where its condition held, or with the format unchanged where the rules above
// made the same of it as when the endpoint last succeeded for the same identifier.
func (a *applier) filter(w *work, i int, r *row) {
	if r.Format == "unchanged" {
		a.unchanged(w, i, r)
		return
	}
	w.dropped, w.dropRow = r.Default, i
	if w.dropped == "" {
		w.dropped = a.reason(w, r)
	}
}

// reason says which value of the record decided.
func (a *applier) reason(w *work, r *row) string {
	if r.when == nil {
		return "every record is dropped"
	}
	v, found := a.find(w, r.when)
	switch {
	case !found:
		return r.When.Path + " is missing"
	case v.Secret || token.Empty(v.Data):
		return r.When.String()
	}
	return r.When.Path + " is " + short(token.Text(v.Data))
}

// unchanged compares what the rules above made with what was remembered for the record's identifier.
func (a *applier) unchanged(w *work, i int, r *row) {
	one := *r
	one.Default = ""
	v, found, ok := a.value(w, i, &one)
	id := token.Text(v.Data)
	switch {
	case !ok:
		return
	case !found || id == "":
		a.fail(i, "from", about(r), "the record has no identifier, so it cannot be compared with the last time")
		return
	}
	sum := sha256.Sum256(a.compared(w, r))
	key, now := a.key(id, v.Secret), strconv.Quote(hex.EncodeToString(sum[:]))
	last, found, err := "", false, error(nil)
	if a.source.Last != nil {
		last, found, err = a.source.Last(key)
	}
	switch {
	case err != nil:
		a.fail(i, "from", about(r), "what was sent the last time cannot be looked up just now")
		return
	case found && last == now:
		w.dropped, w.dropRow = "nothing has changed for "+shown(v)+" since it was last sent", i
		if r.Default != "" {
			w.dropped = r.Default
		}
		return
	}
	a.out.Remember[key] = now
}

// compared is the part of the record that counts: the names of To, or all of it.
func (a *applier) compared(w *work, r *row) []byte {
	if len(r.to) == 0 {
		return w.body.AppendJSON(nil, nil)
	}
	var out []byte
	for _, t := range r.to {
		if there := w.body.at(t.steps); there != nil {
			out = there.AppendJSON(out, nil)
		}
		out = append(out, '\n')
	}
	return out
}

// key is where the state of one record of this mapping is kept. A long or secret identifier is kept as its hash.
func (a *applier) key(id string, secret bool) string {
	if secret || len(id) > 100 {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:])
	}
	return "mapping " + a.plan.Name + " " + id
}
