package token

import "strings"

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func checkE164(args []string) string {
	if len(args) == 1 {
		code := digits(args[0])
		if code == "" || len(code) > 3 || strings.Trim(args[0], "+0123456789") != "" {
			return "The country calling code of e164 is 1 to 3 digits, as in e164:\"1\" or e164:\"+31\"."
		}
	}
	return ""
}

// applyE164 writes a telephone number as + and digits. A number that starts with + or 00 is international
// already; others get the country calling code of the argument, without their trunk 0 (kept for 39, where it
// is part of the number). Without an argument the digits are taken to be international,
// which no number is that begins with 0.
func applyE164(in Value, args []string, _ Env) (Value, error) {
	written := strings.TrimSpace(Text(in.Data))
	if written == "" {
		return Value{Data: ""}, nil
	}
	number := digits(written)
	switch {
	case strings.HasPrefix(written, "+"):
	case strings.HasPrefix(number, "00"):
		number = number[2:]
	case len(args) == 1:
		number = withCode(number, digits(args[0]))
	}
	if strings.HasPrefix(number, "0") {
		return Value{}, &FilterError{"e164", "the number begins with 0 and has no country calling code: name the code, as in e164:\"31\""}
	}
	if len(number) < 5 || len(number) > 15 {
		return Value{}, &FilterError{"e164", "the value is not a telephone number: 5 to 15 digits are needed"}
	}
	return Value{Data: "+" + number}, nil
}

// withCode puts a country calling code before a national number. A long number that starts with the code
// has it already: eleven digits for 1, more than nine behind the code elsewhere.
func withCode(number, code string) string {
	rest, has := strings.CutPrefix(number, code)
	switch {
	case has && code == "1" && len(number) == 11:
		return number
	case has && code != "1" && len(rest) >= 9:
		return number
	case code == "39":
		return code + number
	}
	return code + strings.TrimPrefix(number, "0")
}
