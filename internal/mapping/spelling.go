package mapping

import (
	"slices"

	"tieline/internal/token"
)

// wholes are the parts of an event that stand below a name of their own.
var wholes = []string{"data", "call", "record", "agent", "event"}

// known tells whether a bare name is one that calls usually carry, so that its absence is nothing odd.
func known(t *token.Token) bool {
	if t.Namespace != token.Event || len(t.Path) == 0 || len(t.Path) > 2 {
		return false
	}
	whole := len(t.Path) == 1 || slices.Contains(wholes, t.Path[0])
	return whole && slices.Contains(token.KnownNames(), t.Path[len(t.Path)-1])
}

// spelling warns of a bare name that no call is known to carry where it looks like one that is.
func (c *compiler) spelling(key string, t *token.Token) {
	if t.Namespace != token.Event || len(t.Path) == 0 || known(t) || slices.Contains(wholes, t.Path[0]) || c.splits() {
		return
	}
	if near := token.Nearest(t.Path[0], token.KnownNames()); near != "" && !slices.Contains(token.KnownNames(), t.Path[0]) {
		c.warn(key, "No field "+t.Path[0]+" is known, did you mean "+near+"? Names are case-sensitive.")
	}
}

// splits tells whether a rule above takes the record apart: then names are those of its items.
func (c *compiler) splits() bool {
	for i := range c.plan.rows {
		if c.plan.rows[i].op == "split" {
			return true
		}
	}
	return false
}

// unknown says that a call has no value of a name, with the nearest spelling.
func unknown(t *token.Token, carried []string) string {
	message := "this call has no value of that name"
	if t.Namespace != token.Event {
		return message + "; give the rule a default if it may be missing"
	}
	name := t.Name
	if len(t.Path) > 0 {
		name = t.Path[0]
	}
	for _, names := range [][]string{carried, token.KnownNames()} {
		if near := token.Nearest(name, names); near != "" {
			return message + ", did you mean " + near + "?"
		}
	}
	return message + "; give the rule a default if it may be missing"
}
