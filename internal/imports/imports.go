// Package imports reads foreign descriptions of calls – OpenAPI documents, cURL commands, Postman collections and
// HAR recordings – into a catalogue. What looks like a credential is lifted out on the way: it becomes a secret
// parameter or a way to authenticate without its value, and the report says so. Nothing is fetched or run.
package imports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/openapi"
)

// Read reads a text in a format of catalogue.Formats, or finds out which it is where the format is "" (what is
// none of the others is read as OpenAPI). The error is
// an Invalid fault that says why it is refused.
func Read(format string, data []byte) (catalogue.Catalogue, error) {
	if len(data) > catalogue.MaxBytes {
		return catalogue.Catalogue{}, fault.New(fault.Invalid, "This is larger than "+strconv.Itoa(catalogue.MaxBytes>>20)+" MiB. Take the parts of it that are needed.")
	}
	if format == "" {
		format = Detect(data)
	}
	switch format {
	case catalogue.CURL:
		return curl(string(data))
	case catalogue.Postman:
		return postman(data)
	case catalogue.HAR:
		return har(data)
	}
	return openapi.Read(data)
}

var (
	openYAML = regexp.MustCompile(`(?m)^["']?(openapi|swagger|paths)["']?[ \t]*:`)
	openJSON = regexp.MustCompile(`"(openapi|swagger)"\s*:\s*"?[0-9]`)
)

// Detect says which format a text is in, "" where it is none of them. A document that is broken is known by how it
// begins.
func Detect(data []byte) string {
	text := bytes.TrimLeft(data, "\ufeff \t\r\n")
	head := text[:min(len(text), 4096)]
	switch {
	case IsCURL(string(head)):
		return catalogue.CURL
	case len(text) == 0:
		return ""
	case text[0] != '{':
		return found(openYAML, text)
	}
	var probe struct {
		Log        *struct{ Entries json.RawMessage }
		Item       json.RawMessage
		Collection json.RawMessage
		Info       json.RawMessage
		Paths      json.RawMessage
	}
	if json.Unmarshal(text, &probe) != nil {
		return found(openJSON, head)
	}
	switch {
	case probe.Log != nil && probe.Log.Entries != nil:
		return catalogue.HAR
	case probe.Item != nil, probe.Collection != nil, bytes.Contains(probe.Info, []byte("getpostman.com")):
		return catalogue.Postman
	case probe.Paths != nil:
		return catalogue.OpenAPI
	}
	return found(openJSON, head)
}

func found(form *regexp.Regexp, text []byte) string {
	if form.Match(text) {
		return catalogue.OpenAPI
	}
	return ""
}

// IsCURL tells whether a text begins with a cURL command.
func IsCURL(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, _, _ := strings.Cut(line, " ")
		return strings.EqualFold(word, "curl") || strings.EqualFold(word, "curl.exe")
	}
	return false
}
