package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// login gives a token for the fixed user name and password.
func (v *vendor) login(w http.ResponseWriter, r *http.Request) {
	got, ok := fields(w, r)
	if !ok {
		return
	}
	if got["user"] != User || got["password"] != Password {
		refuse(w, "User name or password is wrong")
		return
	}
	expires := number(r, "expires_in", defaultExpires, 86_400)
	token := v.sign(time.Now().Add(time.Duration(expires) * time.Second))
	switch faultOf(r) {
	case "empty":
		w.WriteHeader(http.StatusOK)
	case "renamed":
		answer(w, http.StatusOK, object{"token": token, "expires": expires})
	case "null":
		answer(w, http.StatusOK, object{"access_token": nil, "expires_in": expires})
	default:
		answer(w, http.StatusOK, object{"access_token": token, "token_type": "Bearer", "expires_in": expires})
	}
}

// sign makes a token that is good until a moment.
func (v *vendor) sign(until time.Time) string {
	moment := strconv.FormatInt(until.Unix(), 10)
	mac := hmac.New(sha256.New, v.key)
	_, _ = mac.Write([]byte(moment))
	return moment + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// good tells whether a token is ours, and whether it is still good.
func (v *vendor) good(token string) (ours, live bool) {
	moment, _, _ := strings.Cut(token, ".")
	unix, err := strconv.ParseInt(moment, 10, 64)
	if err != nil {
		return false, false
	}
	until := time.Unix(unix, 0)
	ours = subtle.ConstantTimeCompare([]byte(token), []byte(v.sign(until))) == 1
	return ours, ours && time.Now().Before(until)
}

// bearer checks the Authorization header for the fixed token or one of /login.
func (v *vendor) bearer(w http.ResponseWriter, r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		refuse(w, "The bearer token is missing")
		return false
	}
	ours, live := v.good(token)
	switch {
	case token == InvoiceToken, live:
		return true
	case ours:
		refuse(w, "The access token has expired")
	default:
		refuse(w, "The token is not known")
	}
	return false
}

// validate says who a one-time sign-in token belongs to. Every token is good but the expired one.
func (v *vendor) validate(w http.ResponseWriter, r *http.Request) {
	got, ok := fields(w, r)
	if !ok {
		return
	}
	token, _ := got["authToken"].(string)
	switch {
	case token == "":
		answer(w, http.StatusBadRequest, object{"error": object{"code": "no_token", "message": "authToken is missing"}})
	case token == ExpiredToken:
		refuse(w, "The sign-in token has expired")
	case faultOf(r) == "empty":
		answer(w, http.StatusOK, object{})
	case faultOf(r) == "renamed":
		answer(w, http.StatusOK, object{"identifier": ContactID, "mail": ContactEmail})
	case faultOf(r) == "null":
		answer(w, http.StatusOK, object{"ContactEmail": nil, "ContactId": nil})
	default:
		answer(w, http.StatusOK, object{"ContactEmail": ContactEmail, "ContactId": ContactID})
	}
}

// echo shows a request as it came in. A JSON body is shown as JSON beside its text.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		answer(w, http.StatusRequestEntityTooLarge, object{"error": object{"code": "too_large", "message": fmt.Sprint("More than ", bodyLimit, " bytes.")}})
		return
	}
	got := object{
		"method": r.Method, "url": r.URL.String(), "path": r.URL.EscapedPath(), "query": r.URL.Query(),
		"host": r.Host, "headers": r.Header, "body": string(body), "length": len(body),
	}
	if json.Valid(body) {
		got["json"] = json.RawMessage(body)
	}
	answer(w, http.StatusOK, got)
}
