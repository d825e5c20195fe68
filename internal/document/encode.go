package document

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// JSON is a value as canonical, indented JSON with the names that Decode reads, ending in a line break. Empty
// optional fields are left out; a json.RawMessage is written byte for byte.
func JSON(value any) []byte {
	n := tree(reflect.ValueOf(value))
	return append(n.appendJSON(nil, "", "  "), '\n')
}

// YAML is a value as canonical YAML: fields in their order, text of several lines as a block, short rows on
// one line. Decode reads it back to an equal value as long as all text is UTF-8.
func YAML(value any) ([]byte, error) {
	n := tree(reflect.ValueOf(value))
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(n.yaml()); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out.Bytes(), nil
}

func (n *node) yaml() *yaml.Node {
	var style yaml.Style
	if n.small() && !n.tall() {
		style = yaml.FlowStyle
	}
	switch n.kind {
	case isNull:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case isBool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: n.text}
	case isNumber: // without a tag: the library has its own idea of which literals are ints
		return &yaml.Node{Kind: yaml.ScalarNode, Value: n.text}
	case isText:
		return yamlText(n.text)
	case isList:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: style}
		for i := range n.items {
			list.Content = append(list.Content, n.items[i].yaml())
		}
		return list
	case isObject:
		object := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: style}
		for i := range n.members {
			object.Content = append(object.Content, yamlText(n.members[i].name), n.members[i].value.yaml())
		}
		return object
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

// tall tells whether a list or object holds text of several lines, which needs a block.
func (n *node) tall() bool {
	for i := range n.items {
		if strings.Contains(n.items[i].text, "\n") {
			return true
		}
	}
	for i := range n.members {
		if strings.Contains(n.members[i].value.text, "\n") {
			return true
		}
	}
	return false
}

// yamlText writes a text so that every YAML reader takes it as text: plain only where nothing can be mistaken.
func yamlText(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
	switch {
	case plain(text):
		n.Style = 0
	case block(text):
		n.Style = yaml.LiteralStyle
	case strings.ContainsAny(text, `"\`) && !strings.Contains(text, "'") && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		n.Style = yaml.SingleQuotedStyle // nothing to escape
	}
	return n
}

// plain tells whether a text may stand without quotes: it begins with a letter or slash, holds nothing that
// means something in YAML, and is none of the words that some reader takes for a switch or for nothing.
func plain(text string) bool {
	switch strings.ToLower(text) {
	case "", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf":
		return false
	}
	first, _ := utf8.DecodeRuneInString(text)
	if !unicode.IsLetter(first) && first != '/' || strings.HasSuffix(text, " ") {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _-./@+=%&;()'", r) || r == utf8.RuneError
	})
}

// block tells whether a text of several lines can be a literal block without losing a character.
func block(text string) bool {
	if !strings.Contains(text, "\n") || strings.HasPrefix(text, "\n") {
		return false
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != strings.TrimRightFunc(line, unicode.IsSpace) || strings.HasPrefix(text, " ") || strings.HasPrefix(line, "\t") {
			return false
		}
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && !unicode.IsPrint(r) || r == utf8.RuneError
	})
}
