package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tieline/internal/run"
)

var errTotal = errors.New("the time for the whole call is over")

// The codes of the operating system for what happened to a connection. The numbers are those of Winsock, which
// Go does not translate; elsewhere they mean nothing.
var (
	refusedCodes = []syscall.Errno{syscall.ECONNREFUSED, 10061}
	routeCodes   = []syscall.Errno{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EADDRNOTAVAIL, 10065, 10051, 10049}
	cutCodes     = []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, 10054, 10053}
)

func isAny(err error, codes []syscall.Errno) bool {
	return slices.ContainsFunc(codes, func(code syscall.Errno) bool { return errors.Is(err, code) })
}

// explain turns an error that came before the head of an answer into a failure in our own words. The error's text
// is not used: it may hold the whole URL.
func (e *exchange) explain(ctx context.Context, err error) *run.Failure {
	if f := refused(err); f != nil {
		return f
	}
	if !e.wire.sent() {
		if f := e.unsent(ctx, err); f != nil {
			return f
		}
	}
	return e.unanswered(ctx, err)
}

// unsent explains why no byte of the request left.
func (e *exchange) unsent(ctx context.Context, err error) *run.Failure {
	at := e.target.shown
	if d, ok := errors.AsType[*net.DNSError](err); ok && !errors.Is(err, errConnectTimeout) {
		return e.dns(d)
	}
	if h, ok := errors.AsType[*handshakeError](err); ok {
		return e.tls(ctx, h)
	}
	switch {
	case isAny(err, refusedCodes):
		return &run.Failure{
			Cause: run.ConnectRefused, Summary: "connection refused (" + at + ")",
			Evidence: "The machine answered, but nothing listens on port " + strconv.Itoa(int(e.target.port)) + ".",
			Hint:     "Check the port in the URL or host, and whether the vendor's service is running.",
		}
	case errors.Is(err, errConnectTimeout), errors.Is(context.Cause(ctx), errTotal), isTimeout(err):
		limit := min(e.policy.connect(), e.policy.total())
		return &run.Failure{
			Cause: run.ConnectTimeout, Summary: "no connection within " + seconds(limit) + " (" + at + ")",
			Evidence: "Nothing answered at this address; not even a refusal came back.",
			Hint:     "Most often a firewall drops the connection. Ask whether the vendor must allow our address, and check host and port.",
		}
	case isAny(err, routeCodes):
		return &run.Failure{
			Cause: run.ConnectTimeout, Summary: "no route to " + at,
			Evidence: "The network says that this address cannot be reached.",
			Hint:     "Check the address, and whether a VPN or route to that network is up.",
		}
	case errors.Is(err, context.Canceled):
		return &run.Failure{
			Cause: run.ConnectTimeout, Summary: "given up before the connection was made (" + at + ")",
			Evidence: "The call was ended while it still waited for a connection.",
			Hint:     "The caller went away or Tieline was stopped. Run it again.",
		}
	case isAny(err, cutCodes), errors.Is(err, io.EOF):
		return &run.Failure{
			Cause: run.ConnectRefused, Summary: "connection closed by the other side before anything was sent (" + at + ")",
			Evidence: "The connection was made and closed again before the request went out.",
			Hint:     "Run it again. If it stays so, a firewall or proxy in between closes the connection.",
		}
	}
	return nil
}

func (e *exchange) dns(d *net.DNSError) *run.Failure {
	name := e.target.host
	switch {
	case d.IsNotFound:
		return &run.Failure{
			Cause: run.DNS, Summary: "no such host (" + name + ")",
			Evidence: "The name " + quoted(name) + " has no address in DNS.",
			Hint:     "Look for a typing mistake in the host. If the name is right, it may exist only inside the customer's own network.",
		}
	case d.IsTimeout:
		return &run.Failure{
			Cause: run.DNS, Summary: "the name server did not answer for " + name,
			Evidence: "The look-up of " + strconv.Quote(name) + " ran out of time.",
			Hint:     "Nothing was sent. Try again in a minute; if it stays so, the DNS of this machine is not working.",
		}
	}
	return &run.Failure{
		Cause: run.DNS, Summary: "the name " + name + " could not be looked up",
		Evidence: "The look-up of " + strconv.Quote(name) + " failed.",
		Hint:     "Nothing was sent. The DNS server refused or failed; try again, then check the DNS settings of this machine.",
	}
}

