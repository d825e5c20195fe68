package outbound

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tieline/internal/run"
)

// maxRedirects is how many redirects are followed where the policy allows it at all.
const maxRedirects = 3

// kept are the headers that go along to another host. A typed User-Agent is none of them: some vendors have a key
// in it.
var kept = map[string]bool{"accept": true, "accept-language": true}

// redirect says what to do with an answer that points elsewhere: the next request, or why it is not made. Both
// are nil for an answer that is no redirect.
func (e *exchange) redirect(ctx context.Context, resp *http.Response, r run.Request) (*run.Request, *run.Failure) {
	location := resp.Header.Get("Location")
	if !isRedirect(resp.StatusCode) || location == "" {
		return nil, nil
	}
	from, err := url.Parse(r.URL)
	if err != nil {
		return nil, nil
	}
	to, err := from.Parse(location)
	if err != nil || to.Host == "" {
		return nil, e.stopped(resp.StatusCode, r.URL, location, "the address it points to cannot be read", nil)
	}
	to.Fragment = ""
	t, failure := targetOf(strings.ToLower(to.Scheme), to.Host)
	switch {
	case failure != nil:
		return nil, e.stopped(resp.StatusCode, r.URL, to.String(), "it leads to no address that can be called", nil)
	case !e.policy.FollowRedirects:
		return nil, e.stopped(resp.StatusCode, r.URL, to.String(), "redirects are not followed", e.blocked(ctx, t))
	case from.Scheme == "https" && to.Scheme == "http":
		return nil, e.stopped(resp.StatusCode, r.URL, to.String(), "it leads from https to plain http", e.blocked(ctx, t))
	case len(e.x.Hops) >= maxRedirects:
		return nil, e.stopped(resp.StatusCode, r.URL, to.String(), "there were more than 3", e.blocked(ctx, t))
	}
	if blocked := e.blocked(ctx, t); blocked != nil {
		return nil, e.stopped(resp.StatusCode, r.URL, to.String(), "its address is blocked", blocked)
	}
	e.x.Hops = append(e.x.Hops, run.Hop{From: r.URL, Status: resp.StatusCode, To: to.String()})
	return nextRequest(r, resp.StatusCode, from, to), nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// nextRequest is the request that a redirect asks for. To another host, only harmless headers go along and no
// body: what was rendered for one host is not for another.
func nextRequest(r run.Request, status int, from, to *url.URL) *run.Request {
	next := run.Request{Method: r.Method, URL: to.String()}
	if status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect && r.Method != http.MethodHead {
		next.Method = http.MethodGet
	}
	same := strings.EqualFold(from.Host, to.Host) && from.Scheme == to.Scheme
	if same && next.Method == r.Method {
		next.Body = r.Body
	}
	for _, h := range r.Headers {
		lower := strings.ToLower(h.Name)
		switch {
		case isFraming(lower), lower == "referer":
		case !same && !kept[lower]:
		case next.Body == nil && strings.HasPrefix(lower, "content-"):
		default:
			next.Headers = append(next.Headers, h)
		}
	}
	return &next
}

// blocked says that a redirect points to an address that the policy refuses. A name that cannot be looked up
// in a moment is not blocked.
func (e *exchange) blocked(ctx context.Context, t target) *run.Failure {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := e.pool.guard.lookup(ctx, t)
	return refused(err)
}

// stopped notes a redirect that was not followed and says why. A blocked address is the more telling cause.
func (e *exchange) stopped(status int, from, to, why string, blocked *run.Failure) *run.Failure {
	e.x.Hops = append(e.x.Hops, run.Hop{From: from, Status: status, To: to})
	evidence := "The server answered " + statusText(status) + " and points to " + WithoutUser(to) + "; " + why + "."
	if blocked != nil {
		blocked.Evidence = evidence
		if !e.policy.FollowRedirects {
			blocked.Subject = ""
		}
		return blocked
	}
	return &run.Failure{
		Cause: run.RedirectBlocked, Summary: "redirect to " + hostOf(to) + " was not followed", Evidence: evidence,
		Hint: redirectHint(from, to),
	}
}

// redirectHint says what to change so that the first address is the final one.
func redirectHint(from, to string) string {
	_, was, _ := strings.Cut(from, "://")
	scheme, is, _ := strings.Cut(to, "://")
	switch {
	case was == is && scheme == "https":
		return "The server wants https. Write https:// instead of http:// in the URL or the base URL."
	case was+"/" == is:
		return "The server wants a slash at the end of the path. Write it so in the URL."
	case was == is+"/":
		return "The server wants no slash at the end of the path. Write it so in the URL."
	}
	return "Put the final address into the URL. If the redirect leads to a sign-in page, the credentials were not accepted."
}

// WithoutUser is an address without the user name and password that a vendor may have put into it.
func WithoutUser(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}

func hostOf(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Host
	}
	return "an address that cannot be read"
}
