package integration

// Mapping is how data becomes parameters: rows for what can be said row by row, and one program for the rest.
// An endpoint names it; several may name the same.
type Mapping struct {
	Name     string   `json:"name"`
	Envelope string   `json:"envelope,omitempty"` // none (default), hubspot_v1, hubspot_v3
	Rows     []MapRow `json:"rows,omitempty"`
	Program  string   `json:"program,omitempty"` // jq; it reads what the rows made and gives what is sent
}

// MapRow is one rule of a mapping. From is the dotted name of a value as a bare token names it, or a template
// where it holds {{ or ${. To is a list of names, divided by commas; dots make nested objects, numbers lists.
//
// What the operations do: copy sends the value; set sends From as a text (Format json: as a value of JSON); default
// fills what is still missing or empty; lookup translates by Table, where * stands for every other value; date
// writes a moment by the pattern Format in Zone; number reads an exact decimal (Format 0.00 or #,##0.00); concat
// joins the values that From lists with Format between them; remove takes out what rules above have set; filter
// drops the record where When holds, with Default as the reason, or with Format unchanged where the rules above
// made the same for the identifier From as when it was last sent; split makes one record of every item of the
// list From for the rules below; json_patch adds {op: Format, path: To, value}.
type MapRow struct {
	Op      string            `json:"op,omitempty"` // one of MapOps; copy by default
	From    string            `json:"from,omitempty"`
	To      string            `json:"to,omitempty"`
	Default string            `json:"default,omitempty"` // taken where the value is missing or empty
	Format  string            `json:"format,omitempty"`  // what it means is the operation's matter
	Zone    string            `json:"zone,omitempty"`    // the time zone of dates; their own by default
	Table   map[string]string `json:"table,omitempty"`   // of lookup
	When    *Success          `json:"when,omitempty"`    // the row counts only where this holds
}

// MapOps are what a row of a mapping can do.
func MapOps() []string {
	return []string{"set", "copy", "default", "lookup", "date", "number", "concat", "remove", "filter", "split", "json_patch"}
}

// Envelopes are the shapes that a mapping's values may be put into.
func Envelopes() []string { return []string{"none", "hubspot_v1", "hubspot_v3"} }

// Mapping finds a mapping by name.
func (in Integration) Mapping(name string) (Mapping, bool) {
	for _, m := range in.Mappings {
		if m.Name == name {
			return m, true
		}
	}
	return Mapping{}, false
}
