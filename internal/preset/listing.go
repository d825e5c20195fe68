package preset

import (
	"fmt"
	"slices"
	"strings"
)

// The text form of a catalogue: one line for each entity, path and operation, in this order.
//
//	@company	AddressFormats
//	/company/addressFormats
//	GET	lp	Get List of AddressFormat
//	POST	b	Post AddressFormat
//
// The second column has one letter for each fact: b a JSON body, m a multipart body, p pages, l the query
// parameters of a list. Further query parameters stand behind the name, with commas between them.

// listParameters are the query parameters that a list of ConnectWise takes.
var listParameters = []string{
	"conditions", "childConditions", "customFieldConditions", "orderBy", "fields", "page", "pageSize", "pageId",
}

// EncodeOperations writes operations in the text form. What DecodeOperations makes of it is the same again.
func EncodeOperations(all []Operation) string {
	var b strings.Builder
	entity, path := "", ""
	for _, o := range all {
		if of := "@" + o.Group + "\t" + o.Entity + "\n"; of != entity {
			b.WriteString(of)
			entity, path = of, ""
		}
		if o.Path != path {
			b.WriteString(o.Path + "\n")
			path = o.Path
		}
		letters, more := factsOf(o)
		b.WriteString(o.Method + "\t" + letters + "\t" + o.Name)
		if len(more) > 0 {
			b.WriteString("\t" + strings.Join(more, ","))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// factsOf are the letters of an operation, and the query parameters that no letter stands for.
func factsOf(o Operation) (letters string, more []string) {
	for _, p := range o.Parameters {
		if p.In == "query" {
			more = append(more, p.Name)
		}
	}
	if n := len(more) - len(listParameters); n >= 0 && slices.Equal(more[n:], listParameters) {
		letters, more = "l", more[:n]
	}
	switch o.Body {
	case "json":
		letters += "b"
	case "multipart":
		letters += "m"
	}
	if o.Paginated {
		letters += "p"
	}
	return letters, more
}

// DecodeOperations reads the text form. Names and paths share the text's memory.
func DecodeOperations(text string) ([]Operation, error) {
	d := decoder{shared: map[string][]Parameter{}}
	for number := 1; text != ""; number++ {
		line, rest, _ := strings.Cut(text, "\n")
		if !d.line(line) {
			return nil, fmt.Errorf("line %d of the catalogue cannot be read: %q", number, line)
		}
		text = rest
	}
	return d.all, nil
}

// decoder holds the entity and the path that the next operations belong to.
type decoder struct {
	group, entity, path string
	slots               []string
	shared              map[string][]Parameter
	all                 []Operation
}

func (d *decoder) line(line string) bool {
	switch {
	case strings.HasPrefix(line, "@"):
		d.group, d.entity, _ = strings.Cut(line[1:], "\t")
		return d.group != "" && d.entity != ""
	case strings.HasPrefix(line, "/"):
		d.path, d.slots = line, Placeholders(line)
		return d.entity != ""
	}
	columns := strings.SplitN(line, "\t", 4)
	if len(columns) < 3 || d.path == "" {
		return false
	}
	o := Operation{Group: d.group, Entity: d.entity, Path: d.path, Method: columns[0], Name: columns[2]}
	letters, more := columns[1], ""
	if len(columns) == 4 {
		more = columns[3]
	}
	switch {
	case strings.Contains(letters, "b"):
		o.Body = "json"
	case strings.Contains(letters, "m"):
		o.Body = "multipart"
	}
	o.Paginated = strings.Contains(letters, "p")
	o.Parameters = d.parameters(strings.Contains(letters, "l"), more)
	d.all = append(d.all, o)
	return true
}

// parameters gives the parameters of an operation; operations with the same ones share them.
func (d *decoder) parameters(list bool, more string) []Parameter {
	key := fmt.Sprint(d.slots, list, more)
	if known, ok := d.shared[key]; ok {
		return known
	}
	var all []Parameter
	for _, name := range d.slots {
		all = append(all, Parameter{Name: name, In: "path"})
	}
	for name := range strings.SplitSeq(more, ",") {
		if name != "" {
			all = append(all, Parameter{Name: name, In: "query"})
		}
	}
	if list {
		for _, name := range listParameters {
			all = append(all, Parameter{Name: name, In: "query"})
		}
	}
	d.shared[key] = all
	return all
}
