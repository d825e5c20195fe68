package response

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// shownItems is how many refused items of a bulk answer are told one by one.
const shownItems = 5

// judgeItems judges a 207 answer item by item: the call failed where one of them was refused, and says which and
// why. It knows a list of items, and an object that holds one (payload, results).
func (r *reader) judgeItems() *run.Failure {
	items := itemsOf(r.doc)
	if items == nil {
		return nil
	}
	refused, told := 0, []string{}
	for i := range items.kids {
		why, bad := itemRefusal(&items.kids[i])
		if !bad {
			continue
		}
		if refused++; len(told) < shownItems {
			told = append(told, itemName(&items.kids[i], i)+" "+why)
		}
	}
	if refused == 0 {
		return nil
	}
	count := strconv.Itoa(refused) + " of " + plural(len(items.kids), "item") + " were refused"
	if refused == 1 {
		count = "1 of " + plural(len(items.kids), "item") + " was refused"
	}
	list := strings.Join(told, "; ")
	if refused > shownItems {
		list += "; …"
	}
	return &run.Failure{
		Cause: run.ErrorIn200, Summary: "status 207, but " + count,
		Evidence: stop(clip(visible(r.hide(count+": "+list)), 900)),
		Hint:     "The other items were done. Send only the refused ones again, once what the vendor says about them is mended. If this answer is a success, say so with a success rule on the Response tab.",
	}
}

// itemsOf is the list of items of a bulk answer, nil where there is none.
func itemsOf(n *node) *node {
	if n.kind == kindList {
		return n
	}
	for i := range n.kids {
		if n.kids[i].kind == kindList {
			return &n.kids[i]
		}
	}
	return nil
}

// itemRefusal says why an item was refused, and whether it was: by its status, by success false, or by an error.
func itemRefusal(item *node) (why string, refused bool) {
	status := ""
	for _, name := range []string{"status", "statusCode", "status_code", "httpStatusCode", "code"} {
		if s, ok := item.step(name); ok && s.kind != kindNull {
			status = name + " " + s.text
			code, err := strconv.Atoi(s.text)
			refused = err == nil && code >= 400
			break
		}
	}
	if s, ok := item.step("success"); ok && strings.EqualFold(s.text, "false") {
		refused = true
	}
	said := item
	if e, ok := item.step("error"); ok && e.kind == kindObject && len(e.kids) > 0 {
		refused, said = true, e
	}
	if !refused {
		return "", false
	}
	message := messageIn(said)
	switch {
	case status != "" && message != "":
		return "has " + status + ": " + message, true
	case status != "":
		return "has " + status, true
	case message != "":
		return "says " + message, true
	}
	return "has success false", true
}

// itemName is "item 1 (id 17)": the place in what was sent, where the vendor tells it, else in the answer.
func itemName(item *node, at int) string {
	name := strconv.Itoa(at)
	if sent, ok := item.step("originalIndex"); ok && sent.kind == kindNumber {
		name = sent.text
	}
	named := item
	if data, ok := item.step("data"); ok && data.kind == kindObject {
		named = data
	}
	if id, ok := named.step("id"); ok && (id.kind == kindNumber || id.kind == kindText) && id.text != "" {
		return "item " + name + " (id " + id.text + ")"
	}
	return "item " + name
}

var timeoutText = regexp.MustCompile(`(?i)\btime(d)?[ -]?out\b|\btimeout expired\b|SqlException.*timeout`)

// ranOutOfTime tells whether an error answer says that the vendor itself ran out of time.
func (r *reader) ranOutOfTime() bool {
	return timeoutText.MatchString(r.text[:min(len(r.text), 64<<10)])
}

// againHint says how to try again after a time-out at the vendor.
func (r *reader) againHint() string {
	if m := r.method(); m != http.MethodGet && m != http.MethodHead {
		return "It may work when it is tried again; look at the vendor first whether the change was made."
	}
	return "It may work when it is tried again. If it lasts, ask for less at once: a smaller page, fewer fields, a narrower condition."
}
