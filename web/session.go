package web

import (
	"net/http"

	"github.com/gorilla/sessions"

	"tieline/internal/secret"
	"tieline/internal/signin"
)

// cookies writes and reads the few cookies of the portal. What a cookie holds is an opaque id: the session
// itself is a row that can be ended.
type cookies struct {
	secure bool
	path   string
}

// newCookies knows how the portal is reached; over https the names are bound to the host.
func newCookies(secure bool, root string) cookies {
	if secure || root == "" {
		return cookies{secure: secure, path: "/"} // a __Host- cookie must have this path
	}
	return cookies{path: root + "/"}
}

func (k cookies) name(what string) string {
	if k.secure {
		return "__Host-tieline_" + what
	}
	return "tieline_" + what
}

func (k cookies) options(seconds int) *sessions.Options {
	return &sessions.Options{Path: k.path, MaxAge: seconds, Secure: k.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Get gives the session of a request; it is never nil.
func (k cookies) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(k, name)
}

// New reads the session's id out of the request's cookie.
func (k cookies) New(r *http.Request, name string) (*sessions.Session, error) {
	s := sessions.NewSession(k, name)
	s.Options, s.IsNew = k.options(0), true
	if c, err := r.Cookie(k.name(name)); err == nil && c.Value != "" {
		s.ID, s.IsNew = c.Value, false
	}
	return s, nil
}

// Save writes the session's id as a cookie; a negative age takes the cookie away.
func (k cookies) Save(_ *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	http.SetCookie(w, sessions.NewCookie(k.name(s.Name()), s.ID, s.Options))
	return nil
}

const sessionName = "session"

func (k cookies) sessionID(r *http.Request) secret.Text {
	s, err := k.Get(r, sessionName)
	if err != nil {
		return secret.Text{}
	}
	return secret.NewText(s.ID)
}

// keep gives the browser a new session id; the cookie goes with the browser's own session.
func (k cookies) keep(w http.ResponseWriter, r *http.Request, in signin.Session) error {
	s, err := k.Get(r, sessionName)
	if err != nil {
		return err
	}
	s.ID, s.Options = in.ID.Reveal(), k.options(0)
	return s.Save(r, w)
}

// drop takes the session id away from the browser.
func (k cookies) drop(w http.ResponseWriter, r *http.Request) error {
	s, err := k.Get(r, sessionName)
	if err != nil {
		return err
	}
	s.ID, s.Options = "", k.options(-1)
	return s.Save(r, w)
}
