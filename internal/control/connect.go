package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/executor"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// connectTime is how long a person may take at the vendor.
const connectTime = 10 * time.Minute

// Connect begins the way of a person to a vendor: it gives the address to go to. session is that of the person,
// to whom the way back is bound; redirect is where the vendor sends them back to.
func (p *Plane) Connect(ctx context.Context, who account.Actor, integratorID string, session secret.Text, redirect string) (string, error) {
	if err := who.May(account.EditIntegrators); err != nil {
		return "", err
	}
	t, err := p.ownTarget(ctx, who, integratorID)
	if err != nil {
		return "", err
	}
	if !t.integrator.Auth.NeedsPerson() {
		return "", fault.New(fault.Conflict, "This integrator's authentication needs nobody to agree.")
	}
	state, verifier := random(), secret.NewText(random())
	address, err := request.AuthorizeURL(t.integrator, redirect, state, verifier)
	if err != nil {
		return "", fault.New(fault.Conflict, "The authorize URL of this integrator cannot be read. Correct it and save.")
	}
	if t.integrator.Auth.Settings["pkce"] == "off" {
		verifier = secret.Text{}
	}
	hash := digest(state)
	sealed, err := p.seal.Seal(verifierPlace(hash, t.integrator), verifier)
	if err != nil {
		return "", err
	}
	return address, p.db.Tx(ctx, func(tx *db.Tx) error {
		return tx.CreateConnection(ctx, db.Connection{
			Hash: hash, Session: digest(session.Reveal()), IntegratorID: integratorID, Settings: t.integrator.GrantSettings(t.stored.Document),
			Redirect: redirect, Verifier: append([]byte{}, sealed.Data...), ExpiresAt: p.now().UTC().Add(connectTime),
		})
	})
}

func verifierPlace(hash string, in integration.Integrator) secret.Place {
	return secret.Place{Table: "connections", Row: hash, Column: "verifier", Customer: in.CustomerID}
}

// random is 256 bits as text that a URL and RFC 7636 take.
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Returned is what a person brings back from a vendor, as it stands in the address: a code, or an error.
type Returned struct {
	State            string
	Code             string
	Error            string
	ErrorDescription string
}

// Connected is an integrator after its person came back. Integration is its integration's name; Failure says why
// it is not connected, nil where it is.
type Connected struct {
	Integration string
	Integrator  integration.Integrator
	Failure     *run.Failure
}

// Reconnect ends the way back: the state must be one that was given to this person's session, and is good once;
// the person must still be allowed. A code is traded for a token, which is kept.
func (p *Plane) Reconnect(ctx context.Context, who account.Actor, session secret.Text, back Returned) (Connected, error) {
	if err := who.May(account.EditIntegrators); err != nil {
		return Connected{}, err
	}
	var way db.Connection
	err := p.db.Tx(ctx, func(tx *db.Tx) (err error) {
		way, err = tx.UseConnection(ctx, digest(back.State), digest(session.Reveal()), p.now().UTC())
		return err
	})
	if err != nil {
		return Connected{}, err
	}
	t, err := p.ownTarget(ctx, who, way.IntegratorID)
	if err != nil {
		return Connected{}, err
	}
	c := Connected{Integration: t.stored.Document.Name, Integrator: t.integrator}
	if c.Failure = unusable(back, way, t); c.Failure != nil {
		return c, nil
	}
	job, err := p.bare(ctx, who, t, false)
	if err != nil {
		return c, err
	}
	c.Failure = p.executor.Connect(ctx, job, executor.Code{
		Code: secret.NewText(back.Code), Verifier: secret.Sealed{Data: way.Verifier}, At: verifierPlace(way.Hash, t.integrator), Redirect: way.Redirect,
	}).Failure
	if c.Failure != nil {
		return c, nil
	}
	return c, p.noteIntegrator(ctx, who, t, "connect", func(*db.Tx) error { return nil })
}

// unusable says why what came back cannot be traded for a token.
func unusable(back Returned, way db.Connection, t target) *run.Failure {
	switch {
	case way.Settings != t.integrator.GrantSettings(t.stored.Document):
		return &run.Failure{Cause: run.Reconnect, Summary: "the integrator's authentication was changed meanwhile", Hint: "Press Connect again."}
	case back.Error == "access_denied":
		return &run.Failure{Cause: run.Reconnect, Summary: "the vendor says that access was denied" + said(back.ErrorDescription), Hint: "Press Connect again and agree there, or ask somebody who may."}
	case back.Error != "":
		return &run.Failure{Cause: run.Reconnect, Summary: "the vendor says " + short(back.Error, 60) + said(back.ErrorDescription), Hint: "Check the client ID, the scopes and the redirect address that are registered at the vendor."}
	case back.Code == "" || len(back.Code) > 8<<10 || !utf8.ValidString(back.Code):
		return &run.Failure{Cause: run.Reconnect, Summary: "the vendor sent no code", Hint: "Press Connect again. If it stays so, ask the vendor."}
	}
	return nil
}

func said(description string) string {
	if description = short(description, 300); description == "" {
		return ""
	}
	return ": " + description
}

// short is foreign text in one line and in at most so many characters.
func short(text string, most int) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)), " ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return strings.TrimRight(text, ".")
}

// Disconnect forgets an integrator's token. The vendor is not told.
func (p *Plane) Disconnect(ctx context.Context, who account.Actor, integratorID string) error {
	if err := who.May(account.EditIntegrators); err != nil {
		return err
	}
	t, err := p.ownTarget(ctx, who, integratorID)
	if err != nil {
		return err
	}
	return p.noteIntegrator(ctx, who, t, "disconnect", func(tx *db.Tx) error { return tx.DeleteGrant(ctx, integratorID) })
}

// noteIntegrator does something to an integrator's token and writes it to the audit trail.
func (p *Plane) noteIntegrator(ctx context.Context, who account.Actor, t target, action string, do func(*db.Tx) error) error {
	return p.change(ctx, who, account.EditIntegrators, func(tx *db.Tx) (done, error) {
		what := done{
			action: action, subject: "integrator", subjectID: t.integrator.ID,
			name: t.stored.Document.Name + "/" + t.customer.Slug, customerID: t.customer.ID,
		}
		return what, do(tx)
	})
}
