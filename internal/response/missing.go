package response

import (
	"slices"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// keyMissing explains a path that leads nowhere: how far it led, what is there instead, and what was probably
// meant.
func (r *reader) keyMissing(path string, segments []string, res resolution, name string) *run.Failure {
	f := &run.Failure{Cause: run.KeyMissing, Summary: "no " + path + " in the answer"}
	at := res.node
	if r.plain {
		f.Summary += ": it is plain text"
		f.Evidence = "The answer begins: " + quote(r.head(160)) + "."
		f.Hint = "Plain text has no names. Read what the vendor says; if that is right, set the response type to TEXT with a delimiter, or take the " + name + " away."
		return f
	}
	switch {
	case at.kind == kindList && len(at.kids) == 0:
		f.Summary = where(res.done) + " is an empty list"
		f.Hint = "Nothing was found. Look at the value that was searched for in Request; if nothing found is fine here, use the contract records without a response key."
	case at.kind == kindNull && len(res.done) == 0:
		f.Summary += ": the answer is null"
		f.Hint = "The vendor answered null: it has nothing for this record. Look the record up at the vendor."
	case at.kind == kindNull:
		f.Summary += ": " + where(res.done) + " is null"
		f.Hint = "The vendor has nothing at " + where(res.done) + " for this record. Look the record up at the vendor."
	case at.element && at.kind == kindText && at.text == "":
		f.Summary += ": " + where(res.done) + " is an empty element"
		f.Hint = "The vendor answered an empty element: nothing was found, or this call gives nothing back. Look at the values in Request."
	case at.row && len(at.kids) == 1 && strings.ContainsAny(at.kids[0].key, ",;|\t"):
		f.Hint = "The table was read as a single column: its cells seem to be separated by another sign. Set the delimiter of the endpoint to that sign."
	case at.kind == kindObject && len(at.kids) == 0:
		f.Summary += ": " + where(res.done) + " is an empty object"
		f.Hint = "The vendor answered with an empty object: nothing was found, or this call gives nothing back. Look at the values in Request."
	case at.kind == kindObject && !at.row:
		f.Summary += " (it has: " + clip(r.names(at), 60) + ")"
	}
	f.Evidence = r.extent(res)
	if said := r.vendorMessage(); said != "" && !strings.Contains(f.Evidence, said) && has(res.node, "message", "error", "errors", "msg", "detail", "errormessage") {
		f.Evidence += " The vendor says: " + quote(said) + "."
		if f.Hint == "" && r.suggestion(segments) == "" {
			f.Hint = "The vendor sent a message instead of the value. " + adviceFor(said)
		}
	}
	if f.Hint == "" {
		f.Hint = r.suggestion(segments)
	}
	if f.Hint == "" {
		f.Hint = "The vendor may have renamed or left out the value for this record. Open the answer under Response and click the value that should be the " + name + "."
	}
	return f
}

// where names how far a path led, for a person.
func where(done []string) string {
	if len(done) == 0 {
		return "the answer"
	}
	return joinPath(done)
}

// extent says how far a path led and what is there instead.
func (r *reader) extent(res resolution) string {
	at, next := res.node, res.rest[0]
	if next == "" {
		next = "a member without a name"
	}
	place := where(res.done)
	if len(res.done) == 0 {
		place = "The answer"
	}
	switch at.kind {
	case kindList:
		return place + r.extentOfList(at, next)
	case kindObject:
		if len(at.kids) == 0 {
			return place + " is an empty object."
		}
		return stop(place + " has no " + next + ". It has: " + r.names(at))
	case kindNull, kindBool, kindNumber, kindText:
	}
	return place + " is " + at.describe(r.hide) + " and has no " + next + " in it."
}

func (r *reader) extentOfList(at *node, next string) string {
	count := " is a list of " + plural(len(at.kids), "item")
	if len(at.kids) == 0 {
		return count + "."
	}
	if _, ok := position(next); ok {
		return count + " and has no position " + next + ". Positions go from 0 to " + strconv.Itoa(len(at.kids)-1) + "."
	}
	first := &at.kids[0]
	if first.kind == kindObject {
		return stop(count + ", not an object with " + next + "; its first item has: " + clip(r.names(first), 120))
	}
	return stop(count + ", not an object with " + next + "; its first item is " + first.describe(r.hide))
}

// candidate is a path of the answer that might have been meant, and how far it is from what was written.
type candidate struct {
	segments []string
	score    int
	why      string
}

// suggestion finds the path that was probably meant; "" where nothing comes near.
func (r *reader) suggestion(segments []string) string {
	if r.doc == nil || len(segments) == 0 {
		return ""
	}
	if other := otherNotation(joinRaw(segments)); other != nil {
		if res := resolve(r.doc, other); res.found() {
			return didYouMean(other, "paths are written with dots, positions in lists too")
		}
	}
	res := resolve(r.doc, segments)
	if !res.found() {
		if _, ok := res.node.step("@" + res.rest[0]); ok {
			return didYouMean(append(slices.Clone(res.done), "@"+res.rest[0]), "attributes are written with @")
		}
		if hint := insideText(res); hint != "" {
			return hint
		}
		if joined := strings.Join(res.rest, "."); len(res.rest) > 1 {
			if _, ok := res.node.step(joined); ok {
				return didYouMean(append(append([]string{}, res.done...), joined), "the name itself holds a dot, which is written with a backslash")
			}
		}
	}
	best := candidate{score: 1 << 30}
	visits := 0
	explore(r.doc, nil, &visits, func(path []string, _ *node) {
		if c := rate(path, segments); c.why != "" && (c.score < best.score || c.score == best.score && len(c.segments) < len(best.segments)) {
			best = c
		}
	})
	switch _, plain := res.node.scalar(); {
	case best.why != "":
		return didYouMean(best.segments, best.why)
	case plain && len(res.done) > 0 && !res.found():
		return didYouMean(res.done, "the value stands right there, with nothing inside it")
	}
	return ""
}

func didYouMean(segments []string, why string) string {
	return "Did you mean " + joinPath(segments) + "? " + sentence(why)
}

func joinRaw(segments []string) string { return strings.Join(segments, ".") }

// otherNotation rewrites $.a[0].b, a[0].b and /a/b; nil where the path is none of these.
func otherNotation(path string) []string {
	clean := strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	clean = strings.NewReplacer(`["`, ".", `"]`, "", "['", ".", "']", "", "[", ".", "]", "").Replace(clean)
	if strings.Contains(clean, "/") {
		clean = strings.Trim(strings.ReplaceAll(clean, "/", "."), ".")
	}
	clean = strings.Trim(clean, ".")
	if clean == path || clean == "" {
		return nil
	}
	return strings.Split(clean, ".")
}

// insideText knows JSON that was encoded twice.
func insideText(res resolution) string {
	if res.node.kind != kindText || !looksJSON(strings.TrimSpace(res.node.text)) {
		return ""
	}
	place := ""
	if len(res.done) > 0 {
		place = " at " + joinPath(res.done)
	}
	return "The vendor puts JSON into a text" + place + " (encoded twice), so a path cannot look inside. Ask the vendor to send it as an object."
}

// explore calls visit for every path near the top; of a list only the first item is looked at.
func explore(n *node, path []string, visits *int, visit func([]string, *node)) {
	if *visits++; *visits > 2000 || len(path) > 8 {
		return
	}
	if len(path) > 0 {
		visit(path, n)
	}
	for i := range n.kids {
		name := n.kids[i].key
		if n.kind == kindList {
			if i > 0 {
				return
			}
			name = "0"
		}
		explore(&n.kids[i], append(slices.Clip(path), name), visits, visit)
	}
}

// rate says how near a path of the answer is to the one that was written, the reason in words.
func rate(path, want []string) candidate {
	have, asked := withoutPositions(path), withoutPositions(want)
	if len(have) == 0 || len(asked) == 0 {
		return candidate{}
	}
	exact := strings.Join(have, "\x00") == strings.Join(asked, "\x00")
	c := candidate{segments: path}
	switch {
	case exact && len(path) > len(want):
		c.score, c.why = 1, "there is a list on the way, and its items have positions that start at 0"
	case exact && len(path) == len(want):
		c.score, c.why = 1, "positions in lists start at 0"
	case exact:
		c.score, c.why = 2, "there is no list there, so no position is needed"
	case foldAll(have, asked):
		c.score, c.why = 3, spelling(have, asked)
		if len(path) > len(want) {
			c.why += ", and there is a list on the way whose items have positions"
		}
	case len(have) > len(asked) && foldAll(have[len(have)-len(asked):], asked):
		c.score, c.why = 10+len(have)-len(asked), "the value stands deeper in the answer"
		if tail := have[len(have)-len(asked):]; !slices.Equal(tail, asked) {
			c.why += ", and " + spelling(tail, asked)
		}
	case len(have) > len(asked) && within(asked, have):
		c.score, c.why = 20+len(have)-len(asked), "the value stands deeper in the answer"
	case len(have) < len(asked) && foldAll(asked[len(asked)-len(have):], have):
		c.score, c.why = 20+len(asked)-len(have), "the value stands higher up in the answer"
	case fold(have[len(have)-1]) == fold(asked[len(asked)-1]):
		c.score, c.why = 30+len(have), "a value of that name stands somewhere else in the answer"
	case len(have) == len(asked) && foldAll(have[:len(have)-1], asked[:len(asked)-1]):
		d := distance(fold(have[len(have)-1]), fold(asked[len(asked)-1]))
		if longest := max(len(have[len(have)-1]), len(asked[len(asked)-1])); d <= 2 && d*3 <= longest {
			c.score, c.why = 40+d, "the name is spelled differently"
		}
	}
	return c
}

// spelling says how names differ that mean the same.
func spelling(have, asked []string) string {
	if strings.EqualFold(strings.Join(have, "."), strings.Join(asked, ".")) {
		return "names are case-sensitive"
	}
	return "the name is spelled differently"
}

func withoutPositions(segments []string) []string {
	var kept []string
	for _, s := range segments {
		if _, ok := position(s); !ok {
			kept = append(kept, s)
		}
	}
	return kept
}

// within tells whether all names of a stand in b in their order, and the last one last.
func within(a, b []string) bool {
	at := 0
	for _, name := range b {
		if at < len(a) && fold(name) == fold(a[at]) {
			at++
		}
	}
	return at == len(a) && fold(a[len(a)-1]) == fold(b[len(b)-1])
}

func foldAll(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if fold(a[i]) != fold(b[i]) {
			return false
		}
	}
	return true
}

// distance counts the letters to change, add or drop (Levenshtein); long names are not compared.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 99
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
