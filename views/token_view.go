package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"tieline/internal/account"
	"tieline/internal/run"
	"tieline/views/ui"
)

// TokenView is the token of a stored integrator. Current says that it belongs to the settings as they are;
// Redirect is the address that a vendor sends people back to, where one has to agree; Tried is a token call that
// was just made, nil for none.
type TokenView struct {
	Kept        run.Grant
	Current     bool
	NeedsPerson bool
	Redirect    string
	Now         time.Time
	Tried       *run.Run
}

// CheckView is a check of credentials that was just made. Tone says how it ended; Run is nil where nothing was
// sent; Problems are what is to be mended first, by field.
type CheckView struct {
	Tone     ui.Tone
	Message  string
	Run      *run.Run
	Problems map[string]string
}

// there tells whether there is a token that calls would use.
func (t TokenView) there() bool { return t.Current && t.Kept.Access.Set() }

func (t TokenView) over() bool {
	return t.there() && !t.Kept.ExpiresAt.IsZero() && !t.Now.Before(t.Kept.ExpiresAt)
}

// state is the token in one word and half a sentence.
func (t TokenView) state() (tone ui.Tone, word, text string) {
	lost := t.Current && t.Kept.Failure != nil && t.Kept.Failure.Cause == run.Reconnect && !t.there()
	switch {
	case lost && t.NeedsPerson:
		return ui.Bad, "reconnect", "The vendor no longer accepts what it gave. Somebody has to connect this integrator again."
	case !t.there() && t.NeedsPerson:
		return ui.Warn, "not connected", "Somebody who may use the vendor has to agree once."
	case t.Current && t.Kept.Failure != nil:
		return ui.Bad, "failed", "The last token call failed; the next call tries again."
	case !t.there():
		return ui.Neutral, "none yet", "A token is fetched with the first call."
	case t.over() && t.NeedsPerson && !t.Kept.Refresh.Set():
		return ui.Bad, "over", "The token is over, and the vendor gave nothing to renew it with. Connect again."
	case t.over():
		return ui.Neutral, "over", "It is renewed with the next call."
	}
	return ui.Good, "good", ""
}

func (t TokenView) facts() []ui.Fact {
	var facts []ui.Fact
	if t.there() {
		facts = append(facts,
			ui.Fact{Label: "Fetched", Part: ui.Time(t.Kept.ObtainedAt)},
			ui.Fact{Label: "Age", Value: length(t.Now.Sub(t.Kept.ObtainedAt))},
			t.end(),
		)
		if t.NeedsPerson {
			facts = append(facts, ui.Fact{Label: "Renewed by itself", Value: yesNo(t.Kept.Refresh.Set())})
		}
	}
	if !t.Kept.RefreshedAt.IsZero() {
		facts = append(facts, ui.Fact{Label: "Last renewed", Part: ui.Time(t.Kept.RefreshedAt)})
	}
	if !t.Kept.FailedAt.IsZero() {
		facts = append(facts, ui.Fact{Label: "Last failure", Part: ui.Time(t.Kept.FailedAt)})
	}
	if t.Redirect != "" {
		facts = append(facts, ui.Fact{Label: "Redirect address", Value: t.Redirect, Mono: true})
	}
	return facts
}

// end is when the token ends, as far as the vendor says.
func (t TokenView) end() ui.Fact {
	if t.Kept.ExpiresAt.IsZero() {
		return ui.Fact{Label: "Good until", Value: "the vendor does not say"}
	}
	return ui.Fact{Label: "Good until", Part: ui.Time(t.Kept.ExpiresAt)}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// length is a span of time in its two largest units.
func length(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	switch {
	case d < time.Minute:
		return number(int64(d/time.Second)) + " s"
	case d < time.Hour:
		return number(int64(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strings.TrimSuffix(number(int64(d/time.Hour))+" h "+number(int64(d%time.Hour/time.Minute))+" min", " 0 min")
	}
	return number(int64(d/(24*time.Hour))) + " days"
}

// shownRun is a run that is not stored: it has no page of its own, and nothing can be done to it.
func shownRun(r run.Run) RunView {
	if r.Failure != nil {
		f := *r.Failure
		f.Subject = ""
		r.Failure = &f
	}
	return RunView{Run: r, Bodies: true}
}

// mayAct tells whether somebody may fetch or forget the token.
func mayAct(p Page) bool { return p.May(account.EditIntegrators) && p.May(account.Test) }

func (v IntegratorView) askDisconnect(p Page) ui.Ask {
	return ui.Ask{
		ID: "ask-disconnect", Label: "Disconnect", Icon: ui.IconBan(), Kind: ui.Plain,
		Title: "Disconnect " + v.title() + "?", Text: "Its token is forgotten, and calls fail until somebody connects it again. The vendor is not told.",
		Href: p.To.IntegratorDo(v.Form.Of.Name, v.Form.Integrator.ID, "disconnect"), Button: "Disconnect it",
	}
}

// authEndpoints are the endpoints that may give the token.
func (v IntegratorView) authEndpoints() []ui.Option {
	chosen := v.Form.Integrator.Auth.Settings["endpoint"]
	options := []ui.Option{{Value: "", Label: "Choose…"}}
	for _, e := range v.Form.Of.Endpoints {
		if e.Type == "Auth" {
			options = append(options, ui.Option{Value: e.Name, Label: e.Title()})
		}
	}
	return with(options, chosen)
}

func connectKind(connected bool) ui.Kind {
	if connected {
		return ui.Plain
	}
	return ui.Primary
}

// stepTitle names one exchange: what it was for, what was called and what came of it.
func stepTitle(x run.Exchange) string {
	what := "call"
	if x.Purpose != "" {
		what = purposeWord(x.Purpose)
	}
	text := strings.ToUpper(what[:1]) + what[1:] + ": " + x.Request.Method + " " + baseURL(x.Request)
	if x.Response != nil {
		text += " – " + statusLine(x.Response)
	}
	return text
}

// sentTitle and answerTitle head the two halves of an exchange, so that a token call is not taken for the call.
func sentTitle(x run.Exchange) string {
	if x.Purpose == run.ForToken {
		return "Token call as sent"
	}
	return "Request as sent"
}

func answerTitle(x run.Exchange) string {
	if x.Purpose == run.ForToken {
		return "Answer to the token call"
	}
	return "Response"
}

// checkAttrs have only the result of a check drawn, so that what was typed stays where it is.
func (v IntegratorView) checkAttrs(p Page) templ.Attributes {
	return ui.And(ui.Swap("post", v.action(p), "integrator-check"), templ.Attributes{"hx-indicator": "#busy"})
}
