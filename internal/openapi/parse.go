package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tieline/internal/fault"
)

var (
	errDeep = fault.New(fault.Invalid, "Lists and objects are nested deeper than "+strconv.Itoa(maxDepth)+" levels here. No real document is.")
	errMany = fault.New(fault.Invalid, "There are more than "+strconv.Itoa(maxValues)+" values in this document. Take the parts of it that are needed.")
)

// parse reads JSON or YAML. JSON that is not quite valid (a comma too many) is read as YAML, which allows it.
func parse(data []byte) (*node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := bytes.TrimLeft(data, " \t\r\n")
	if len(text) == 0 {
		return nil, fault.New(fault.Invalid, "The document is empty.")
	}
	if text[0] != '{' {
		return parseYAML(data)
	}
	root, err := parseJSON(data)
	if err == nil || errors.Is(err, errDeep) || errors.Is(err, errMany) {
		return root, err
	}
	if root, second := parseYAML(data); second == nil && root.kind == isObject {
		return root, nil
	}
	return nil, err
}

// jsonTree builds the tree from the tokens of a JSON text.
type jsonTree struct {
	data   []byte
	tokens *json.Decoder
	names  map[string]string // every name once
	count  int
	offset int // up to here lines are counted
	line   int32
}

func parseJSON(data []byte) (*node, error) {
	t := &jsonTree{data: data, tokens: json.NewDecoder(bytes.NewReader(data)), names: map[string]string{}, line: 1}
	t.tokens.UseNumber()
	root, err := t.value(0)
	if err == nil {
		if _, more := t.tokens.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the end of the document")
		}
	}
	if err == nil || errors.Is(err, errDeep) || errors.Is(err, errMany) {
		return root, err
	}
	t.count = 0
	return nil, fault.New(fault.Invalid, fmt.Sprintf("This is not valid JSON (line %d): %s.", t.here(), reason(err)))
}

// reason is what a JSON error says, without what is of no use to a person.
func reason(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends in the middle"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// here counts the line of what was read last.
func (t *jsonTree) here() int32 {
	to := min(int(t.tokens.InputOffset()), len(t.data))
	t.line += int32(bytes.Count(t.data[t.offset:max(to, t.offset)], []byte("\n"))) //nolint:gosec // a document has at most 50 MiB
	t.offset = max(to, t.offset)
	return t.line
}

func (t *jsonTree) value(depth int) (*node, error) {
	token, err := t.tokens.Token()
	if err != nil {
		return nil, err
	}
	return t.node(token, depth)
}

func (t *jsonTree) node(token json.Token, depth int) (*node, error) {
	if t.count++; t.count > maxValues {
		return nil, errMany
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{line: t.here()}
	switch v := token.(type) {
	case string:
		n.kind, n.text = isText, v
	case json.Number:
		n.kind, n.text = isNumber, v.String()
	case bool:
		n.kind, n.text = isBool, strconv.FormatBool(v)
	case json.Delim:
		n.kind = isList
		if v == '{' {
			n.kind = isObject
		}
		return n, t.fill(n, depth)
	}
	return n, nil
}

func (t *jsonTree) fill(n *node, depth int) error {
	for t.tokens.More() {
		if n.kind == isObject {
			token, err := t.tokens.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string)
			if known, ok := t.names[name]; ok {
				name = known
			} else {
				t.names[name] = name
			}
			n.names = append(n.names, name)
		}
		item, err := t.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := t.tokens.Token()
	return err
}

// yamlTree builds the tree from the nodes of a YAML text. Anchors and merge keys are followed, within the bounds.
type yamlTree struct {
	count int
	known map[*yaml.Node]*node
}

func parseYAML(data []byte) (*node, error) {
	if separators(data) > maxValues {
		return nil, errMany
	}
	var document yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&document)
	if err != nil {
		return nil, fault.New(fault.Invalid, "This is not valid YAML: "+strings.TrimPrefix(err.Error(), "yaml: ")+".")
	}
	if len(document.Content) == 0 {
		return nil, fault.New(fault.Invalid, "The document is empty.")
	}
	t := &yamlTree{known: map[*yaml.Node]*node{}}
	return t.value(document.Content[0], 0)
}

// separators bounds the number of values in a YAML text from above, before memory is spent on them: a value
// follows a line break, a bracket, a comma without a blank before the next word, or a dash.
func separators(data []byte) int {
	count := 0
	for i, c := range data {
		switch c {
		case '\n', '[', '{':
			count++
		case ',', '-', '?', ':':
			if i+1 == len(data) || data[i+1] <= ' ' || c == ',' {
				count++
			}
		}
	}
	return count
}

func (t *yamlTree) value(y *yaml.Node, depth int) (*node, error) {
	if y.Kind == yaml.AliasNode && y.Alias != nil {
		y = y.Alias
	}
	if n, ok := t.known[y]; ok {
		return n, nil
	}
	if t.count++; t.count > maxValues {
		return nil, errMany
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{line: int32(min(y.Line, 1<<30))} //nolint:gosec // bounded
	if y.Anchor != "" {
		t.known[y] = n // before its content, which may name it
	}
	var err error
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = isObject
		err = t.members(n, y, depth)
	case yaml.SequenceNode:
		n.kind = isList
		for _, content := range y.Content {
			item, bad := t.value(content, depth+1)
			if bad != nil {
				return nil, bad
			}
			n.items = append(n.items, item)
		}
	case yaml.ScalarNode:
		n.kind, n.text = yamlScalar(y)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return n, err
}

// members reads the names and values of an object; what is merged in stands behind its own and so gives way.
func (t *yamlTree) members(n *node, y *yaml.Node, depth int) error {
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		item, err := t.value(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if key.Value != "<<" {
			n.names, n.items = append(n.names, key.Value), append(n.items, item)
			continue
		}
		merged = append(merged, item.list()...)
	}
	for _, from := range merged {
		if t.count += len(from.items); t.count > maxValues {
			return errMany
		}
		if from.kind == isObject && from != n {
			n.names, n.items = append(n.names, from.names...), append(n.items, from.items...)
		}
	}
	return nil
}

// yamlScalar gives a plain word its kind.
func yamlScalar(y *yaml.Node) (kind, string) {
	if y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return isText, y.Value
	}
	switch y.ShortTag() {
	case "!!null":
		return isNull, y.Value
	case "!!bool":
		return isBool, strings.ToLower(y.Value)
	case "!!int", "!!float":
		return isNumber, y.Value
	}
	return isText, y.Value
}
