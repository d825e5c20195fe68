package executor

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/request"
	"tieline/internal/response"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// How long a token call may take, and how long storing what came.
const (
	fetchTimeout = 30 * time.Second
	storeTimeout = 15 * time.Second
)

// fetching is one token call: what is sent, and the definition that its answer is read by.
type fetching struct {
	built    request.Call
	endpoint integration.Endpoint
	refresh  secret.Text // the refresh token that is spent
	renewed  bool        // no person was needed
}

// fetch makes the token call and stores what came before anything else is done: a refresh token may be good only
// once. The caller's own time does not count: a token whose answer nobody waited for would be lost.
func (c *call) fetch(ctx context.Context, kept run.Grant, lease Lease, code request.Grant) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout+storeTimeout)
	defer cancel()
	f, failure := c.fetching(kept, code)
	if failure != nil {
		c.failure = authFailure(*failure, c.job.Integrator.Auth)
		return // nothing was sent, and the next call may find it mended
	}
	reading, failure := c.tokenCall(ctx, f)
	if failure == nil {
		c.store(ctx, kept, lease, f, reading)
		return
	}
	c.failure = authFailure(*failure, c.job.Integrator.Auth)
	told := hiddenFailure(c.hiding(), c.failure)
	lost := told.Cause == run.Reconnect && !f.refresh.Empty() // a code that is refused says nothing of what is kept
	if err := lease.Fail(ctx, c.signing.settings, *told, lost); superseded(err) {
		c.another(ctx)
	}
}

// another takes the token that somebody else brought while this call asked for one in vain.
func (c *call) another(ctx context.Context) {
	kept, err := c.tokens().Grant(ctx, c.job.Integrator)
	if err == nil && kept.Good(c.signing.settings, c.e.options.Now(), renewBefore) {
		c.failure = nil
		c.take(kept)
	}
}

// store keeps a token that came, and gives it to the call. One whose integrator was changed meanwhile serves
// this call alone.
func (c *call) store(ctx context.Context, kept run.Grant, lease Lease, f fetching, reading response.Reading) {
	fresh := Fresh{
		Settings: c.signing.settings, Access: reading.Token.Value, Refresh: f.refresh,
		ObtainedAt: c.e.options.Now().UTC(), ExpiresAt: reading.Token.Expires, Renewed: f.renewed,
	}
	if next, ok := reading.Outputs["refresh_token"].(string); ok && next != "" {
		fresh.Refresh = secret.NewText(next)
	}
	if _, told := reading.Outputs["expires_in"]; c.job.Integrator.Auth.NeedsPerson() && !told && fresh.Refresh.Empty() {
		fresh.ExpiresAt = time.Time{} // nothing could renew it, so it is used until it is refused
	}
	c.know(fresh.Refresh.Reveal())
	stored, err := lease.Keep(ctx, fresh)
	switch {
	case superseded(err):
		stored = run.Grant{Settings: fresh.Settings, Serial: kept.Serial, ObtainedAt: fresh.ObtainedAt, ExpiresAt: fresh.ExpiresAt}
	case err != nil:
		c.failure = tokensAway(err)
		return
	}
	c.use(stored, fresh.Access)
}

// fetching works out the token call.
func (c *call) fetching(kept run.Grant, code request.Grant) (fetching, *run.Failure) {
	if c.job.Integrator.Auth.Kind == "endpoint" {
		return c.fetchingLogin()
	}
	f := fetching{endpoint: tokenAnswer(), renewed: code.Code.Empty()}
	grant := code
	if c.job.Integrator.Auth.NeedsPerson() && code.Code.Empty() {
		refresh, failure := c.refreshToken(kept)
		if failure != nil {
			return f, failure
		}
		grant.Refresh, f.refresh = refresh, refresh
	}
	f.built = request.TokenCall(c.loginData(), grant)
	c.know(f.built.Secrets...)
	return f, nil
}

// tokenAnswer is what the answer of a token call of OAuth 2.0 must be (RFC 6749, 5.1).
func tokenAnswer() integration.Endpoint {
	return integration.Endpoint{
		Name: "token", Type: "Auth", Method: "POST",
		Response: integration.Response{Type: "json", Outputs: []integration.Output{{Name: "refresh_token", Path: "refresh_token"}, {Name: "expires_in", Path: "expires_in"}}},
	}
}

// fetchingLogin is the call of the endpoint that gives the token. It knows the integrator's values and nothing of
// the call at hand: the token is for other calls too.
func (c *call) fetchingLogin() (fetching, *run.Failure) {
	e, ok := c.job.Integrator.AuthEndpoint(c.job.Definition)
	if !ok {
		name := c.job.Integrator.Auth.Settings["endpoint"]
		return fetching{}, &run.Failure{
			Cause: run.AuthFailed, Summary: "there is no Auth endpoint " + name,
			Hint: "The integrator signs in through the endpoint " + name + ", which this integration does not have, or which is not of type Auth. Choose another one at the integrator. Nothing was sent.",
		}
	}
	plan, err := request.Compile(c.job.Definition, e.Name)
	if err != nil {
		return fetching{}, &run.Failure{Cause: run.InternalFailure, Summary: "the Auth endpoint cannot be read", Hint: "Open the endpoint " + e.Name + " and save it again."}
	}
	f := fetching{endpoint: e, renewed: true}
	var failure *run.Failure
	f.built, failure = plan.Build(c.loginData())
	c.know(f.built.Secrets...)
	return f, failure
}

