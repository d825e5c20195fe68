package outbound

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"tieline/internal/run"
	"tieline/internal/secret"
	"tieline/internal/sign"
)

// Identity is who a call is to the other side of a TLS connection: a certificate with its chain and the key that
// belongs to it, all in PEM. Authorities, where they are given, are the only ones that a server's certificate may
// be signed by. Calls of different identities never share a connection.
type Identity struct {
	Certificate string
	Key         secret.Text
	Authorities string
}

// key tells identities apart; "" for the zero Identity.
func (i Identity) key() string {
	if i == (Identity{}) {
		return ""
	}
	h := sha256.New()
	for _, part := range []string{i.Certificate, i.Key.Reveal(), i.Authorities} {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return "\x00" + string(h.Sum(nil))
}

// identity is an Identity that was read.
type identity struct {
	certificate *tls.Certificate
	authorities *x509.CertPool
}

// read makes the certificates of their texts. What cannot be read was kept from being saved; where it got here all
// the same, every call of it fails and says why.
func (i Identity) read() (identity, *run.Failure) {
	var read identity
	if i.Certificate != "" || !i.Key.Empty() {
		pair, err := sign.Pair(i.Certificate, i.Key.Reveal())
		if err != nil {
			return read, unusable("client certificate", err)
		}
		read.certificate = &pair
	}
	if i.Authorities != "" {
		pool, err := sign.Authorities(i.Authorities)
		if err != nil {
			return read, unusable("certificate authority", err)
		}
		read.authorities = pool
	}
	return read, nil
}

func unusable(what string, err error) *run.Failure {
	return &run.Failure{
		Cause: run.TLSFailure, Summary: "the " + what + " of the integrator cannot be used",
		Evidence: err.Error(), Hint: "Nothing was sent. Open the integrator and give the " + what + " and its key again.",
	}
}

// isAlert tells whether the other side ended the connection with a TLS alert. TLS 1.3 judges a client's
// certificate after the handshake, so an alert may come where an answer is expected.
func isAlert(err error) bool {
	_, alert := errors.AsType[tls.AlertError](err)
	return alert || strings.Contains(err.Error(), "remote error: tls:")
}

// refusedByAlert explains a connection that the server ended while it judged who we are. It read nothing of the
// request then.
func (e *exchange) refusedByAlert(err error, asked, shown bool) *run.Failure {
	at := e.target.shown
	f := &run.Failure{Cause: run.TLSFailure, Evidence: "The server sent a TLS alert: " + alertText(err) + "."}
	if !isAlert(err) {
		f.Evidence = "The server asked for a client certificate and then closed the connection."
	}
	switch {
	case shown:
		f.Summary = "the server did not accept our client certificate (" + at + ")"
		f.Hint = alertHint(alertText(err))
	case asked:
		f.Summary = "the server wants a client certificate (" + at + ")"
		f.Hint = "Choose “Client certificate” as the authentication of the integrator, and give the certificate and key that the vendor issued. Nothing was done."
	default:
		f.Summary = "the server refused the TLS handshake (" + at + ")"
		f.Hint = "It may not know this host name, or want another version of TLS. Ask the vendor."
	}
	return f
}

// alertHint says what to do about a client certificate that was refused, by the reason in the alert.
func alertHint(reason string) string {
	switch {
	case strings.Contains(reason, "expired"):
		return "The certificate is out of date for the server. Get a new one and give it in the integrator's authentication."
	case strings.Contains(reason, "revoked"):
		return "The certificate was revoked. Get a new one from the vendor."
	case strings.Contains(reason, "unknown certificate authority"):
		return "The server does not know who signed the certificate. Give the one that the vendor issued or was told of, with its chain behind it."
	}
	return "Check that this is the certificate that the vendor issued for this address, with its chain behind it, and that the vendor has switched it on."
}
