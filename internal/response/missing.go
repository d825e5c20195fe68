package response

import (
	"net/http"
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
		if d := r.asked.Endpoint.Response.Delimiter; d != "" {
			f.Evidence += " The delimiter " + quote(d) + " is not in it."
			f.Hint = "The answer is not divided by " + quote(d) + ". If its parts stand between another sign, set the delimiter to that sign; else read what the vendor says."
		}
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
	case len(res.done) == 0 && at.single():
		f.Hint = "The answer is a single value with nothing inside it. If it is the " + name + " itself, leave the path empty; else read what the vendor says."
	case countsNone(at):
		f.Hint = "The vendor counts 0 here: nothing was found. Look at the value that was searched for in Request."
	case keyedByIDs(at, res.rest[0]):
		f.Hint = "The records at " + where(res.done) + " stand under their own ids, not in a list, so no position leads to one. Ask the vendor for a list, or for a call that gives a single record."
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
	if f.Hint == "" && r.answer.Status == http.StatusAccepted {
		f.Hint = "202 Accepted says: taken, and worked on later. The value is not there yet; take the " + name + " away, or ask for the record with another call."
	}
	if f.Hint == "" {
		f.Hint = "The vendor may have renamed or left out the value for this record. Open the answer under Response and click the value that should be the " + name + "."
	}
	return f
}

// single tells whether a value is a number, a yes or no, or a text in which nothing else stands.
func (n *node) single() bool {
	return n.kind == kindNumber || n.kind == kindBool || n.kind == kindText && n.text != "" && !n.element && family(kindOfText(n.text)) == "plain"
}

// countsNone tells whether an object says that it holds no records.
func countsNone(n *node) bool {
	if n.kind != kindObject {
		return false
	}
	return slices.ContainsFunc(n.kids, func(k node) bool {
		return k.kind == kindNumber && k.text == "0" && slices.Contains([]string{"count", "total", "totalcount", "totalsize", "totalrecords", "totalresults", "numresults"}, fold(k.key))
	})
}

// keyedByIDs tells whether a position was asked for in an object whose members are called by numbers of their own.
func keyedByIDs(at *node, next string) bool {
	if _, asked := position(next); !asked || at.kind != kindObject || at.row || at.element || len(at.kids) == 0 {
		return false
	}
	for i := range at.kids {
		if strings.Trim(at.kids[i].key, "0123456789") != "" || at.kids[i].kind != kindObject {
			return false
		}
	}
	return true
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

// insideText knows JSON and XML that were encoded twice.
func insideText(res resolution) string {
	if res.node.kind != kindText {
		return ""
	}
	inner := family(kindOfText(res.node.text))
	if inner != "json" && inner != "xml" {
		return ""
	}
	format := strings.ToUpper(inner)
	place := ""
	if len(res.done) > 0 {
		place = " at " + joinPath(res.done)
	}
	return "The vendor puts " + format + " into a text" + place + " (encoded twice), so a path cannot look inside. Ask the vendor to send it as an object."
}