// tls explains a handshake that failed. Nothing of the request was sent.
func (e *exchange) tls(ctx context.Context, h *handshakeError) *run.Failure {
	at := e.target.shown
	f := &run.Failure{Cause: run.TLSFailure}
	if h.timeout || errors.Is(context.Cause(ctx), errTotal) {
		f.Summary = "no TLS handshake within " + seconds(min(tlsTimeout, e.policy.total())) + " (" + at + ")"
		f.Evidence = "The connection was made, and nothing answered the TLS handshake."
		f.Hint = "Something accepts the connection and then keeps silent. Check that the port is the one for https."
		return f
	}
	if _, plain := errors.AsType[tls.RecordHeaderError](h.err); plain {
		f.Summary = "no TLS on this port (" + at + ")"
		f.Evidence = "The server answered the TLS handshake with something else, most likely plain http."
		f.Hint = "Check the port. Use http:// only for a system in your own network."
		return f
	}
	if certificate(f, h.err, e.target.host, at) {
		if _, unknown := errors.AsType[x509.UnknownAuthorityError](h.err); unknown && e.policy.Identity.Authorities != "" {
			f.Hint = "The integrator names the authority that it trusts, and this certificate was signed by another one. Give the right authority in the integrator's authentication, or take it out to trust the usual ones."
		}
		return f
	}
	if isAlert(h.err) || h.asked && isCut(h.err) {
		return e.refusedByAlert(h.err, h.asked, h.shown)
	}
	f.Summary = "the TLS handshake failed (" + at + ")"
	f.Evidence = "The server closed the connection during the handshake."
	f.Hint = "Check host and port; the server may support only TLS versions before 1.2."
	return f
}

// certificate explains a certificate that is not trusted.
func certificate(f *run.Failure, err error, host, at string) bool {
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok && bad.Reason == x509.Expired {
		f.Summary = "the server's certificate is out of date (" + at + ")"
		if bad.Cert != nil {
			f.Evidence = "It is valid from " + day(bad.Cert.NotBefore) + " to " + day(bad.Cert.NotAfter) + "."
		}
		f.Hint = "Tell the vendor to renew the certificate. If the dates look right, the clock of this machine is wrong."
		return true
	}
	if bad, ok := errors.AsType[x509.HostnameError](err); ok {
		f.Summary = "the server's certificate is for another name (" + at + ")"
		if bad.Certificate != nil {
			f.Evidence = "It names " + names(bad.Certificate) + ", not " + host + "."
		}
		f.Hint = "Use the host name that the certificate names, or ask the vendor for the right address."
		return true
	}
	if bad, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		f.Summary = "the server's certificate is signed by nobody we know (" + at + ")"
		if bad.Cert != nil {
			f.Evidence = "It was issued by " + quoted(bad.Cert.Issuer.String()) + "."
		}
		f.Hint = "It is self-signed, or an intermediate certificate is missing on the server. Have the vendor install the full chain, or add their authority to this machine."
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		f.Summary = "the server's certificate is not valid (" + at + ")"
		f.Hint = "Ask the vendor for a certificate that browsers accept."
		return true
	}
	return false
}

