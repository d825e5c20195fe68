package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/catalogue"
	"tieline/internal/config"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/integration"
)

// exportCommand writes integrations as YAML documents; secrets never leave.
type exportCommand struct {
	config.Common `embed:""`
	Names         []string `arg:"" optional:"" help:"Integrations to write; all without a name."`
}

// Run writes one document an integration, separated by ---.
func (e *exportCommand) Run(w *world) error {
	return command(w, e.Common, func(c *core) error {
		names, err := e.names(w, c)
		if err != nil {
			return err
		}
		all := make([]integration.Integration, 0, len(names))
		for _, name := range names {
			stored, err := c.db.Integration(w.ctx, account.Everything(), name)
			if err != nil {
				return fmt.Errorf("integration %s: %w", name, err)
			}
			all = append(all, stored.Document)
		}
		text, err := document.EncodeAll(all)
		if err != nil {
			return err
		}
		_, err = w.stdout.Write(text)
		return err
	})
}

func (e *exportCommand) names(w *world, c *core) ([]string, error) {
	if len(e.Names) > 0 {
		return e.Names, nil
	}
	return allIntegrations(w, c)
}

func allIntegrations(w *world, c *core) ([]string, error) {
	var names []string
	for cursor := ""; ; {
		rows, next, err := c.db.Integrations(w.ctx, account.Everything(), db.IntegrationFilter{Limit: 1000, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			names = append(names, row.Name)
		}
		if next == "" {
			return names, nil
		}
		cursor = next
	}
}

// importCommand takes in documents, after it has shown what they change.
type importCommand struct {
	config.Common `embed:""`
	Files         []string `arg:"" help:"Tieline documents (YAML or JSON), OpenAPI documents, cURL commands, Postman collections or HAR recordings; - is stdin."`
	DryRun        bool     `help:"Show the difference and change nothing."`
	DeleteMissing bool     `help:"Delete integrations that are in none of the files."`
	Operations    string   `help:"Of a foreign description, only the operations that have all of these words in their name, method or path." placeholder:"WORDS"`
	Into          string   `help:"The integration that a foreign description's operations become endpoints of; made where there is none." placeholder:"NAME"`
}

// Run shows the difference of every document first; nothing is stored when one of them is wrong.
func (i *importCommand) Run(w *world) error {
	documents, described, err := i.read(w.stdin)
	if err != nil {
		return err
	}
	return command(w, i.Common, func(c *core) error {
		made, err := i.foreign(w, c, described)
		if err != nil {
			return err
		}
		documents := append(documents, made...)
		var extra []string
		for _, in := range documents {
			saved, err := c.control.ReplaceIntegration(w.ctx, operator(), in.Name, in, control.Replace{DryRun: true})
			if err != nil {
				return fmt.Errorf("%s: %w", in.Name, err)
			}
			printDifference(w.stdout, in.Name, saved)
		}
		if i.DeleteMissing {
			if extra, err = missing(w, c, documents); err != nil {
				return err
			}
			for _, name := range extra {
				_, _ = fmt.Fprintf(w.stdout, "%s: is deleted\n", name)
			}
		}
		if i.DryRun {
			return nil
		}
		return i.apply(w, c, documents, extra)
	})
}

func (i *importCommand) apply(w *world, c *core, documents []integration.Integration, extra []string) error {
	for _, in := range documents {
		if _, err := c.control.ReplaceIntegration(w.ctx, operator(), in.Name, in, control.Replace{}); err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
		printMissingSecrets(w, in)
	}
	for _, name := range extra {
		if err := c.control.DeleteIntegration(w.ctx, operator(), name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (i *importCommand) read(stdin io.Reader) (all []integration.Integration, described []catalogue.Catalogue, err error) {
	for _, name := range i.Files {
		var content []byte
		if name == "-" {
			content, err = io.ReadAll(stdin)
		} else {
			content, err = os.ReadFile(name) //nolint:gosec // the operator names the file
		}
		if err != nil {
			return nil, nil, err
		}
		foreign, ok, err := readForeign(content)
		if err == nil && !ok {
			var found []integration.Integration
			found, err = document.DecodeAll(bytes.TrimSpace(content))
			all = append(all, found...)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		if ok {
			described = append(described, foreign)
		}
	}
	if i.Into != "" && len(described) > 1 {
		return nil, nil, errManyInto
	}
	return all, described, nil
}

func missing(w *world, c *core, documents []integration.Integration) ([]string, error) {
	kept := map[string]bool{}
	for _, in := range documents {
		kept[in.Name] = true
	}
	names, err := allIntegrations(w, c)
	if err != nil {
		return nil, err
	}
	var extra []string
	for _, name := range names {
		if !kept[name] {
			extra = append(extra, name)
		}
	}
	return extra, nil
}

func printDifference(out io.Writer, name string, saved control.Saved) {
	switch {
	case saved.Created:
		_, _ = fmt.Fprintf(out, "%s: is new, with %d endpoints\n", name, len(saved.Integration.Endpoints))
	case len(saved.Diff) == 0:
		_, _ = fmt.Fprintf(out, "%s: no difference\n", name)
	default:
		_, _ = fmt.Fprintf(out, "%s: %d differences\n", name, len(saved.Diff))
	}
	if !saved.Created {
		for _, field := range saved.Diff {
			printField(out, field)
		}
	}
	for _, warning := range saved.Warnings {
		_, _ = fmt.Fprintf(out, "  warning: %s: %s\n", warning.Field, warning.Message)
	}
}

func printField(out io.Writer, f audit.Field) {
	_, _ = fmt.Fprintf(out, "  %s\n", f.Path)
	if f.Before != "" {
		_, _ = fmt.Fprintf(out, "    - %s\n", f.Before)
	}
	if f.After != "" {
		_, _ = fmt.Fprintf(out, "    + %s\n", f.After)
	}
}

// printMissingSecrets lists the secrets that integrators must still be given after an import.
func printMissingSecrets(w *world, in integration.Integration) {
	for _, p := range in.Parameters {
		if p.Secret && p.Required {
			_, _ = fmt.Fprintf(w.stdout, "%s: every integrator needs its own %s; documents carry no secrets\n", in.Name, p.Name)
		}
	}
}
