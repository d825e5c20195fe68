package executor

import (
	"io"
	"net/http"
	"slices"

	"tieline/internal/response"
	"tieline/internal/run"
)

// accept lets a document through when status and first bytes are right; everything else is kept, so that it
// can be explained.
func (c *call) accept(head *run.Response, first []byte) (io.Writer, *run.Failure) {
	begun := run.Exchange{Request: c.built.Request, Response: head}
	doc, failure := response.AcceptDocument(begun, first, c.asked(c.built.Request.URL))
	if failure != nil {
		return nil, nil
	}
	w, err := c.job.Document(doc, head)
	if err != nil {
		return nil, &run.Failure{
			Cause: run.InternalFailure, Summary: "the document could not be handed on",
			Hint: "The vendor's answer was fine. Try again.",
		}
	}
	c.handed = true
	return w, nil
}

func (c *call) asked(url string) response.Asked {
	asked := response.Asked{Endpoint: c.endpoint, Policy: c.policy, URL: url, Hide: c.hide}
	if c.walk != nil {
		asked.Page = c.walk.page
	}
	return asked
}

// judge reads the answer, if one came. A failure on the way stands, unless the status alone says more: a
// vendor that refused with 503 and then hung has refused.
func (c *call) judge(x run.Exchange) {
	answer := x.Response
	if answer == nil {
		return
	}
	reading, failure := response.Read(x, c.asked(x.Request.URL))
	c.reading = reading
	switch {
	case c.failure == nil:
		c.failure = failure
	case isRedirect(c.failure.Cause) && c.accepted(answer.Status):
		c.failure = failure // the definition says that a redirect is what it wants
	case c.failure.Cause == run.RedirectBlocked && failure != nil && failure.Cause == run.LoginPage:
		c.failure = failure
	case isRedirect(c.failure.Cause):
	case answer.Status >= http.StatusBadRequest && failure != nil && !c.accepted(answer.Status):
		c.failure = failure
	}
}

func isRedirect(cause run.Cause) bool {
	return cause == run.RedirectBlocked || cause == run.BlockedAddress
}

// accepted tells whether a status counts as success.
func (c *call) accepted(status int) bool {
	allowed := c.endpoint.Response.Statuses
	if len(allowed) == 0 {
		allowed = c.policy.OKStatuses
	}
	if len(allowed) == 0 {
		return status >= 200 && status <= 299
	}
	return slices.Contains(allowed, status)
}
