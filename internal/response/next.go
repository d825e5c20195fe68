package response

import (
	"strings"

	"tieline/internal/run"
)

// takeNext reads what the answer says of the page after it: an address or a cursor. Missing, null, false and empty
// all say that there is none. Where pages are counted, the answer has no say.
func (r *reader) takeNext() *run.Failure {
	p := r.asked.Endpoint.Pagination
	if p == nil {
		return nil
	}
	switch p.Kind {
	case "link_header", "forward_only":
		var links []string
		for _, h := range r.answer.Headers {
			if strings.EqualFold(h.Name, "Link") {
				links = append(links, h.Value)
			}
		}
		r.out.Next = nextLink(links)
	case "next_link":
		return r.nextAt(p.NextPath, "address of the next page")
	case "cursor":
		return r.nextAt(p.CursorPath, "next cursor")
	}
	return nil
}

// nextAt reads the address or cursor at a path.
func (r *reader) nextAt(path, what string) *run.Failure {
	if r.doc == nil {
		return nil
	}
	res := resolve(r.doc, splitPath(path))
	if !res.found() {
		r.out.NoNext = "the answer has no " + path
		return nil
	}
	value, plain := res.node.scalar()
	value = strings.TrimSpace(value)
	switch {
	case plain && (res.node.kind == kindNull || res.node.kind == kindBool && value == "false" || value == ""):
		r.out.NoNext = path + " is " + res.node.describe(r.hide)
		return nil
	case plain:
		r.out.Next = value
		return nil
	}
	hint := "Open the answer and look for the value that leads to the next page."
	for i := range res.node.kids {
		if kid := &res.node.kids[i]; kid.kind == kindText && kid.text != "" && kid.key != "" {
			hint = "Did you mean " + path + "." + kid.key + "?"
			break
		}
	}
	return &run.Failure{
		Cause: run.KeyMissing, Summary: "no " + what + " at " + path,
		Evidence: stop(path + " is " + res.node.describe(r.hide)), Hint: hint,
	}
}
