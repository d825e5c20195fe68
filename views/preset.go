package views

import (
	"strconv"
	"strings"
)

// PresetCard is an integration that comes with the program, as it is offered. Endpoints are the labels of what it
// brings.
type PresetCard struct {
	Key       string
	Label     string
	Type      string
	Summary   string
	Endpoints []string
}

// brings names the endpoints, the first few of them by their labels.
func (c PresetCard) brings() string {
	const shown = 5
	if more := len(c.Endpoints) - shown; more > 0 {
		return strings.Join(c.Endpoints[:shown], "; ") + "; and " + strconv.Itoa(more) + " more"
	}
	return strings.Join(c.Endpoints, "; ")
}
