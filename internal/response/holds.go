package response

// Holds applies an operator of integration.Ops to a value as text; there is false where there is none. trouble
// says in words why the operator cannot be applied at all. The work that a pattern may make is bounded.
func Holds(value string, there bool, op, want string) (ok bool, trouble string) {
	if op == "" {
		op = "="
	}
	return compare(value, there, op, want)
}
