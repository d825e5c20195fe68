package executor

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/response"
	"tieline/internal/run"
	"tieline/internal/secret"
)

const (
	renewBefore = 60 * time.Second // a token that ends sooner is renewed
	renewWait   = 90 * time.Second // for somebody else who is renewing it, who may die over it
)

// signing is how a call gets the token that its integrator's authentication asks for.
type signing struct {
	settings string            // that a kept token must have been fetched with
	how      integration.Token // where the token is placed, and with which prefix
	grant    run.Grant         // the one in use
	token    request.Token
}

// signingOf says how an integrator's token is placed; nil where its authentication has none.
func signingOf(job Job) *signing {
	settings := job.Integrator.GrantSettings(job.Definition)
	if settings == "" {
		return nil
	}
	s := &signing{settings: settings}
	if e, ok := job.Integrator.AuthEndpoint(job.Definition); ok && e.Token != nil {
		s.how = *e.Token
	}
	return s
}

// wantsToken tells whether this call must have a token. The endpoint that gives it is called without.
func (c *call) wantsToken() bool {
	return c.signing != nil && c.job.Plan.WantsToken() && c.job.Integrator.Auth.Settings["endpoint"] != c.job.Endpoint
}

func (c *call) tokens() Tokens {
	if c.job.Unsaved || c.e.options.Tokens == nil {
		return forgetful{}
	}
	return c.e.options.Tokens
}

// authorise gives the call its token: the one that is kept while it is good, else a new one.
func (c *call) authorise(ctx context.Context) {
	if c.failure != nil || !c.wantsToken() {
		return
	}
	kept, err := c.tokens().Grant(ctx, c.job.Integrator)
	switch {
	case err != nil:
		c.failure = tokensAway(err)
	case kept.Good(c.signing.settings, c.e.options.Now(), renewBefore):
		c.take(kept)
	case c.job.Integrator.Auth.NeedsPerson() && (kept.Settings != c.signing.settings || !kept.Refresh.Set()):
		_, c.failure = c.refreshToken(kept)
	default:
		c.renew(ctx, kept)
	}
}

// renew gets another token than the one that was seen. Of several calls that want one, in whatever process, one
// fetches it; the others take what came of that, token or failure.
func (c *call) renew(ctx context.Context, seen run.Grant) {
	wait, cancel := context.WithTimeout(ctx, renewWait)
	defer cancel()
	kept, lease, err := c.tokens().Lease(wait, c.job.Integrator, func(g run.Grant) bool {
		return g.Settings == c.signing.settings && g.Serial > seen.Serial
	})
	switch {
	case err != nil:
		c.failure = tokensAway(err)
	case lease != nil:
		defer lease.Release(ctx)
		c.fetch(ctx, kept, lease, request.Grant{})
	case kept.Failure != nil:
		shared := *kept.Failure
		c.failure = &shared
	default:
		c.take(kept)
	}
}

// take opens a kept token for this call.
func (c *call) take(g run.Grant) {
	bare, err := c.e.options.Opener.Open(c.job.Integrator.GrantPlace("access"), g.Access)
	if err != nil {
		c.failure = unopened("the token of this integrator")
		return
	}
	c.use(g, bare)
}

// use makes a token the one of this call, and hides it in everything that is kept from now on.
func (c *call) use(g run.Grant, bare secret.Text) {
	c.signing.grant = g
	c.signing.token = c.placed(bare, "token of integrator "+c.job.Run.Integrator+", "+life(g, c.e.options.Now()))
	c.know(bare.Reveal())
}

// know adds a secret to those that are hidden.
func (c *call) know(secrets ...string) {
	for _, s := range secrets {
		if s != "" && !slices.Contains(c.secrets, s) {
			c.secrets = append(c.secrets, s)
		}
	}
	c.hide = c.hiderOf(c.built)
}

func (c *call) placed(bare secret.Text, source string) request.Token {
	how := c.signing.how
	return request.Token{Bare: bare, Prefix: how.EffectivePrefix(), Place: how.EffectivePlace(), Source: source}
}

