package db

import (
	"bytes"
	"encoding/json"

	"tieline/internal/run"
)

// The shapes of what is stored of a run beside the columns of its row. A field is added at the end of the shape,
// under a new version.

// packing is the version of the shapes that is written.
const packing = 1

// shown is what a list shows of a run.
func (c *codec) shown(r *run.Run) {
	c.version()
	option(c, &r.Failure, (*codec).headline)
	option(c, &r.Result, text)
	text(c, &r.ResultNote)
	text(c, &r.Integration)
	number(c, &r.Revision)
	text(c, &r.Endpoint)
	text(c, &r.Method)
	text(c, &r.Integrator)
	number(c, &r.IntegratorVersion)
	text(c, &r.Customer)
	text(c, &r.Trigger)
	text(c, &r.Key)
	text(c, &r.RecordType)
	text(c, &r.RecordID)
	number(c, &r.HTTPStatus)
	number(c, &r.Count)
	text(c, &r.CreatedBy)
	number(c, &r.Duration)
	c.moment(&r.FinishedAt)
}

// details are what only the page of a run shows, without the bodies, which may be removed earlier.
func (c *codec) details(r *run.Run) {
	c.version()
	option(c, &r.Failure, (*codec).failure)
	option(c, &r.Result, text)
	c.outputs(&r.Outputs)
	text(c, &r.EventID)
	text(c, &r.CorrelationID)
	text(c, &r.ParentID)
	text(c, &r.ReplayOf)
	list(c, &r.Attempts, (*codec).attempt)
	list(c, &r.Tokens, (*codec).token)
}

// bodies are the input and every body of a run whose attempts are known.
func (c *codec) bodies(r *run.Run) {
	c.bytes(&r.Input)
	for _, a := range r.Attempts {
		for k := range a.Exchanges {
			x := &a.Exchanges[k]
			c.bytes(&x.Request.Body)
			if x.Response != nil {
				c.bytes(&x.Response.Body)
			}
		}
	}
}

func (c *codec) version() {
	n := packing
	number(c, &n)
	if n != packing {
		c.fail()
	}
}

// outputs hold values of any kind, so they are JSON; numbers keep their text.
func (c *codec) outputs(v *map[string]any) {
	var packed []byte
	if !c.reading && len(*v) > 0 {
		packed, c.err = json.Marshal(*v)
	}
	c.bytes(&packed)
	if c.reading && len(packed) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(packed))
		decoder.UseNumber()
		c.err = decoder.Decode(v)
	}
}

// headline is as much of a failure as a list shows.
func (c *codec) headline(f *run.Failure) {
	text(c, &f.Cause)
	text(c, &f.Summary)
}

func (c *codec) failure(f *run.Failure) {
	text(c, &f.Cause)
	text(c, &f.Summary)
	text(c, &f.Evidence)
	text(c, &f.Hint)
	text(c, &f.Subject)
}

func (c *codec) token(t *run.TokenUse) {
	text(c, &t.Name)
	text(c, &t.Value)
	text(c, &t.Source)
	text(c, &t.Shadowed)
	c.flag(&t.Masked)
	text(c, &t.Where)
}

func (c *codec) attempt(a *run.Attempt) {
	number(c, &a.Number)
	c.moment(&a.StartedAt)
	option(c, &a.Failure, (*codec).failure)
	list(c, &a.Exchanges, (*codec).exchange)
}

func (c *codec) exchange(x *run.Exchange) {
	number(c, &x.Page)
	c.moment(&x.StartedAt)
	c.request(&x.Request)
	option(c, &x.Response, (*codec).response)
	for _, d := range []*int64{
		(*int64)(&x.Timings.DNS), (*int64)(&x.Timings.Connect), (*int64)(&x.Timings.TLS),
		(*int64)(&x.Timings.FirstByte), (*int64)(&x.Timings.Total),
	} {
		number(c, d)
	}
	c.flag(&x.Timings.Reused)
	text(c, &x.Peer)
	option(c, &x.TLS, (*codec).tls)
	list(c, &x.Hops, (*codec).hop)
	text(c, &x.Error)
	text(c, &x.Purpose)
	option(c, &x.Paging, (*codec).paging)
	list(c, &x.Waits, (*codec).wait)
}

func (c *codec) paging(p *run.Paging) {
	number(c, &p.Items)
	text(c, &p.Then)
}

func (c *codec) wait(w *run.Wait) {
	number(c, &w.For)
	text(c, &w.Why)
}

func (c *codec) request(r *run.Request) {
	text(c, &r.Method)
	text(c, &r.URL)
	list(c, &r.Headers, (*codec).header)
	number(c, &r.Size)
	c.flag(&r.Truncated)
}

func (c *codec) response(r *run.Response) {
	number(c, &r.Status)
	list(c, &r.Headers, (*codec).header)
	number(c, &r.Size)
	text(c, &r.SHA256)
	c.flag(&r.Truncated)
	c.flag(&r.Complete)
	text(c, &r.Encoding)
}

func (c *codec) header(h *run.Header) {
	text(c, &h.Name)
	text(c, &h.Value)
}

func (c *codec) tls(t *run.TLS) {
	text(c, &t.Version)
	text(c, &t.Cipher)
	text(c, &t.Subject)
	text(c, &t.Issuer)
	c.moment(&t.Expires)
}

func (c *codec) hop(h *run.Hop) {
	text(c, &h.From)
	number(c, &h.Status)
	text(c, &h.To)
}
