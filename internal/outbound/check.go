package outbound

import (
	"context"
	"errors"
	"net"

	"tieline/internal/run"
)

// Check says whether a URL may be called under a policy, without calling it: nil, or why not. It looks names
// up. A blocked_address failure carries the "host:port" to allow in its Subject where an owner may do that.
// A clean answer is no promise: Do judges the address again when it connects.
func (c *Client) Check(ctx context.Context, rawURL string, p Policy) *run.Failure {
	_, t, failure := readURL(rawURL)
	if failure != nil {
		return failure
	}
	ctx, cancel := context.WithTimeout(ctx, p.connect())
	defer cancel()
	_, err := c.guardOf(p).lookup(ctx, t)
	if err == nil {
		return nil
	}
	if f := refused(err); f != nil {
		return f
	}
	e := &exchange{client: c, policy: p, target: t}
	if d, ok := errors.AsType[*net.DNSError](err); ok {
		return e.dns(d)
	}
	return e.dns(&net.DNSError{IsTimeout: ctx.Err() != nil})
}