// life says how old a token is and how long it is good.
func life(g run.Grant, now time.Time) string {
	age := max(now.Sub(g.ObtainedAt), 0).Round(time.Second)
	if g.ExpiresAt.IsZero() {
		return age.String() + " old, without an end"
	}
	return age.String() + " old, good until " + g.ExpiresAt.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// previewed is the token of a preview: the one that is kept, else words that stand for the one to come.
func (c *call) previewed(ctx context.Context) request.Token {
	if c.signing == nil || c.job.Plan == nil || !c.wantsToken() {
		return request.Token{}
	}
	kept, err := c.tokens().Grant(ctx, c.job.Integrator)
	if err == nil && kept.Good(c.signing.settings, c.e.options.Now(), 0) {
		if bare, err := c.e.options.Opener.Open(c.job.Integrator.GrantPlace("access"), kept.Access); err == nil {
			c.use(kept, bare)
			return c.signing.token
		}
	}
	return c.placed(secret.NewText("token-that-is-fetched-when-the-call-is-sent"), "token of integrator "+c.job.Run.Integrator+", fetched when the call is sent")
}

// refusal names the sign by which an answer says that the token is no longer good; "" where there is none, or
// where the call had no token.
func (c *call) refusal(x run.Exchange) string {
	if c.signing == nil || c.signing.token.Bare.Empty() || x.Response == nil || c.handed {
		return ""
	}
	on := c.job.Integrator.Auth.RefreshOn
	statuses := on.Statuses
	if len(statuses) == 0 {
		statuses = []int{http.StatusUnauthorized}
	}
	status := x.Response.Status
	switch {
	case slices.Contains(statuses, status):
		return "status " + strconv.Itoa(status)
	case on.BodyContains != "" && status >= 200 && status <= 299 && bytes.Contains(x.Response.Body, []byte(on.BodyContains)):
		return "“" + on.BodyContains + "” in the answer"
	}
	return ""
}

// mayRepeat tells whether the call may go out again after a refusal. A status of the vendor that says no means
// that nothing was done, also by a write; words in a good answer, or a status of trouble, do not.
func (c *call) mayRepeat(x run.Exchange) bool {
	status := x.Response.Status
	return c.safe() || status >= 300 && status < 500 && status != http.StatusRequestTimeout
}

// afresh repeats a call that was refused, once, with a new token.
func (c *call) afresh(ctx context.Context, refused run.Exchange, sign string) {
	judged := c.failure
	c.failure, c.reading = nil, response.Reading{}
	c.renew(ctx, c.signing.grant)
	switch {
	case c.failure != nil:
		return
	case !c.mayRepeat(refused):
		c.failure = notRepeated(judged, sign)
		return
	}
	if c.build(); c.failure != nil {
		return
	}
	if sign := c.refusal(c.once(ctx)); sign != "" {
		c.failure = stillRefused(c.failure, sign)
	}
}

func notRepeated(f *run.Failure, sign string) *run.Failure {
	if f == nil {
		f = &run.Failure{Cause: run.Unauthorized, Summary: "the vendor no longer takes the token"}
	}
	told := *f
	told.Evidence = strings.TrimSpace(told.Evidence + " Sign of a refused token: " + sign + ".")
	told.Hint = "A new token was fetched. The call was not repeated, because this sign does not prove that the vendor left it undone. Look there; if it was not done, try again."
	return &told
}

func stillRefused(f *run.Failure, sign string) *run.Failure {
	if f == nil {
		f = &run.Failure{Cause: run.Unauthorized, Summary: "the vendor does not take the token"}
	}
	told := *f
	told.Evidence = strings.TrimSpace(told.Evidence + " The token was renewed and the call repeated once; the sign came again: " + sign + ".")
	if told.Cause == run.Unauthorized {
		told.Hint = "The vendor refuses a fresh token as well. Check what the token may do (scopes, audience, the rights of its user) and that the integrator's host belongs to the vendor that gives the token."
	}
	return &told
}

// tokensAway is the failure of a call whose token could not be looked up, or was not there in time.
func tokensAway(err error) *run.Failure {
	if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Conflict {
		return &run.Failure{
			Cause: run.AuthFailed, Summary: "the integrator was changed or removed while its token was fetched",
			Hint: "Nothing was sent. Try again.",
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &run.Failure{
			Cause: run.AuthFailed, Summary: "no token came in time",
			Hint: "Another call has been fetching the token for too long. Nothing was sent. Try again; if it stays so, press Test the token at the integrator.",
		}
	}
	return &run.Failure{
		Cause: run.InternalFailure, Summary: "the kept token could not be read or stored",
		Hint: "Tieline's own storage is in trouble. Nothing was sent. Try again; if it stays so, tell whoever runs this server.",
	}
}
