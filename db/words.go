package db

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tieline/internal/id"
	"tieline/internal/run"
)

// The search index holds words that are cut here, the same for both engines: runs of letters and digits in lower
// case. Letters beyond ASCII are spelled as digits, since the engines' own ideas of them differ.

const (
	mostWords = 48 // of one run
	mostWord  = 64 // bytes
	mostAsked = 8  // words of one search
)

// wordsOf are the words that find a run: key, record, endpoint, integration, integrator, customer, cause, HTTP
// status and the beginning of the result.
func wordsOf(r run.Run) []string {
	list := make([]string, 0, 16)
	add := func(words ...string) {
		for _, w := range words {
			if len(list) < mostWords && !slices.Contains(list, w) {
				list = append(list, w)
			}
		}
	}
	add(customerWord(r.CustomerID))
	for _, text := range []string{r.Key, r.RecordID} {
		add(phone(text)...)
		add(split(fit(text, mostText))...)
	}
	add(split(r.RecordType + " " + r.Endpoint + " " + r.Integration + " " + r.Integrator + " " + r.Customer)...)
	if r.Failure != nil {
		add(strings.ToLower(strings.ReplaceAll(string(r.Failure.Cause), "_", "")))
		add(split(string(r.Failure.Cause))...)
		add(split(fit(r.Failure.Summary, mostText))...)
	}
	if r.HTTPStatus > 0 {
		add(strconv.Itoa(r.HTTPStatus))
	}
	if r.Result != nil {
		add(split(fit(*r.Result, mostText))...)
	}
	return list
}

// customerWord lets a search be narrowed to a customer inside the index; no typed word is like it.
func customerWord(customerID string) string {
	return "zzc" + strings.ReplaceAll(strings.ToLower(fit(customerID, 64)), "-", "")
}

// split cuts a text into words.
func split(text string) []string {
	if strings.IndexFunc(text, special) < 0 {
		return plainWords(text)
	}
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			w := b.String()
			words = append(words, w[:min(len(w), mostWord)])
			b.Reset()
		}
	}
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r + 'a' - 'A')
		case r >= 0x80 && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)):
			b.WriteString("0x" + strconv.FormatInt(int64(unicode.ToLower(r)), 16))
		default:
			flush()
		}
	}
	flush()
	return words
}

// special tells what is no plain letter of lower case, digit, or mark between words.
func special(r rune) bool { return r >= 0x80 || r >= 'A' && r <= 'Z' }

// plainWords is split for texts without anything special: the words stand in the text as they are.
func plainWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	for i, w := range words {
		words[i] = w[:min(len(w), mostWord)]
	}
	return words
}

// phone is the digits of a text that is written as a telephone number, as one word; else nothing.
func phone(text string) []string {
	var digits strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case !strings.ContainsRune("+-./() ", r):
			return nil
		}
	}
	if n := digits.Len(); n < 7 || n > 20 {
		return nil
	}
	return []string{digits.String()}
}

// asked is what somebody typed into a search: words that must all be there, or the id of one run.
type asked struct {
	words []string
	runID string
}

func ask(text string) asked {
	text = strings.TrimSpace(text)
	if id.Valid(strings.ToLower(text)) {
		return asked{runID: strings.ToLower(text)}
	}
	words := phone(text)
	if words == nil {
		words = split(fit(text, mostText))
	}
	return asked{words: words[:min(len(words), mostAsked)]}
}

// match is the search in the engine's own form: every word whole, or every word as a prefix, and one of the
// customers. Words hold nothing but ASCII letters and digits.
func (a asked) match(engine string, prefix bool, customers []string) string {
	and, or, star := " AND ", " OR ", "*"
	if engine == PostgreSQL {
		and, or, star = " & ", " | ", ":*"
	}
	if !prefix {
		star = ""
	}
	parts := make([]string, 0, len(a.words)+1)
	for _, w := range a.words {
		parts = append(parts, quoted(engine, w)+star)
	}
	if len(customers) > 0 {
		list := make([]string, len(customers))
		for i, c := range customers {
			list[i] = quoted(engine, customerWord(c))
		}
		parts = append(parts, "("+strings.Join(list, or)+")")
	}
	return strings.Join(parts, and)
}

func quoted(engine, word string) string {
	if engine == PostgreSQL {
		return "'" + word + "'"
	}
	return `"` + word + `"`
}

// vector is the stored form of words on PostgreSQL.
func vector(words string) string {
	if words == "" {
		return ""
	}
	return "'" + strings.ReplaceAll(words, " ", "' '") + "'"
}
