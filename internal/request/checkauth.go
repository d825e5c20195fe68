package request

import (
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/internal/run"
	"tieline/internal/sign"
	"tieline/internal/token"
)

// CheckAuth says what is wrong or odd about the templates of an integrator's authentication: the claims of a JWT,
// what a signature covers. Fields are keyed "auth.<setting>"; Refuse tells the errors.
func CheckAuth(of integration.Integration, auth integration.Auth) []run.Problem {
	c := compiler{in: of, plan: &Plan{parameters: map[string]*integration.Parameter{}}}
	for i := range of.Parameters {
		c.plan.parameters[of.Parameters[i].Name] = &of.Parameters[i]
		c.plan.names = append(c.plan.names, of.Parameters[i].Name)
	}
	switch auth.Kind {
	case "jwt":
		c.checkObject("claims", auth.Settings["claims"])
		c.checkObject("header", auth.Settings["header"])
	case "signature":
		c.checkSignature(auth)
	}
	return unique(slices.DeleteFunc(c.plan.problems, func(p run.Problem) bool {
		return p.Cause == run.UnknownToken && strings.Contains(p.Message, "{{hard.") // known to the endpoint alone
	}))
}

// settingText reads a setting that is JSON with tokens.
func (c *compiler) settingText(setting, source string) (*text, *jsonShape) {
	t := c.parse("auth."+setting, setting, source)
	shape := shapeOf(t)
	c.finish(t)
	return t, shape
}

// checkObject judges a setting that must be a JSON object.
func (c *compiler) checkObject(setting, source string) {
	if strings.TrimSpace(source) == "" {
		return
	}
	field := "auth." + setting
	t, shape := c.settingText(setting, source)
	switch {
	case shape.valid != nil:
		c.problem(field, run.Parse, "This is not valid JSON: "+jsonMessage(source, shape.valid))
	case !strings.HasPrefix(strings.TrimSpace(source), "{") || strings.HasPrefix(strings.TrimSpace(source), "{{"):
		c.problem(field, run.Parse, "Expected an object { … }.")
	case slices.ContainsFunc(t.parts, func(p part) bool { return p.tok != nil && p.tok.Namespace == token.Auth }):
		c.problem(field, run.TokenPosition, "A token of auth. cannot stand here: it is made of this.")
	case setting == "header" && slices.Contains(memberNames(shape), "alg"):
		c.problem(field, run.Parse, "The algorithm is chosen above; take alg out.")
	}
}

// memberNames are the literal names of the members of a shape, at any depth.
func memberNames(s *jsonShape) []string {
	var names []string
	for i, op := range s.ops {
		if op.kind == 's' && i+1 < len(s.ops) && s.ops[i+1].kind == ':' {
			names = append(names, strings.Trim(op.text, `"`))
		}
	}
	return names
}

func (c *compiler) checkSignature(auth integration.Auth) {
	parts := c.signedLines(auth.Settings["fields"])
	keyed := sign.Keyed(auth.Setting("algorithm"))
	named := slices.ContainsFunc(parts, func(p signedPart) bool { return p.tok != nil && p.tok.Name == "key" })
	if !keyed && !named && len(parts) > 0 {
		c.problem("auth.fields", run.TokenPosition, "A plain hash does not use the key by itself: add a line key where it belongs, or choose an HMAC.")
	}
	if len(parts) > 100 {
		c.problem("auth.fields", run.TokenPosition, "At most 100 lines.")
	}
	if note, managed := Managed(auth.Settings["name"]); managed && auth.Setting("in") == "header" {
		c.problem("auth.name", run.TokenPosition, "This header cannot carry a signature. "+note)
	}
	if keyed && named {
		c.problem("auth.fields", run.BadType, "The key is among what is signed and is the key of the HMAC too. Few vendors want both.")
	}
}
