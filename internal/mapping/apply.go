package mapping

import (
	"errors"
	"strconv"
	"strings"

	"tieline/internal/token"
)

// Apply applies the rows to one call's values, in their order. A rule that cannot be applied is among the
// errors and left out of the result, so that a preview can show the rest; with any error nothing may be sent.
// A mapping without rows gives the whole record to its program.
func (p *Plan) Apply(s Source) (Result, []*Error) {
	a := &applier{plan: p, source: s, out: Result{Remember: map[string]string{}}}
	if len(p.rows) == 0 && p.Program != "" {
		a.out.Body = (&Node{value: token.Value{Data: s.Whole()}}).Opened()
		return a.out, nil
	}
	work := &work{body: &Node{kind: object}}
	if p.patch {
		work.body.kind = list
	}
	a.rows(work, 0)
	a.finish(work)
	return a.out, a.errs
}

// applier is one application.
type applier struct {
	plan   *Plan
	source Source
	out    Result
	errs   []*Error
	bytes  int
}

// work is one record under way; item is the part of it that the rows behind a split see.
type work struct {
	body    *Node
	item    any
	hasItem bool
	split   bool // body is the list of what a split made
	dropped string
	dropRow int
}

func (a *applier) fail(row int, key, about, message string) {
	a.errs = append(a.errs, &Error{Row: row, Key: key, About: about, Message: message})
}

// rows applies the rows from one on to a record.
func (a *applier) rows(w *work, from int) {
	for i := from; i < len(a.plan.rows) && w.dropped == ""; i++ {
		r := &a.plan.rows[i]
		if r.broken || !a.counts(w, i, r) {
			continue
		}
		if r.op == "split" {
			a.split(w, i, r)
			return
		}
		a.row(w, i, r)
	}
}

// counts tells whether a row's condition holds.
func (a *applier) counts(w *work, i int, r *row) bool {
	if r.when == nil {
		return true
	}
	v, found := a.find(w, r.when)
	ok, trouble := holds(v, found, r.When)
	if trouble != "" {
		a.fail(i, "when", "when "+r.When.Path, trouble)
	}
	return ok
}

// split applies the rows that follow to every item of a list.
func (a *applier) split(w *work, i int, r *row) {
	v, found, ok := a.value(w, i, r)
	if !ok {
		return
	}
	items, isList := v.Data.([]any)
	switch {
	case !found || token.Empty(v.Data):
		w.dropped, w.dropRow = "there is nothing to split: "+r.From+" is empty", i
		return
	case !isList:
		items = []any{v.Data}
	case len(items) > maxSplit:
		a.fail(i, "from", "from "+r.From, "the list has "+strconv.Itoa(len(items))+" items, and at most "+strconv.Itoa(maxSplit)+" can be sent")
		return
	}
	made, size, reason := &Node{kind: list}, len(w.body.AppendJSON(nil, nil)), work{}
	for _, item := range items {
		if a.bytes += size; a.bytes > MaxBytes {
			a.fail(i, "from", "from "+r.From, tooLarge)
			return
		}
		one := &work{body: w.body.clone(), item: item, hasItem: true}
		a.rows(one, i+1)
		if one.dropped != "" {
			reason = *one
			continue
		}
		made.items = append(made.items, one.body)
		if len(a.errs) > 0 {
			break // the others would fail in the same way
		}
	}
	if w.body, w.split = made, true; len(made.items) == 0 && len(a.errs) == 0 {
		w.dropped, w.dropRow = reason.dropped, reason.dropRow
	}
}

const tooLarge = "what the mapping makes would be larger than 2 MiB"

// finish puts the record into its envelope, or says why it was dropped.
func (a *applier) finish(w *work) {
	if w.dropped != "" {
		a.out.Dropped = "rule " + strconv.Itoa(w.dropRow+1) + ": " + w.dropped
	}
	if !w.split {
		a.out.Body = wrap(w.body, a.plan.envelope)
		return
	}
	for i, body := range w.body.items {
		w.body.items[i] = wrap(body, a.plan.envelope)
	}
	a.out.Body = w.body
}

// find gives what a name stands for; behind a split the item's own values come first.
func (a *applier) find(w *work, t *token.Token) (token.Value, bool) {
	if w.hasItem && t.Namespace == token.Event && len(t.Path) > 0 {
		if data, ok := token.Walk(w.item, t.Path); ok {
			return token.Value{Data: data, Source: "item of the split"}, true
		}
	}
	return a.source.Find(t)
}

// value is what a row works on. found is false where it has none and that is nothing odd, or where its default
// is to be taken; ok is false where the row cannot be applied.
func (a *applier) value(w *work, i int, r *row) (v token.Value, found, ok bool) {
	switch {
	case r.name != nil:
		v, found, ok = a.named(w, i, r, r.name)
	case r.names != nil:
		v, found, ok = a.joined(w, i, r)
	case len(r.parts) == 1 && r.parts[0].Token != nil:
		v, found, ok = a.named(w, i, r, r.parts[0].Token)
	case r.parts != nil:
		v, found, ok = a.template(w, i, r)
	default:
		ok = true
	}
	if ok && r.Default != "" && (!found || token.Empty(v.Data)) {
		return token.Value{Data: r.Default, Source: "default of the rule"}, true, true
	}
	return v, found, ok
}

// named resolves one name with its filters.
func (a *applier) named(w *work, i int, r *row, t *token.Token) (v token.Value, found, ok bool) {
	v, found = a.find(w, t)
	v, err := a.source.Finish(t, v, found)
	switch {
	case err == nil:
		return v, true, true
	case errors.Is(err, token.ErrMissing) && (r.Default != "" || known(t)):
		return v, false, true
	case errors.Is(err, token.ErrMissing):
		a.fail(i, "from", "from "+t.Name, unknown(t, a.source.Names()))
	default:
		a.fail(i, "from", "from "+t.Name, err.Error())
	}
	return v, false, false
}

// template makes one text of a template; it has no value where one of its names has none.
func (a *applier) template(w *work, i int, r *row) (v token.Value, found, ok bool) {
	var text strings.Builder
	for _, p := range r.parts {
		if p.Token == nil {
			text.WriteString(p.Literal)
			continue
		}
		part, found, ok := a.named(w, i, r, p.Token)
		if !found || !ok {
			return token.Value{}, false, ok
		}
		text.WriteString(token.Text(part.Data))
		v.Secret = v.Secret || part.Secret
		if text.Len() > MaxBytes {
			a.fail(i, "from", "from "+short(r.From), tooLarge)
			return token.Value{}, false, false
		}
	}
	v.Data, v.Source = text.String(), "template"
	return v, true, true
}

// short is the beginning of a text, for messages.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