// unanswered explains why no head of an answer came though the request, or a part of it, went out.
func (e *exchange) unanswered(ctx context.Context, err error) *run.Failure {
	f := &run.Failure{Cause: run.ReadTimeout}
	code, interim := errors.AsType[interimError](err)
	received := e.wire.received()
	if l := e.wire.link; l != nil && isAlert(err) {
		return e.refusedByAlert(err, l.raw.asked.Load(), l.raw.shown.Load())
	}
	switch {
	case interim:
		f.Cause = run.HTTPStatus
		f.Summary = "HTTP " + statusText(int(code)) + ", which is no answer"
		f.Evidence = "The server sent status " + strconv.Itoa(int(code)) + " where the answer should be."
		f.Hint = "The address may belong to a WebSocket or streaming service. Check the URL with the vendor."
		return f
	case errors.Is(context.Cause(ctx), errTotal), isTimeout(err):
		f.Summary = "no answer within " + seconds(e.policy.total())
		f.Evidence = "The request was sent to " + e.x.Peer + "; " + came(received) + " until the time was over."
		f.Hint = "The vendor is slow or stuck. Try again later; if it is always slow, raise the time limit of this endpoint."
	case received >= headerLimit:
		f.Cause = run.TooLarge
		f.Summary = "the headers of the answer are larger than 1 MiB"
		f.Evidence = "More than 1 MiB of headers came before the first byte of a body."
		f.Hint = "No sound API answers like this. Ask the vendor."
		return f
	case errors.Is(err, context.Canceled):
		f.Summary = "given up before an answer came"
		f.Evidence = "The request was sent to " + e.x.Peer + "."
		f.Hint = "The caller went away or Tieline was stopped. Run it again if that does no harm."
	case received > 0 && e.wire.garbled(err):
		f = notHTTP(err, received)
	default:
		f.Summary = "the server closed the connection without an answer"
		f.Evidence = "The request was sent to " + e.x.Peer + "; " + came(received) + "."
		if l := e.wire.link; l != nil && l.raw.asked.Load() && !l.raw.shown.Load() {
			f.Evidence += " The server had asked for a client certificate and got none."
		}
		f.Hint = "Try again. If it stays so, the vendor's server fails on this request; give them the time and the URL."
	}
	return e.perhapsDone(f)
}

// stalled explains a body that did not end in time. A part of it is in the exchange.
func (e *exchange) stalled(ctx context.Context, out *run.Response) *run.Failure {
	f := &run.Failure{
		Cause: run.ReadTimeout, Summary: "the answer did not end within " + seconds(e.policy.total()),
		Evidence: "HTTP " + statusText(out.Status) + " and " + size(out.Size) + " of the body came.",
		Hint:     "The vendor sends too slowly or stopped half-way. Try again later, or ask for less data.",
	}
	if !errors.Is(context.Cause(ctx), errTotal) {
		f.Summary = "given up before the answer ended"
		f.Hint = "The caller went away or Tieline was stopped. Run it again if that does no harm."
	}
	return e.perhapsDone(f)
}

// perhapsDone makes a failure of a call that is not safe to repeat into "outcome unknown": the other side may
// have done it.
func (e *exchange) perhapsDone(f *run.Failure) *run.Failure {
	if !e.policy.Unsafe {
		return f
	}
	return &run.Failure{
		Cause: run.OutcomeUnknown, Summary: "sent, outcome unknown: " + f.Summary, Evidence: f.Evidence,
		Hint: "The vendor may have done it all the same. Look there before you send it again.",
	}
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout() || errors.Is(err, os.ErrDeadlineExceeded)
}

// garbled tells whether bytes came that make no sense, in contrast to a connection that was cut. net/http has
// no error type for it; its text is looked at here and goes no further.
func (w *wire) garbled(err error) bool {
	if strings.Contains(err.Error(), "malformed HTTP") {
		return true
	}
	return !isCut(err) && (w.link == nil || !w.link.raw.ended.Load())
}

// isCut tells whether a connection ended.
func isCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || isAny(err, cutCodes)
}

func alertText(err error) string {
	_, text, ok := strings.Cut(err.Error(), "tls: ")
	if !ok {
		return "no reason given"
	}
	return text
}

func came(n int64) string {
	if n == 0 {
		return "nothing came back"
	}
	return size(n) + " came back, but no whole answer"
}

func names(c *x509.Certificate) string {
	list := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	switch {
	case len(list) == 0:
		return quoted(c.Subject.CommonName)
	case len(list) > 4:
		return strings.Join(list[:4], ", ") + " and others"
	}
	return strings.Join(list, ", ")
}

func statusText(code int) string {
	return strings.TrimSpace(strconv.Itoa(code) + " " + http.StatusText(code))
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// quoted shows a text of the other side: control characters escaped, cut to what a sentence can hold.
func quoted(s string) string {
	if len(s) > 120 {
		s = s[:120] + "…"
	}
	return strconv.Quote(s)
}
