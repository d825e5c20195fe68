package token

import (
	"maps"
	"slices"
	"strings"
)

// The lookup filter takes its table as one argument: pairs with a comma between them, each "from=to". A comma,
// an equals sign or a backslash that belongs to a text has a backslash before it. The pair "*=to" takes
// every other value; without it a value that is not in the table stays as it is. Spaces around commas and
// equals signs do not count; letters' case does.

func checkLookup(args []string) string {
	for _, pair := range SplitEscaped(args[0], ',') {
		if len(SplitEscaped(pair, '=')) != 2 {
			return "The table of lookup has the part \"" + pair + "\" where from=to is expected, as in lookup:\"HU=Hung up,SALE=Sold\"."
		}
	}
	return ""
}

func applyLookup(in Value, args []string, _ Env) (Value, error) {
	value := Text(in.Data)
	other, hasOther := "", false
	for _, pair := range SplitEscaped(args[0], ',') {
		sides := SplitEscaped(pair, '=')
		if len(sides) != 2 {
			continue
		}
		from := strings.TrimSpace(sides[0])
		to := unescape(strings.TrimSpace(sides[1]))
		if unescape(from) == value && from != "*" {
			return Value{Data: to}, nil
		}
		if from == "*" && !hasOther {
			other, hasOther = to, true
		}
	}
	if hasOther {
		return Value{Data: other}, nil
	}
	return in, nil
}

// SplitEscaped cuts at every separator that has no backslash before it.
func SplitEscaped(s string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`,=\*`, s[i+1]) >= 0 {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
