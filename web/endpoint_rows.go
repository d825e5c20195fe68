package web

import (
	"slices"
	"strconv"
	"strings"
)

// rowOp is one press of a button that belongs to a list in a form: add-header, delete-header:2, up-header:2
// or down-header:2. List is the middle word, At the row (from 0).
type rowOp struct {
	Verb string
	List string
	At   int
}

// maxRows is how many rows a list in a form may hold; validation's own limits are lower.
const maxRows = 500

// parseRowOp reads the value of a button named op. It is false for buttons that are no row operation.
func parseRowOp(op string) (rowOp, bool) {
	name, index, indexed := strings.Cut(op, ":")
	verb, list, ok := strings.Cut(name, "-")
	if !ok || list == "" {
		return rowOp{}, false
	}
	switch verb {
	case "add":
		return rowOp{Verb: verb, List: list, At: -1}, !indexed
	case "delete", "up", "down":
		at, err := strconv.Atoi(index)
		return rowOp{Verb: verb, List: list, At: at}, err == nil && at >= 0
	}
	return rowOp{}, false
}

// applyRows does a row operation on a list. What points outside of the list changes nothing.
func applyRows[T any](rows []T, op rowOp, fresh T) []T {
	inside := op.At >= 0 && op.At < len(rows)
	switch {
	case op.Verb == "add" && len(rows) < maxRows:
		return append(rows, fresh)
	case op.Verb == "delete" && inside:
		return slices.Delete(rows, op.At, op.At+1)
	case op.Verb == "up" && inside && op.At > 0:
		rows[op.At-1], rows[op.At] = rows[op.At], rows[op.At-1]
	case op.Verb == "down" && inside && op.At < len(rows)-1:
		rows[op.At+1], rows[op.At] = rows[op.At], rows[op.At+1]
	}
	return rows
}

// focus is the row to go to after the operation on a list that has count rows now: the new or the moved one,
// or the one that took a deleted one's place.
func (op rowOp) focus(count int) int {
	switch op.Verb {
	case "add":
		return count
	case "up":
		return max(op.At-1, 0)
	case "down":
		return min(op.At+1, count-1)
	}
	return max(min(op.At, count-2), 0)
}
