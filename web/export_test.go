package web

import "tieline/internal/account"

// Line is one line of the table of routes, for tests that walk it.
type Line struct {
	Method string
	Path   string
	Action account.Action
}

// Lines are all lines of the table of routes.
func Lines() []Line {
	var lines []Line
	for _, r := range new(site).routes() {
		lines = append(lines, Line{r.method, r.path, r.action})
	}
	return lines
}
