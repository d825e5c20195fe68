// Package sandbox is a small third party that does not exist: a contact look-up, an SMS provider, invoices, a
// paged company list, a sign-in that gives tokens, and switches that make each of them fail in the ways real
// ones do. The demo and the tests call it. It stands alone: it knows nothing of the rest of the program, keeps
// nothing, and its credentials are public.
package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"
)

// The credentials that the sandbox asks for. They open nothing but this fake.
const (
	CRMKey         = "sandbox-crm-key-5d41402a"  // header ApiKey of /crm
	SMSKey         = "sandbox-sms-key-7c211433"  // field ApiKey of /sms/send
	SMSSecret      = "sandbox-sms-secret-90c1"   //nolint:gosec // public on purpose
	InvoiceToken   = "sandbox-invoice-token-3f7" //nolint:gosec // public on purpose
	User           = "sandbox"
	Password       = "sandbox-password-1138"
	CompanyID      = "acme"
	PublicKey      = "sandboxpublic"
	PrivateKey     = "sandbox-private-key-66b1"
	ClientID       = "6f1a7c1e-0000-4000-8000-5a9db0c5a1de"
	KnownPhone     = "+15551234567"
	KnownContact   = "501"
	ExpiredToken   = "expired"
	ContactEmail   = "billing@harbour-bakery.test"
	ContactID      = "C-1001"
	FaultHeader    = "X-Sandbox-Fault"
	RetryAfter     = 30
	bodyLimit      = 1 << 20
	defaultExpires = 3600
)

// vendor holds what the handlers share.
type vendor struct {
	key []byte // signs the tokens of /login; new with every start
}

// New is the sandbox as a handler. Every route understands the fault switches.
func New() http.Handler {
	v := &vendor{key: make([]byte, 32)}
	_, _ = rand.Read(v.key)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", index)
	mux.HandleFunc("GET /crm/contacts", contacts)
	mux.HandleFunc("GET /crm/contacts/{id}", contact)
	mux.HandleFunc("POST /sms/send", sendSMS)
	mux.HandleFunc("GET /invoices/{file}", v.invoice)
	psaRoutes(mux)
	mux.HandleFunc("POST /login", v.login)
	mux.HandleFunc("POST /validate", v.validate)
	mux.HandleFunc("POST /leads", leads)
	mux.HandleFunc("/echo", echo)
	return faulty(mux)
}

// Serve serves the sandbox on a listener until the context ends. It closes the listener.
func Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: New(), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stopped <- server.Close()
	}()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return <-stopped
	}
	return err
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "the sandbox cannot write its answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// object is a JSON object.
type object = map[string]any

// refuse answers 401 in the way of this vendor.
func refuse(w http.ResponseWriter, message string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="sandbox", error="invalid_token", error_description="`+message+`"`)
	answer(w, http.StatusUnauthorized, object{"error": object{"code": "unauthorized", "message": message}})
}

// fields reads the body of a post: a JSON object or a form.
func fields(w http.ResponseWriter, r *http.Request) (object, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if isForm(r) {
		if err := r.ParseForm(); err != nil {
			answer(w, http.StatusBadRequest, object{"error": object{"code": "bad_form", "message": "The form cannot be read."}})
			return nil, false
		}
		got := object{}
		for name := range r.PostForm {
			got[name] = r.PostForm.Get(name)
		}
		return got, true
	}
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	var got object
	if err := decoder.Decode(&got); err != nil || got == nil {
		answer(w, http.StatusBadRequest, object{"error": object{"code": "bad_json", "message": "The body is not a JSON object."}})
		return nil, false
	}
	return got, true
}
