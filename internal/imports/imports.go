// Package imports reads foreign descriptions of calls – OpenAPI documents, cURL commands, Postman collections and
// HAR recordings – into a catalogue. What looks like a credential is lifted out on the way: it becomes a secret
// parameter or a way to authenticate without its value, and the report says so. Nothing is fetched or run.
package imports

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/openapi"
)

// Read reads a text in a format of catalogue.Formats, or finds out which it is where the format is "". The error is
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

// Detect says which format a text seems to have; what is none of the others is taken for OpenAPI.
func Detect(data []byte) string {
	if IsCURL(string(data[:min(len(data), 4096)])) {
		return catalogue.CURL
	}
	if text := bytes.TrimLeft(data, "\ufeff \t\r\n"); len(text) == 0 || text[0] != '{' {
		return catalogue.OpenAPI
	}
	var probe struct {
		Log  *struct{ Entries json.RawMessage }
		Item json.RawMessage
		Info struct{ Schema string }
	}
	if json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &probe) != nil {
		return catalogue.OpenAPI
	}
	switch {
	case probe.Log != nil && probe.Log.Entries != nil:
		return catalogue.HAR
	case probe.Item != nil, strings.Contains(probe.Info.Schema, "getpostman.com"):
		return catalogue.Postman
	}
	return catalogue.OpenAPI
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
