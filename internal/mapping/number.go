package mapping

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
)

// decimal is a number as people and systems write it: digits, perhaps with commas between thousands.
var decimal = regexp.MustCompile(`^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d{1,3})?$`)

var numberForm = regexp.MustCompile(`^((#,##)?0(\.0{1,10})?)?$`)

// numberFormat tells whether a format of numbers can be used.
func numberFormat(format string) bool { return numberForm.MatchString(format) }

// formatNumber reads a number exactly. Without a format it keeps its digits; 0.00 rounds half away from zero
// to as many decimals; with #,## the result is a text with commas.
func formatNumber(text, format string) (any, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 400 || !decimal.MatchString(text) || !strings.ContainsAny(text, "0123456789") {
		return nil, false
	}
	text = strings.TrimPrefix(strings.ReplaceAll(text, ",", ""), "+")
	if format == "" {
		return json.Number(asJSON(text)), true
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, false
	}
	decimals := 0
	if _, zeros, cut := strings.Cut(format, "."); cut {
		decimals = len(zeros)
	}
	rounded := exact.FloatString(decimals)
	if strings.Trim(rounded, "-0.") == "" {
		rounded = strings.TrimPrefix(rounded, "-")
	}
	if strings.HasPrefix(format, "#") {
		return thousands(rounded), true
	}
	return json.Number(rounded), true
}

// asJSON is a number in the grammar of JSON, with the digits it has.
func asJSON(text string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = "-", rest
	}
	text = strings.TrimLeft(text, "0")
	if text == "" || !strings.ContainsAny(text[:1], "123456789") {
		text = "0" + text
	}
	return sign + text
}

func thousands(number string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "-", rest
	}
	whole, fraction, cut := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if cut {
		whole += "." + fraction
	}
	return sign + whole
}
