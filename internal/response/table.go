package response

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseText reads a text as items between delimiters. Every item stands under its position; an item with "="
// or ":" in it also gives its value a name. Without a delimiter the whole text is the one item.
func parseText(s, delimiter string) (*node, *flaw) {
	s = strings.Trim(s, "\r\n")
	items := []string{s}
	if delimiter = unescapeDelimiter(delimiter); delimiter != "" {
		if strings.Count(s, delimiter) >= maxNodes {
			return nil, &flaw{what: "the answer holds more than 100,000 items", tooMuch: true}
		}
		items = strings.Split(s, delimiter)
	}
	n := &node{kind: kindObject}
	var named []node
	for i, item := range items {
		item = strings.TrimSpace(item)
		n.kids = append(n.kids, node{key: strconv.Itoa(i), kind: kindText, text: item})
		if sign := strings.IndexAny(item, "=:"); sign > 0 {
			named = append(named, node{key: strings.TrimSpace(item[:sign]), kind: kindText, text: strings.TrimSpace(item[sign+1:])})
		}
	}
	n.kids = append(n.kids, named...)
	return n, nil
}

// unescapeDelimiter reads \n, \r and \t in a delimiter.
func unescapeDelimiter(d string) string {
	return strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\t`, "\t", `\\`, `\`).Replace(d)
}

// parseCSV reads a table with a header line: a list of rows whose cells have the names of their columns and
// can be named by position as well. Without a delimiter the header line decides between comma, semicolon, tab
// and pipe.
func parseCSV(s, delimiter string) (*node, *flaw) {
	reader := csv.NewReader(strings.NewReader(s))
	reader.Comma = comma(s, unescapeDelimiter(delimiter))
	reader.ReuseRecord = true
	reader.TrimLeadingSpace = true
	var header []string
	n := &node{kind: kindList}
	for cells := 0; ; {
		start := reader.InputOffset()
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return nil, csvFlaw(s, err, start, len(header), len(record))
		}
		if header == nil {
			header = append(header, record...)
			continue
		}
		if cells += 1 + len(record); cells > maxNodes {
			return nil, &flaw{offset: int(start), what: "the table holds more than 100,000 cells", tooMuch: true}
		}
		row := node{kind: kindObject, row: true}
		for i, cell := range record {
			row.kids = append(row.kids, node{key: strings.TrimSpace(header[i]), kind: kindText, text: cell})
		}
		n.kids = append(n.kids, row)
	}
}

func comma(s, delimiter string) rune {
	if r, _ := utf8.DecodeRuneInString(delimiter); delimiter != "" && r != '"' && r != '\r' && r != '\n' && r != utf8.RuneError {
		return r
	}
	head, _, _ := strings.Cut(s, "\n")
	best, most := ',', strings.Count(head, ",")
	for _, c := range ";\t|" {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func csvFlaw(s string, err error, start int64, want, got int) *flaw {
	f := &flaw{offset: int(start), what: "the table cannot be read here", hint: "The vendor's answer is not a clean CSV table. Send the vendor this position."}
	bad, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return f
	}
	f.offset = offsetOf(s, bad.Line, bad.Column)
	switch {
	case errors.Is(bad.Err, csv.ErrFieldCount):
		f.what = "this line has " + plural(got, "cell") + ", the header line has " + strconv.Itoa(want)
		f.hint = "Check that the delimiter is right; a cell that holds the delimiter must stand in double quotes."
	case errors.Is(bad.Err, csv.ErrQuote), errors.Is(bad.Err, csv.ErrBareQuote):
		f.what = "a double quote stands where it does not belong"
		f.hint = "A double quote inside a cell must be written twice. Send the vendor this position."
	}
	return f
}

func offsetOf(s string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return min(at+max(column-1, 0), len(s))
}
