package request

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tieline/internal/run"
	"tieline/internal/sign"
)

// jwtLife is how long a token holds where the integrator does not say.
const jwtLife = 300 * time.Second

// jwt signs a token for this request: the integrator's claims with their tokens filled in, iat and exp where they
// are not among them, and its additions to the header.
func (b *builder) jwt() (credentials, bool) {
	algorithm, key := b.setting("algorithm"), b.setting("key")
	if key == "" {
		return credentials{}, false
	}
	life := jwtLife
	if n, err := strconv.Atoi(b.setting("ttl_s")); err == nil && n > 0 {
		life = time.Duration(n) * time.Second
	}
	now := b.d.Now.Unix()
	claims, ok := b.object("claims", nil, []claim{
		{"iat", strconv.FormatInt(now, 10)}, {"exp", strconv.FormatInt(now+int64(life.Seconds()), 10)},
	})
	if !ok {
		return credentials{}, false
	}
	header, ok := b.object("header", []claim{{"alg", strconv.Quote(algorithm)}}, []claim{{"typ", `"JWT"`}})
	if !ok {
		return credentials{}, false
	}
	signed, err := sign.JWT(algorithm, key, header, claims)
	if err != nil {
		b.refuse(b.p.prefix+"auth", run.Failure{
			Cause: run.AuthFailed, Summary: "the JWT could not be signed",
			Evidence: "Algorithm " + algorithm + ", key of " + b.integrator() + ".",
			Hint:     err.Error() + " Correct the key in the integrator. Nothing was sent.",
		})
		return credentials{}, false
	}
	return credentials{
		in: "header", name: "Authorization", value: "Bearer " + signed,
		source: "JWT (" + algorithm + ") made for this call with the key of " + b.integrator() + ", valid for " + strconv.Itoa(int(life.Seconds())) + " s",
		bare:   key, once: []string{signed, signed[strings.LastIndexByte(signed, '.')+1:]},
	}, true
}

// claim is one member of a JSON object; its value is JSON.
type claim struct{ name, value string }

// object renders a setting that is a JSON object with tokens. first stand before its members, whatever it says;
// added behind them, where it does not have them itself.
func (b *builder) object(setting string, first, added []claim) ([]byte, bool) {
	source := b.setting(setting)
	if strings.TrimSpace(source) == "" {
		source = "{}"
	}
	c := compiler{plan: &Plan{}}
	t, shape := c.settingText(setting, source)
	rendered, _, ok := b.plain(t)
	if !ok {
		return nil, false
	}
	body := []byte(rendered)
	members, ok := objectOf(body)
	if !ok || !t.raw && !shape.holds(body) {
		b.refuse(b.p.prefix+"auth", noObject(setting, b.integrator()))
		return nil, false
	}
	out := []byte{'{'}
	write := func(raw string) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, raw...)
	}
	given := map[string]bool{}
	for _, f := range first {
		given[f.name] = true
		write(strconv.Quote(f.name) + ":" + f.value)
	}
	for _, m := range members {
		if !given[m.name] {
			write(string(body[m.from:m.to]))
		}
		given[m.name] = true
	}
	for _, a := range added {
		if !given[a.name] {
			write(strconv.Quote(a.name) + ":" + a.value)
		}
	}
	return append(out, '}'), true
}

func noObject(setting, integrator string) run.Failure {
	return run.Failure{
		Cause: run.TokenPosition, Summary: "the " + setting + " of the JWT cannot be made",
		Evidence: "With the values of this call, the " + setting + " of " + integrator + " is no JSON object of the form that was typed.",
		Hint:     "Open the integrator and correct the " + setting + " of its JWT: a JSON object with tokens in quotes, or where a value stands. Nothing was sent.",
	}
}

// objectOf cuts a text into the members of a JSON object; false where it is something else.
func objectOf(body []byte) ([]member, bool) {
	if at := skipSpace(body, 0); at >= len(body) || body[at] != '{' || !json.Valid(body) {
		return nil, false
	}
	return membersOf(body)
}
