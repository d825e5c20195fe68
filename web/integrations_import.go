package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/views"
)

func (h integrations) importForm(c echo.Context) error {
	return render(c, http.StatusOK, views.ImportPage(h.page(c, "Import", "integrations"), views.ImportView{}))
}

// importDocument shows what documents would change, and applies them when that is asked for.
func (h integrations) importDocument(c echo.Context) error {
	form, err := values(c)
	if err != nil {
		return err
	}
	v := views.ImportView{Document: block(form, "document"), Problems: map[string]string{}}
	uploaded, err := upload(c, "file")
	if err != nil {
		return err
	}
	if uploaded != "" {
		v.Document = uploaded
	}
	all, err := document.DecodeAll([]byte(v.Document))
	if err == nil && len(all) == 0 {
		err = fault.At("document", "Choose a file, or paste a document.")
	}
	if err == nil {
		err = h.plan(c, all, &v)
	}
	if err == nil && form.Get("op") == "apply" {
		return h.apply(c, all)
	}
	if fields, ok := problems(err); ok {
		v.Problems, v.Plans = importKeys(fields), nil
		return render(c, http.StatusUnprocessableEntity, views.ImportPage(h.page(c, "Import", "integrations"), v))
	}
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ImportPage(h.page(c, "Import", "integrations"), v))
}

// upload reads a small text file of the form; "" where none was chosen.
func upload(c echo.Context, field string) (string, error) {
	if !strings.HasPrefix(c.Request().Header.Get("Content-Type"), "multipart/form-data") {
		return "", nil
	}
	file, _, err := c.Request().FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		return "", nil
	}
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "The file could not be read.", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxForm))
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "The file could not be read.", err)
	}
	return string(content), nil
}

// plan finds out what each document would do, and stores nothing.
func (h integrations) plan(c echo.Context, all []integration.Integration, v *views.ImportView) error {
	for i, in := range all {
		saved, err := h.Control.ReplaceIntegration(c.Request().Context(), actor(c), in.Name, in, control.Replace{DryRun: true})
		if err != nil {
			if fields, ok := problems(err); ok && len(all) > 1 {
				return inDocument(i, in.Name, fields)
			}
			return err
		}
		v.Plans = append(v.Plans, views.ImportPlan{
			Name: in.Name, Created: saved.Created, Changed: saved.Changed, Diff: saved.Diff, Warnings: saved.Warnings,
		})
	}
	return nil
}

// inDocument keys the problems of one of several documents.
func inDocument(i int, name string, fields map[string]string) error {
	var f fault.Fields
	for _, key := range fault.Names(fields) {
		f.Add("document "+strconv.Itoa(i+1)+" ("+name+") "+key, fields[key])
	}
	return f.Err()
}

func (h integrations) apply(c echo.Context, all []integration.Integration) error {
	names := make([]string, 0, len(all))
	for _, in := range all {
		if _, err := h.Control.ReplaceIntegration(c.Request().Context(), actor(c), in.Name, in, control.Replace{}); err != nil {
			return err
		}
		names = append(names, in.Name)
	}
	back := h.root.Integrations()
	if len(names) == 1 {
		back = h.root.Integration(names[0], "endpoints")
	}
	return h.done(c, "Imported "+strings.Join(names, ", ")+".", back)
}

// importKeys are the problems of a document; what cannot be read at all stands at the document.
func importKeys(fields map[string]string) map[string]string {
	if message, ok := fields[""]; ok {
		delete(fields, "")
		fields["document"] = message
	}
	return fields
}

// export gives an integration as a document, without secrets.
func (h integrations) export(c echo.Context) error {
	stored, err := h.DB.Integration(c.Request().Context(), actor(c).Scope, c.Param("integration"))
	if err != nil {
		return err
	}
	encode, kind, ending := document.EncodeYAML, "application/yaml; charset=utf-8", ".yaml"
	if c.QueryParam("format") == "json" {
		encode, kind, ending = document.EncodeJSON, "application/json", ".json"
	}
	text, err := encode(stored.Document)
	if err != nil {
		return err
	}
	h.noStore(c)
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": stored.Document.Name + ending}))
	return c.Blob(http.StatusOK, kind, text)
}

func (h integrations) noStore(c echo.Context) { c.Response().Header().Set("Cache-Control", "no-store") }
