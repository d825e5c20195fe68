package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML reads every document of a YAML text. Anchors, aliases, merge keys and tags are refused: a
// definition means what it says where it stands, and a small text cannot grow into a large value.
func readYAML(data []byte) ([]node, *syntax) {
	if separators(data) > maxValues {
		return nil, &syntax{spot{line: 1}, tooMany}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var documents []node
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, yamlSyntax(err)
		}
		for _, content := range document.Content {
			n, bad := fromYAML(content, 0)
			if bad != nil {
				return nil, bad
			}
			documents = append(documents, n)
		}
	}
}

// separators bounds the number of values in a YAML text from above, before memory is spent on them.
func separators(data []byte) int {
	count := 0
	for _, c := range data {
		switch c {
		case ',', '[', '{', '\n', '\r', '-', '?':
			count++
		}
	}
	return count
}

// yamlSyntax turns the library's "yaml: line 3: …" into ours. It knows the line, but no column.
func yamlSyntax(err error) *syntax {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var line int
	if _, scanned := fmt.Sscanf(text, "line %d:", &line); scanned == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	return &syntax{spot{line: max(line, 1)}, text}
}

func fromYAML(y *yaml.Node, depth int) (node, *syntax) {
	n := node{at: spot{line: y.Line, column: y.Column}}
	refuse := func(message string) (node, *syntax) { return n, &syntax{n.at, message} }
	switch {
	case depth > MaxDepth:
		return refuse(tooDeep)
	case y.Kind == yaml.AliasNode || y.Anchor != "":
		return refuse("anchors (&) and aliases (*) are not read; put a value that begins with one in quotes")
	case y.Kind == yaml.MappingNode && y.ShortTag() == "!!map":
		n.kind = isObject
		bad := yamlMembers(&n, y, depth)
		return n, bad
	case y.Kind == yaml.SequenceNode && y.ShortTag() == "!!seq":
		n.kind = isList
		for _, content := range y.Content {
			item, bad := fromYAML(content, depth+1)
			if bad != nil {
				return n, bad
			}
			n.twice = n.twice || item.twice
			n.items = append(n.items, item)
		}
		return n, nil
	case y.Kind != yaml.ScalarNode || y.Style&yaml.TaggedStyle != 0 && y.ShortTag() != "!!str":
		return refuse("tags such as " + y.ShortTag() + " are not read; put a value that begins with ! in quotes")
	}
	n.kind, n.text = scalar(y)
	return n, nil
}

func yamlMembers(n *node, y *yaml.Node, depth int) *syntax {
	var seen names
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		at := spot{line: key.Line, column: key.Column}
		switch {
		case key.Kind != yaml.ScalarNode:
			return &syntax{at, "a name must be text; put a value that begins with { or [ in quotes"}
		case key.ShortTag() == "!!merge" || key.Anchor != "":
			return &syntax{at, "merge keys (<<) and anchors (&) are not read"}
		}
		value, bad := fromYAML(y.Content[i+1], depth+1)
		if bad != nil {
			return bad
		}
		n.twice = !seen.add(key.Value) || value.twice || n.twice
		n.members = append(n.members, member{key.Value, at, value})
	}
	return nil
}

// scalar gives a plain word its kind. Only what JSON too would call a number is one: 007, 0x1F, 1_000 and
// dates stay the text that they are.
func scalar(y *yaml.Node) (kind, string) {
	if y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return isText, y.Value
	}
	switch y.ShortTag() {
	case "!!null":
		return isNull, y.Value
	case "!!bool":
		return isBool, strings.ToLower(y.Value)
	case "!!int", "!!float":
		if json.Valid([]byte(y.Value)) {
			return isNumber, y.Value
		}
	}
	return isText, y.Value
}