// loginData is what a token call may know.
func (c *call) loginData() request.Data {
	return request.Data{
		Integrator: c.job.Integrator, IntegratorName: c.job.Run.Integrator, Secrets: c.opened.integrator, Variables: c.opened.variables,
		RunID: c.run.ID, Now: c.began,
	}
}

// refreshToken opens the refresh token. Where there is none, a person has to connect the integrator (again).
func (c *call) refreshToken(kept run.Grant) (secret.Text, *run.Failure) {
	if kept.Settings == c.signing.settings && kept.Refresh.Set() {
		refresh, err := c.e.options.Opener.Open(c.job.Integrator.GrantPlace("refresh"), kept.Refresh)
		if err != nil {
			return secret.Text{}, unopened("the refresh token of this integrator")
		}
		return refresh, nil
	}
	f := &run.Failure{
		Cause: run.Reconnect, Summary: "the integrator is not connected to the vendor",
		Hint: "Nothing was sent. Open the integrator and press Connect; somebody who may use the vendor has to agree once.",
	}
	switch {
	case kept.Settings != c.signing.settings:
	case kept.Failure != nil && kept.Failure.Cause == run.Reconnect:
		f.Evidence = kept.Failure.Evidence
	case kept.Access.Set():
		f.Summary = "the token is over, and the vendor gave nothing to renew it with"
		f.Evidence = "The token came without a refresh token."
		f.Hint = "Open the integrator and press Connect. Many vendors give a refresh token only for a certain scope, such as offline_access: add it to the scopes."
	}
	return secret.Text{}, f
}

// tokenCall sends a token call, reads its answer, and keeps both in the run with their secrets hidden.
func (c *call) tokenCall(ctx context.Context, f fetching) (response.Reading, *run.Failure) {
	policy := merged(f.endpoint.Policy, c.job.Integrator.Policy)
	if policy.OKStatuses = nil; f.endpoint.Policy != nil {
		policy.OKStatuses = f.endpoint.Policy.OKStatuses // those of the integrator are for its own calls
	}
	limits := c.limits(policy)
	limits.FollowRedirects, limits.Total = false, min(cmp.Or(limits.Total, fetchTimeout), fetchTimeout)
	x, failure := c.e.options.Outbound.Do(ctx, f.built.Request, limits)
	var reading response.Reading
	if x.Response != nil {
		var judged *run.Failure
		reading, judged = response.Read(x, response.Asked{Endpoint: f.endpoint, Policy: policy, URL: x.Request.URL, Hide: c.hide})
		if failure == nil {
			failure = judged
		}
	}
	if failure == nil && reading.Token == nil {
		failure = &run.Failure{Cause: run.EmptyBody, Summary: "the answer holds no token", Hint: "Open the answer under Response, and say at the Auth endpoint where the token stands."}
	}
	if next, ok := reading.Outputs["refresh_token"].(string); ok {
		reading.Secrets = append(reading.Secrets, next)
	}
	x.Purpose = run.ForToken
	c.keep(x, f.built, reading, failure)
	if x.Response != nil && failure != nil {
		c.run.HTTPStatus = x.Response.Status
	}
	return reading, failure
}

// limits is a policy in outbound's terms.
func (c *call) limits(policy integration.Policy) outbound.Policy {
	return outbound.Policy{
		CustomerID: c.job.Integrator.CustomerID, Allow: c.job.Allow, AllowHTTP: c.job.Integrator.AllowHTTP,
		FollowRedirects: policy.FollowRedirects,
		Connect:         time.Duration(policy.ConnectTimeoutS) * time.Second, Total: time.Duration(policy.TimeoutS) * time.Second,
		MaxBytes: policy.MaxResponseBytes, Room: c.room,
	}
}

// notMade are the causes that keep a token call from being made.
var notMade = []run.Cause{
	run.AuthFailed, run.BlockedAddress, run.SecretHost, run.UnknownToken, run.TokenPosition, run.PathParam, run.HeaderValue, run.MappingCause, run.InternalFailure,
}

// authFailure is the failure of a token call as the run's own. What kept the call from being made, and a grant
// that is over, stay what they are: they say more.
func authFailure(f run.Failure, auth integration.Auth) *run.Failure {
	switch {
	case slices.Contains(notMade, f.Cause):
		return &f
	case f.Cause == run.Reconnect && !auth.NeedsPerson():
		f.Hint = "The vendor answered invalid_grant: it does not take the user name, password or key that the token is asked for with. Give them again at the integrator."
		return &f
	case f.Cause == run.Reconnect:
		return &f
	}
	f.Summary = "no token: " + f.Summary
	f.Evidence = "The token call failed (" + string(f.Cause) + "). " + f.Evidence
	f.Cause, f.Subject = run.AuthFailed, ""
	return &f
}
