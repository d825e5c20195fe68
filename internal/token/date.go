package token

import (
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must be known on machines without a zone database
)

// DatePattern is one of the named patterns of the date filter. Pattern is in the letters of PHP's date().
type DatePattern struct {
	Name    string
	Pattern string
	Example string
}

// DatePatterns are the named patterns, in the order of the help text.
func DatePatterns() []DatePattern {
	return []DatePattern{
		{"System default", "", "as it came"},
		{"Standard", "Y-m-d H:i:s", "2024-03-15 14:30:00"},
		{"Date only", "Y-m-d", "2024-03-15"},
		{"US", "m/d/Y", "03/15/2024"},
		{"Full verbose", "D M j G:i:s T Y", "Fri Mar 15 14:30:00 MST 2024"},
		{"Short European", "j-m-y", "15-03-24"},
		{"Compact numeric", "Ymd", "20240315"},
		{"Dotted short", "m.d.y", "03.15.24"},
		{"US with time, 12 h", "m/d/y g:i a", "03/15/24 2:30 pm"},
		{"US short", "m/d/y", "03/15/24"},
		{"Full month name", "F j, Y, g:i a", "March 15, 2024, 2:30 pm"},
		{"Comma-separated", "j, n, Y", "15, 3, 2024"},
		{"ISO 8601", `Y-m-d\TH:i:s`, "2024-03-15T14:30:00"},
		{"Unix timestamp", "timestamp", "1710520200"},
		{"Current age", "age", "from a date of birth"},
		{"Compact UTC", `Ymd\THis\Z`, "20240315T143000Z"},
		{"US with time, 24 h", "m/d/Y H:i:s", "03/15/2024 14:30:00"},
	}
}

// patternOf gives the pattern behind a name, or the text itself.
func patternOf(arg string) string {
	for _, p := range DatePatterns() {
		if strings.EqualFold(p.Name, arg) {
			return p.Pattern
		}
	}
	if strings.Contains(strings.ToUpper(arg), "YYYY") {
		return fromCapitals.Replace(arg)
	}
	return arg
}

// fromCapitals reads the other usual way to write a pattern, such as YYYY-MM-DD HH:mm:ss.
var fromCapitals = strings.NewReplacer("YYYY", "Y", "yyyy", "Y", "MMMM", "F", "MMM", "M", "MM", "m", "DD", "d", "dd", "d", "HH", "H", "hh", "h",
	"mm", "i", "ss", "s", "SSS", "v", "T", `\T`, "Z", "P")

func checkDate(args []string) string {
	p := patternOf(args[0])
	if p != "" && p != "timestamp" && p != "age" && !isLayout(p) {
		if bad := badLetter(p); bad != "" {
			return "The date pattern has the letter " + bad + ", which stands for nothing. Write \\" + bad + " for the letter itself, or a Go layout such as 2006-01-02."
		}
	}
	zones := 0
	for _, zone := range args[1:] {
		if _, ok := shiftOf(zone); ok {
			continue
		}
		if zones++; zones > 2 {
			return "A date is written in one time zone and read in one other: name two at most."
		}
		if _, err := time.LoadLocation(zone); err != nil {
			return strconv.Quote(zone) + " is not a time zone; write one such as Europe/Amsterdam or UTC."
		}
	}
	return ""
}

// shiftOf reads a span of time with its sign, such as -10m, +2h or -1d.
func shiftOf(arg string) (time.Duration, bool) {
	if len(arg) < 3 || arg[0] != '-' && arg[0] != '+' {
		return 0, false
	}
	if days, ok := strings.CutSuffix(arg, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > -3660 && n < 3660
	}
	d, err := time.ParseDuration(arg)
	return d, err == nil
}

