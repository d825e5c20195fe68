package main

import (
	"errors"
	"fmt"

	"tieline/internal/account"
	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/imports"
	"tieline/internal/integration"
)

// foreign makes documents of the foreign descriptions that were read: of all their operations, or of those that have
// every word of --operations. With --into they are added to an integration.
func (i *importCommand) foreign(w *world, c *core, read []catalogue.Catalogue) ([]integration.Integration, error) {
	var documents []integration.Integration
	for _, from := range read {
		for _, n := range from.Notes {
			_, _ = fmt.Fprintf(w.stdout, "  note: %s: %s\n", n.Place, n.Message)
		}
		if from.MoreNotes > 0 {
			_, _ = fmt.Fprintf(w.stdout, "  note: and %d more\n", from.MoreNotes)
		}
		picked := from.Search(i.Operations)
		if len(picked) == 0 {
			return nil, fmt.Errorf("%s: none of its %d operations has all of these words", from.Title, len(from.Operations))
		}
		in, err := i.target(w, c, from)
		if err != nil {
			return nil, err
		}
		documents = append(documents, from.Into(in, catalogue.Named(in, picked)))
	}
	return documents, nil
}

// target is the integration that is added to, or a new one.
func (i *importCommand) target(w *world, c *core, from catalogue.Catalogue) (integration.Integration, error) {
	fresh := from.Fresh()
	if i.Into == "" {
		if _, err := c.db.Integration(w.ctx, account.Everything(), fresh.Name); err == nil {
			return fresh, fmt.Errorf("the integration %s is there already; add to it with --into %s, or make another one with --into NAME", fresh.Name, fresh.Name)
		}
		return fresh, nil
	}
	stored, err := c.db.Integration(w.ctx, account.Everything(), i.Into)
	if fault.KindOf(err) == fault.NotFound {
		fresh.Name, err = i.Into, nil
		return fresh, err
	}
	return stored.Document, err
}

// readForeign reads a foreign description; ok is false where the text is none.
func readForeign(content []byte) (read catalogue.Catalogue, ok bool, err error) {
	format := imports.Detect(content)
	if format == "" {
		return read, false, nil
	}
	read, err = imports.Read(format, content)
	return read, true, err
}

var errManyInto = errors.New("--into names one integration, and there are several foreign descriptions")
