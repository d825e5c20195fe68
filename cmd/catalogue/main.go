// Command catalogue makes the embedded catalogue of operations from a table of facts: tab-separated text with a
// line of headings, one operation a line, with the columns group, entity, display ("Entity - Name"), method, path,
// query_params (with commas between them), body (none, required, optional), body_content_type and paginated.
//
//	go run ./cmd/catalogue -table operations.tsv -out internal/preset/connectwise.txt.gz
//
// The same table always gives the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"tieline/internal/preset"
)

func main() {
	table := flag.String("table", "", "the table of facts")
	out := flag.String("out", "internal/preset/connectwise.txt.gz", "the file to write")
	flag.Parse()
	if err := run(*table, *out, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "catalogue:", err)
		os.Exit(1)
	}
}

func run(table, out string, told io.Writer) error {
	text, err := os.ReadFile(table) //nolint:gosec // the path is what the command is asked to read
	if err != nil {
		return err
	}
	all, err := operations(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	packed, err := pack(preset.EncodeOperations(all))
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, packed, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(told, "%s: %d operations in %d bytes\n", out, len(all), len(packed))
	return err
}

// operations reads the table.
func operations(text string) ([]preset.Operation, error) {
	head, rest, _ := strings.Cut(text, "\n")
	column := map[string]int{}
	for i, name := range strings.Split(head, "\t") {
		column[name] = i
	}
	for _, name := range []string{"group", "entity", "display", "method", "path", "query_params", "body", "body_content_type", "paginated"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("there is no column %s", name)
		}
	}
	var all []preset.Operation
	number := 1
	for line := range strings.SplitSeq(strings.TrimRight(rest, "\n"), "\n") {
		number++
		cells := strings.Split(line, "\t")
		if len(cells) != len(column) {
			return nil, fmt.Errorf("line %d has %d columns, not %d", number, len(cells), len(column))
		}
		o, err := operation(func(name string) string { return cells[column[name]] })
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		all = append(all, o)
	}
	return all, nil
}

func operation(cell func(string) string) (preset.Operation, error) {
	o := preset.Operation{
		Group: cell("group"), Entity: cell("entity"), Method: cell("method"), Path: cell("path"), Paginated: cell("paginated") == "true",
	}
	name, ok := strings.CutPrefix(cell("display"), o.Entity+" - ")
	if !ok {
		return o, fmt.Errorf("the display name %q does not begin with the entity", cell("display"))
	}
	o.Name = name
	for _, slot := range preset.Placeholders(o.Path) {
		o.Parameters = append(o.Parameters, preset.Parameter{Name: slot, In: "path"})
	}
	for param := range strings.SplitSeq(cell("query_params"), ",") {
		if param != "" {
			o.Parameters = append(o.Parameters, preset.Parameter{Name: param, In: "query"})
		}
	}
	if cell("body") != "none" {
		o.Body = "json"
		if cell("body_content_type") == "multipart/form-data" {
			o.Body = "multipart"
		}
	}
	return o, nil
}

// pack compresses without a name or a time, so that the same text gives the same bytes.
func pack(text string) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write([]byte(text)); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
