package control

import (
	"maps"
	"slices"
	"strings"

	"tieline/internal/audit"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/secret"
)

// sealed works out the secrets of an integrator: what is kept of before, what was given, and which were
// blanked because a host is new.
func (p *Plane) sealed(before integration.Integrator, in IntegratorInput) (kept map[string]secret.Sealed, blanked []string, err error) {
	kept = map[string]secret.Sealed{}
	all, some := hostsGrew(before, in.Integrator), tokenMoved(before, in.Integrator)
	moved := func(name string) bool { return all || some && strings.HasPrefix(name, "auth.") }
	for name, value := range before.Secrets {
		_, given := in.Secrets[name]
		switch {
		case given, slices.Contains(in.Clear, name), !asked(in.Auth, name):
		case moved(name), !wanted(before.Auth, in.Auth, name):
			blanked = append(blanked, name)
		default:
			kept[name] = value
		}
	}
	slices.Sort(blanked)
	for name, value := range in.Secrets {
		if value.Empty() {
			if old, ok := before.Secrets[name]; ok && !moved(name) && wanted(before.Auth, in.Auth, name) && !slices.Contains(in.Clear, name) {
				kept[name] = old
			}
			continue
		}
		if kept[name], err = p.seal.Seal(in.SecretPlace(name), value); err != nil {
			return nil, nil, err
		}
	}
	return kept, blanked, nil
}

// asked tells whether an integrator of this authentication may hold a secret of this name. Those of parameters
// stay, because a revision that names them may be restored; those of another auth kind go.
func asked(auth integration.Auth, name string) bool {
	setting, isAuth := strings.CutPrefix(name, "auth.")
	kind, _ := integration.AuthKindOf(auth.Kind)
	return !isAuth || kind.Setting(setting).Secret
}

// wanted tells whether a stored secret may still be of use: a key is bound to what it was given for.
func wanted(before, after integration.Auth, name string) bool {
	setting, isAuth := strings.CutPrefix(name, "auth.")
	return !isAuth || before.Keeps(after, setting)
}

// hostsGrew tells whether an integrator may now talk to a host that it could not talk to before.
func hostsGrew(before, after integration.Integrator) bool {
	if before.ID == "" {
		return false
	}
	known := before.Hosts()
	for _, host := range after.Hosts() {
		if !slices.Contains(known, host) {
			return true
		}
	}
	return false
}

// tokenMoved tells whether the client's secret would go to another place for a token than before.
func tokenMoved(before, after integration.Integrator) bool {
	known := before.TokenOrigins()
	return before.ID != "" && slices.ContainsFunc(after.TokenOrigins(), func(origin string) bool { return !slices.Contains(known, origin) })
}

// givenSecrets refuses secrets that nothing asks for, and values that could not be sent.
func givenSecrets(of integration.Integration, in IntegratorInput) error {
	var f fault.Fields
	for _, name := range slices.Sorted(maps.Keys(in.Secrets)) {
		if value := in.Secrets[name]; !value.Empty() {
			if problem := integration.CheckSecret(of, in.Auth, name, value.Reveal()); problem != "" {
				f.Add(name, problem)
			}
		}
	}
	return f.Err()
}

// checked validates an integrator with the secrets it would have.
func checked(of integration.Integration, before, in integration.Integrator, blanked []string) error {
	var f fault.Fields
	for _, problem := range problemsOf(in.Validate(of, func(name string) bool { return in.Secrets[name].Set() })) {
		if slices.Contains(blanked, problem.Field) {
			problem.Message = whyBlanked(before, in, problem.Field)
		}
		f.Add(problem.Field, problem.Message)
	}
	for _, problem := range request.CheckAuth(of, in.Auth) {
		if request.Refuse(problem) {
			f.Add(problem.Field, problem.Message)
		}
	}
	return f.Err()
}

// whyBlanked says why a stored secret was let go.
func whyBlanked(before, in integration.Integrator, name string) string {
	switch {
	case wanted(before.Auth, in.Auth, name):
		return "The host changed, so the stored secret was removed. Give it again."
	case before.Auth.Kind != in.Auth.Kind:
		return "The stored key belonged to another kind of authentication, so it was removed. Give the key again."
	case in.Auth.Kind == "client_cert":
		return "The stored key belonged to another certificate, so it was removed. Give the key of this one."
	}
	return "The stored key does not fit this algorithm, so it was removed. Give the key again."
}

func problemsOf(err error) []fault.Problem {
	var f fault.Fields
	f.Under("", err)
	return f.List()
}

// secretFields says which secrets were set, changed or removed, never what they are.
func secretFields(before, after map[string]secret.Sealed) []audit.Field {
	var fields []audit.Field
	for _, name := range slices.Sorted(maps.Keys(after)) {
		was, now := before[name], after[name]
		switch {
		case !now.Set() || string(was.Data) == string(now.Data):
		case was.Set():
			fields = append(fields, audit.Field{Path: name, Before: "set", After: "changed"})
		default:
			fields = append(fields, audit.Field{Path: name, After: "set"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name].Set() && !after[name].Set() {
			fields = append(fields, audit.Field{Path: name, Before: "set"})
		}
	}
	return fields
}
