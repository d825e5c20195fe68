package db

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tieline/internal/account"
	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/id"
)

const noCatalogue = "This import is not there any more. Send the file or text once more."

// StoredCatalogue is a catalogue as stored; its operations are read by themselves. IntegrationID is empty until
// something of it was imported; until then only Owner (the id of a person or an API key) may see it, and it goes at
// ExpiresAt.
type StoredCatalogue struct {
	ID            string
	IntegrationID string
	Owner         string
	Operations    int
	CreatedAt     time.Time
	ExpiresAt     time.Time // zero: never
	Head          catalogue.Catalogue
}

const catalogueColumns = `c.id, coalesce(c.integration_id, ''), c.owner, c.operations, c.created_at, c.expires_at, c.head`

func scanCatalogue(s scanner) (StoredCatalogue, error) {
	var c StoredCatalogue
	var head string
	var created, expires int64
	if err := s.Scan(&c.ID, &c.IntegrationID, &c.Owner, &c.Operations, &created, &expires, &head); err != nil {
		return c, err
	}
	c.CreatedAt, c.ExpiresAt = moment(created), moment(expires)
	return c, decode(head, &c.Head)
}

// Catalogue finds a catalogue: the owner's own, or one of an integration in the scope.
func (r *Reader) Catalogue(ctx context.Context, scope account.Scope, owner, catalogueID string) (StoredCatalogue, error) {
	c, err := one(ctx, r, newQuery(`SELECT `+catalogueColumns+` FROM catalogues c WHERE c.id = $1`, catalogueID), noCatalogue, scanCatalogue)
	switch {
	case err != nil:
		return c, err
	case c.IntegrationID == "" && (c.Owner != owner || owner == ""):
		return StoredCatalogue{}, fault.New(fault.NotFound, noCatalogue)
	case c.IntegrationID == "":
		return c, nil
	}
	_, err = r.IntegrationByID(ctx, scope, c.IntegrationID)
	return c, err
}

// Catalogues lists what an integration in the scope was imported from, newest first.
func (r *Reader) Catalogues(ctx context.Context, scope account.Scope, integrationID string) ([]StoredCatalogue, error) {
	q := newQuery(`SELECT `+catalogueColumns+` FROM catalogues c JOIN integrations i ON i.id = c.integration_id WHERE c.integration_id = $1`, integrationID)
	return all(ctx, r, q.visible(scope).add(` ORDER BY c.created_at DESC, c.id DESC`), scanCatalogue)
}

// OperationRow is one operation in a list. N is its number within the catalogue, from 0.
type OperationRow struct {
	N               int
	Group           string
	Name            string
	Method          string
	Path            string
	Body, Paginated bool
}

func scanOperationRow(s scanner) (OperationRow, error) {
	var o OperationRow
	err := s.Scan(&o.N, &o.Group, &o.Name, &o.Method, &o.Path, &o.Body, &o.Paginated)
	return o, err
}

// Operations searches the operations of a catalogue: those that have every word of the text in their group, name,
// method or path, whatever the letter case, in their order. total is how many there are. limit is at most 1000.
func (r *Reader) Operations(ctx context.Context, catalogueID, text string, offset, limit int) (found []OperationRow, total int, err error) {
	where := func(columns string) *query {
		q := newQuery(`SELECT `+columns+` FROM catalogue_operations o WHERE o.catalogue_id = $1`, catalogueID)
		words := strings.Fields(text)
		for _, word := range words[:min(len(words), 10)] {
			q.contains(word, "o.words")
		}
		return q
	}
	total, err = one(ctx, r, where(`count(*)`), noCatalogue, value[int])
	if err != nil || total == 0 {
		return nil, 0, err
	}
	q := where(`o.n, o.category, o.name, o.method, o.path, o.body, o.paginated`)
	found, err = all(ctx, r, q.add(` ORDER BY o.n LIMIT `+q.arg(clamp(limit, 100))+` OFFSET `+q.arg(max(offset, 0))), scanOperationRow)
	return found, total, err
}

