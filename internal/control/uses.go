package control

import (
	"context"
	"encoding/json"
	"regexp"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/integration"
)

// usesOf lists the endpoints, and the other parts of definitions, that name a variable.
func usesOf(ctx context.Context, tx *db.Tx, name string) ([]string, error) {
	mention := regexp.MustCompile(`\$\{` + name + `\}|\bvar\.` + name + `\b`)
	all := account.System("uses").Scope
	var uses []string
	for cursor := ""; ; {
		rows, next, err := tx.Integrations(ctx, all, db.IntegrationFilter{Limit: 500, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			stored, err := tx.IntegrationByID(ctx, all, row.ID)
			if err != nil {
				return nil, err
			}
			uses = append(uses, usesIn(stored.Document, name, mention)...)
		}
		if cursor = next; cursor == "" {
			return uses, nil
		}
	}
}

func usesIn(in integration.Integration, name string, mention *regexp.Regexp) []string {
	var uses []string
	for _, e := range in.Endpoints {
		if rowsName(e, name) || mentions(e, mention) {
			uses = append(uses, in.Name+"/"+e.Name)
		}
	}
	if in.Endpoints = nil; mentions(in, mention) {
		uses = append(uses, in.Name)
	}
	return uses
}

// rowsName tells whether a row takes its value from the variable by its source.
func rowsName(e integration.Endpoint, name string) bool {
	for _, rows := range [][]integration.Row{e.Query, e.Headers, e.Path} {
		for _, row := range rows {
			if row.Source == "var" && row.Value == name {
				return true
			}
		}
	}
	return false
}

func mentions(part any, mention *regexp.Regexp) bool {
	text, err := json.Marshal(part)
	return err == nil && mention.Match(text)
}
