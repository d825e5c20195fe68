package document

import (
	"bytes"
	"fmt"
	"slices"

	"tieline/internal/fault"
	"tieline/internal/integration"
)

// Format is the number of the document format that this version writes and reads.
const Format = 1

// envelope is the file form of an integration. What an API answer adds is read and not used, so that an
// answer can be sent back as it came.
type envelope struct {
	Tieline     int                     `json:"tieline"`
	Revision    int64                   `json:"revision,omitempty"`
	Integration integration.Integration `json:"integration"`
	Warnings    []any                   `json:"warnings,omitempty"`
}

// DecodeIntegration reads one integration from JSON or YAML, in the envelope {tieline: 1, integration: …} or
// bare. Problems are keyed within the integration ("endpoints.0.url") in both forms. The rules of
// integration.Validate are not checked here.
func DecodeIntegration(data []byte) (integration.Integration, error) {
	root, err := read(data)
	if err != nil {
		return integration.Integration{}, err
	}
	return decodeIntegration(data, &root)
}

// DecodeAll reads every integration in a file: several YAML documents divided by lines of ---, or one JSON
// document. Problems of a file with several are keyed by the document's number from 1
// ("document 2.endpoints.0.url").
func DecodeAll(data []byte) ([]integration.Integration, error) {
	if len(data) > MaxFileBytes {
		return nil, tooLarge(MaxFileBytes)
	}
	documents, err := readAll(data)
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, fault.New(fault.Invalid, "The document is empty.")
	}
	var problems fault.Fields
	var all []integration.Integration
	for i := range documents {
		in, err := decodeIntegration(data, &documents[i])
		if len(documents) == 1 && err != nil {
			return nil, err
		}
		problems.Under(fmt.Sprintf("document %d", i+1), err)
		all = append(all, in)
	}
	if problems.Has() {
		return nil, problems.Err()
	}
	return all, nil
}

func decodeIntegration(data []byte, root *node) (integration.Integration, error) {
	var whole envelope
	d := newDecoder(data)
	inner, enveloped := root.member("integration")
	format, numbered := root.member("tieline")
	switch {
	case !enveloped && !numbered:
		err := d.run(root, &whole.Integration)
		return whole.Integration, err
	case !numbered:
		return whole.Integration, fault.At("tieline", "Say which format this is: tieline: 1.")
	case format.kind != isNumber || format.text != "1":
		return whole.Integration, fault.At("tieline", "This version reads documents of format 1.")
	case !enveloped || inner.kind != isObject:
		return whole.Integration, fault.At("integration", "The integration is missing.")
	}
	// The envelope first, then its content without the prefix, so that keys are the same in both forms.
	outer := *root
	outer.members = slices.Clone(root.members)
	for i := range outer.members {
		if outer.members[i].name == "integration" {
			outer.members[i].value = node{kind: isNull}
		}
	}
	_ = d.run(&outer, &whole) // the decoder keeps the problems, and tells them below
	err := d.run(inner, &whole.Integration)
	return whole.Integration, err
}

// EncodeYAML writes an integration in its envelope as canonical YAML. It holds no secret: integrations have
// none. DecodeIntegration reads an equal value back.
func EncodeYAML(in integration.Integration) ([]byte, error) {
	return YAML(envelope{Tieline: Format, Integration: in})
}

// EncodeJSON writes an integration in its envelope as canonical JSON.
func EncodeJSON(in integration.Integration) ([]byte, error) {
	return JSON(envelope{Tieline: Format, Integration: in}), nil
}

// EncodeAll writes integrations as one YAML file that DecodeAll reads.
func EncodeAll(all []integration.Integration) ([]byte, error) {
	var out bytes.Buffer
	for i, in := range all {
		if i > 0 {
			out.WriteString("---\n")
		}
		text, err := EncodeYAML(in)
		if err != nil {
			return nil, err
		}
		out.Write(text)
	}
	return out.Bytes(), nil
}