// PickOperations gives whole operations by their numbers, in the order of the catalogue. Numbers that it does not
// have are passed over.
func (r *Reader) PickOperations(ctx context.Context, catalogueID string, numbers []int) ([]catalogue.Operation, error) {
	var picked []catalogue.Operation
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	for part := range slices.Chunk(numbers, 200) {
		q := newQuery(`SELECT o.operation FROM catalogue_operations o WHERE o.catalogue_id = $1 AND o.n IN (`, catalogueID)
		marks := make([]string, len(part))
		for i, n := range part {
			marks[i] = q.arg(n)
		}
		list, err := all(ctx, r, q.add(strings.Join(marks, ", ")+`) ORDER BY o.n`), scanOperation)
		if err != nil {
			return nil, err
		}
		picked = append(picked, list...)
	}
	return picked, nil
}

func scanOperation(s scanner) (catalogue.Operation, error) {
	var o catalogue.Operation
	var packed []byte
	if err := s.Scan(&packed); err != nil {
		return o, err
	}
	text, err := unsqueeze(packed)
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(text, &o)
}

// PackedCatalogue is a catalogue made ready for storing, outside of the writer.
type PackedCatalogue struct {
	head       catalogue.Catalogue
	operations []catalogue.Operation
	packed     [][]byte
}

// PackCatalogue makes a catalogue ready for CreateCatalogue.
func PackCatalogue(c catalogue.Catalogue) (PackedCatalogue, error) {
	p := PackedCatalogue{head: c, operations: c.Operations, packed: make([][]byte, len(c.Operations))}
	p.head.Operations = nil
	for i, o := range c.Operations {
		text, err := json.Marshal(o)
		if err != nil {
			return p, err
		}
		p.packed[i] = squeeze(text)
	}
	return p, nil
}

// CreateCatalogue stores a catalogue that belongs to its owner until expires. Of those of one owner that nothing was
// imported from, the newest ten stay.
func (tx *Tx) CreateCatalogue(ctx context.Context, owner string, p PackedCatalogue, expires time.Time) (string, error) {
	head, err := encode(p.head)
	if err != nil {
		return "", err
	}
	catalogueID := id.New()
	_, err = tx.exec(ctx, `INSERT INTO catalogues (id, owner, title, head, operations, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		catalogueID, owner, p.head.Title, head, len(p.operations), micros(stamp()), micros(expires))
	if err != nil {
		return "", err
	}
	if err := tx.addOperations(ctx, catalogueID, p); err != nil {
		return "", err
	}
	_, err = tx.exec(ctx, `DELETE FROM catalogues WHERE owner = $1 AND integration_id IS NULL AND id NOT IN
		(SELECT id FROM catalogues WHERE owner = $1 AND integration_id IS NULL ORDER BY created_at DESC, id DESC LIMIT 10)`, owner)
	return catalogueID, err
}

// addOperations inserts many rows at a time.
func (tx *Tx) addOperations(ctx context.Context, catalogueID string, p PackedCatalogue) error {
	const rows = 100
	for from := 0; from < len(p.operations); from += rows {
		q := newQuery(`INSERT INTO catalogue_operations (catalogue_id, n, category, name, method, path, body, paginated, words, operation) VALUES `)
		owner := q.arg(catalogueID)
		for n := from; n < min(from+rows, len(p.operations)); n++ {
			if n > from {
				q.add(", ")
			}
			o := p.operations[n]
			q.add("(" + owner)
			for _, v := range []any{n, o.Group, o.Name, o.Method, o.Path, o.Body, o.Paginated, o.Words(), p.packed[n]} {
				q.add(", " + q.arg(v))
			}
			q.add(")")
		}
		if err := clean(q.args); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, q.text.String(), q.args...); err != nil {
			return err
		}
	}
	return nil
}

// KeepCatalogue binds a catalogue to the integration that was imported from it. An older one of the same title gives
// way, and of all of an integration the newest five stay.
func (tx *Tx) KeepCatalogue(ctx context.Context, catalogueID, integrationID string) error {
	_, err := tx.exec(ctx, `UPDATE catalogues SET integration_id = $1, expires_at = 0 WHERE id = $2`, integrationID, catalogueID)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM catalogues WHERE integration_id = $1 AND id <> $2 AND (title = (SELECT title FROM catalogues WHERE id = $2)
		OR id NOT IN (SELECT id FROM catalogues WHERE integration_id = $1 ORDER BY created_at DESC, id DESC LIMIT 5))`, integrationID, catalogueID)
	return err
}