// applyDate writes a moment by a pattern: date:"pattern","to zone","from zone". A value without an offset is
// taken to be in the from zone, UTC by default; the result is in the to zone, else in the value's own. A span with
// its sign among the arguments moves the moment: date:"Y-m-d","-10m".
func applyDate(in Value, args []string, env Env) (Value, error) {
	pattern := patternOf(args[0])
	written := strings.TrimSpace(Text(in.Data))
	if written == "" || pattern == "" {
		return Value{Data: written}, nil
	}
	from := time.UTC
	if len(env.zones) == 2 {
		from = env.zones[1]
	}
	t, ok := parseTime(written, from)
	if !ok {
		return Value{}, &FilterError{"date", "the value is not a date or time that can be read"}
	}
	for _, arg := range args[1:] {
		if d, ok := shiftOf(arg); ok {
			t = t.Add(d)
		}
	}
	if len(env.zones) > 0 {
		t = t.In(env.zones[0])
	}
	switch pattern {
	case "timestamp":
		return Value{Data: strconv.FormatInt(t.Unix(), 10)}, nil
	case "age":
		return Value{Data: strconv.Itoa(age(t, env.Now.In(t.Location())))}, nil
	case `Ymd\THis\Z`:
		t = t.UTC()
	}
	if isLayout(pattern) {
		return Value{Data: t.Format(pattern)}, nil
	}
	return Value{Data: formatPHP(t, pattern)}, nil
}

func applyUnix(in Value, args []string, _ Env) (Value, error) {
	written := strings.TrimSpace(Text(in.Data))
	if written == "" {
		return Value{Data: ""}, nil
	}
	t, ok := parseTime(written, time.UTC)
	if !ok {
		return Value{}, &FilterError{"unix", "the value is not a date or time that can be read"}
	}
	if len(args) == 1 && args[0] == "ms" {
		return Value{Data: strconv.FormatInt(t.UnixMilli(), 10)}, nil
	}
	return Value{Data: strconv.FormatInt(t.Unix(), 10)}, nil
}

// zonesOf loads zones that checkDate has seen already, once for each template.
func zonesOf(names []string) []*time.Location {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, ok := shiftOf(name)
		return ok
	})
	zones := make([]*time.Location, len(names))
	for i, name := range names {
		loc, err := time.LoadLocation(name)
		if err != nil {
			loc = time.UTC
		}
		zones[i] = loc
	}
	return zones
}

// layouts are the forms in which a moment may come, tried in order.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04",
	"2006-01-02", "01/02/2006 15:04:05", "01/02/2006 15:04", "01/02/2006", "1/2/2006", "20060102T150405Z", "20060102T150405",
	"20060102", time.RFC1123Z, time.RFC1123, time.ANSIC, time.UnixDate, "January 2, 2006", "Jan 2, 2006",
}

// parseTime reads a moment. Digits alone are Unix seconds, from twelve digits on milliseconds; eight digits
// are a date.
func parseTime(s string, from *time.Location) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(strings.TrimPrefix(s, "-")) != 8 {
		if n >= 1e11 || n <= -1e11 {
			return time.UnixMilli(n).UTC(), n < 1e15
		}
		return time.Unix(n, 0).UTC(), true
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, from); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// age is the number of whole years between a birth and now.
func age(birth, now time.Time) int {
	years := now.Year() - birth.Year()
	if now.Month() < birth.Month() || now.Month() == birth.Month() && now.Day() < birth.Day() {
		years--
	}
	return max(years, 0)
}

// Date writes a moment by a pattern as the date filter does; zone "" leaves it in its own. The error is a
// *FilterError that does not hold the value.
func Date(value any, pattern, zone string, now time.Time) (string, error) {
	args := []string{pattern}
	if zone != "" {
		args = append(args, zone)
	}
	out, err := applyDate(Value{Data: value}, args, Env{Now: now, zones: zonesOf(args[1:])})
	if err != nil {
		return "", err
	}
	return Text(out.Data), nil
}

// CheckDate says what is wrong with a pattern, or with a time zone, of the date filter; "" where it is fine.
func CheckDate(pattern, zone string) string {
	if zone == "" {
		return checkDate([]string{pattern})
	}
	return checkDate([]string{pattern, zone})
}
