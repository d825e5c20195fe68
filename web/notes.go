package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"tieline/views/ui"
)

// Notes are messages that show once. Those for the next page travel in a cookie that is signed with the
// session id, so that nobody else can put words into the portal's mouth.

const (
	noteName = "note"
	notesKey = "notes"
)

// toast adds a message to this answer.
func toast(c echo.Context, tone ui.Tone, text string) {
	c.Set(notesKey, append(notesOf(c), ui.Note{Tone: tone, Text: text}))
}

func notesOf(c echo.Context) []ui.Note {
	notes, _ := c.Get(notesKey).([]ui.Note)
	return notes
}

// later keeps a message for the next page. sessionID signs it.
func (k cookies) later(w http.ResponseWriter, sessionID string, n ui.Note) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	http.SetCookie(w, sessions.NewCookie(k.name(noteName), text+"."+noteSum(sessionID, text), k.options(60)))
	return nil
}

// take reads the message that was kept, and takes its cookie away.
func (k cookies) take(w http.ResponseWriter, r *http.Request, sessionID string) (ui.Note, bool) {
	c, err := r.Cookie(k.name(noteName))
	if err != nil {
		return ui.Note{}, false
	}
	http.SetCookie(w, sessions.NewCookie(k.name(noteName), "", k.options(-1)))
	text, sum, ok := strings.Cut(c.Value, ".")
	if !ok || sessionID == "" || !hmac.Equal([]byte(sum), []byte(noteSum(sessionID, text))) {
		return ui.Note{}, false
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return ui.Note{}, false
	}
	var n ui.Note
	return n, json.Unmarshal(body, &n) == nil
}

func noteSum(sessionID, text string) string {
	mac := hmac.New(sha256.New, []byte("note\x00"+sessionID))
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
