package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"tieline/internal/catalogue"
	"tieline/internal/control"
	"tieline/internal/document"
	"tieline/internal/fault"
	foreign "tieline/internal/imports"
	"tieline/internal/integration"
	"tieline/views"
	"tieline/views/href"
)

func (h integrations) importForm(c echo.Context) error {
	v := views.ImportView{Into: c.QueryParam("into")}
	return render(c, http.StatusOK, views.ImportPage(h.page(c, "Import", "integrations"), v))
}

// importDocument shows what documents would change, and applies them when that is asked for. Foreign descriptions are
// read and lead on to their operations.
func (h integrations) importDocument(c echo.Context) error {
	form, uploaded, err := upload(c, "file")
	if err != nil {
		return h.refused(c, &views.ImportView{Problems: map[string]string{}}, err)
	}
	v := views.ImportView{Document: block(form, "document"), Format: form.Get("format"), Into: text(form, "into"), Problems: map[string]string{}}
	if uploaded != "" {
		v.Document = uploaded
	}
	if format := v.Format; format != "tieline" {
		if format == "" {
			format = foreign.Detect([]byte(v.Document))
		}
		if format != "" {
			return h.importForeign(c, format, &v)
		}
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
	if err != nil {
		return h.refused(c, &v, err)
	}
	return render(c, http.StatusOK, views.ImportPage(h.page(c, "Import", "integrations"), v))
}

// importForeign reads a foreign description and leads to its operations; a single one is picked already.
func (h integrations) importForeign(c echo.Context, format string, v *views.ImportView) error {
	id, read, err := h.Control.KeepCatalogue(c.Request().Context(), actor(c), format, []byte(v.Document))
	if err != nil {
		return h.refused(c, v, err)
	}
	if len(read.Operations) == 1 {
		return goTo(c, href.With(h.root.ImportReview(id), "n", "0", "into", v.Into))
	}
	return goTo(c, h.root.Import(id, v.Into))
}

// refused shows the form again with what is wrong. What is too long for a page is not shown again.
func (h integrations) refused(c echo.Context, v *views.ImportView, err error) error {
	fields, ok := problems(err)
	if !ok {
		return err
	}
	v.Problems, v.Plans = importKeys(fields), nil
	if len(v.Document) > document.MaxBytes || !utf8.ValidString(v.Document) {
		v.Document = ""
	}
	return render(c, http.StatusUnprocessableEntity, views.ImportPage(h.page(c, "Import", "integrations"), *v))
}

// upload reads a form that may carry a file of catalogue.MaxBytes, in memory alone: it may hold credentials.
func upload(c echo.Context, field string) (form url.Values, file string, err error) {
	r := c.Request()
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		form, err = values(c)
		return form, "", err
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, catalogue.MaxBytes+maxForm)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, "The form could not be read.", err)
	}
	form = url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, file, nil
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
		case tooLarge:
			return nil, "", fault.At("file", "This is larger than "+strconv.Itoa(catalogue.MaxBytes>>20)+" MiB. Take the parts of it that are needed.")
		case err != nil:
			return nil, "", fault.Wrap(fault.Invalid, "The form could not be read.", err)
		case part.FormName() == field:
			file = string(content)
		default:
			form.Add(part.FormName(), string(content))
		}
	}
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
