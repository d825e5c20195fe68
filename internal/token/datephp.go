package token

import (
	"strconv"
	"strings"
	"time"
)

// isLayout tells a Go layout from a pattern in PHP's letters: layouts hold digits, patterns do not.
func isLayout(pattern string) bool { return strings.ContainsAny(pattern, "0123456789") }

const phpLetters = "dDjlNwzWFmMntLoYyaAgGhHisuveIOPTZcrU"

// badLetter gives the first letter of a pattern that stands for nothing, or "".
func badLetter(pattern string) string {
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '\\' {
			i++
			continue
		}
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if letter && strings.IndexByte(phpLetters, c) < 0 {
			return string(c)
		}
	}
	return ""
}

// formatPHP writes a moment by PHP's date() letters; a backslash takes the next character as it is.
func formatPHP(t time.Time, pattern string) string {
	var out strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '\\' && i+1 < len(pattern) {
			i++
			out.WriteByte(pattern[i])
			continue
		}
		if layout, ok := phpLayout(c); ok {
			out.WriteString(t.Format(layout))
		} else {
			out.WriteString(phpNumber(t, c))
		}
	}
	return out.String()
}

// phpLayout gives the Go layout of a letter that has one.
func phpLayout(c byte) (string, bool) {
	switch c {
	case 'd':
		return "02", true
	case 'D':
		return "Mon", true
	case 'j':
		return "2", true
	case 'l':
		return "Monday", true
	case 'F':
		return "January", true
	case 'm':
		return "01", true
	case 'M':
		return "Jan", true
	case 'n':
		return "1", true
	case 'Y':
		return "2006", true
	case 'y':
		return "06", true
	case 'a':
		return "pm", true
	case 'A':
		return "PM", true
	case 'g':
		return "3", true
	case 'h':
		return "03", true
	case 'H':
		return "15", true
	case 'i':
		return "04", true
	case 's':
		return "05", true
	case 'O':
		return "-0700", true
	case 'P':
		return "-07:00", true
	case 'T':
		return "MST", true
	case 'c':
		return "2006-01-02T15:04:05-07:00", true
	case 'r':
		return time.RFC1123Z, true
	}
	return "", false
}

// phpNumber writes the letters that Go's layouts do not have; other characters stay.
func phpNumber(t time.Time, c byte) string {
	switch c {
	case 'N':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'z':
		return strconv.Itoa(t.YearDay() - 1)
	case 'G':
		return strconv.Itoa(t.Hour())
	case 't':
		return strconv.Itoa(time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day())
	case 'L', 'I':
		leap := time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() == 366
		if c == 'L' && leap || c == 'I' && t.IsDST() {
			return "1"
		}
		return "0"
	case 'W', 'o':
		year, week := t.ISOWeek()
		if c == 'o' {
			return strconv.Itoa(year)
		}
		return strconv.Itoa(week/10) + strconv.Itoa(week%10)
	case 'u':
		return t.Format(".000000")[1:]
	case 'v':
		return t.Format(".000")[1:]
	case 'e':
		return t.Location().String()
	case 'U':
		return strconv.FormatInt(t.Unix(), 10)
	case 'Z':
		_, offset := t.Zone()
		return strconv.Itoa(offset)
	}
	return string(c)
}
