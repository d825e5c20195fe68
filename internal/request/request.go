// Package request builds one call from an endpoint's definition: it compiles the templates once (Compile),
// fills them with one call's values (Build, Preview) and says where every value came from. A value never gets
// out of its position: it is written in the way of its place (path, query, JSON, XML, header …), and the body
// is read again and compared to its template before it is let go. Sending is outbound's work.
package request

import (
	"time"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/run"
	"tieline/internal/secret"
)

// Data is what one call knows. Event holds the bare names, as Event merges them. Secrets has the opened secret
// values of the integrator under the keys of Integrator.Secrets ("field.ApiKey", "auth.password"). AuthToken,
// where it is set, is what {{auth.token}} stands for; else the integrator's own auth gives it.
type Data struct {
	Event          map[string]any
	Input          any
	HasInput       bool
	Context        map[string]any
	State          map[string]any
	Steps          map[string]any
	Options        map[string]any
	Integrator     integration.Integrator
	IntegratorName string
	Secrets        map[string]secret.Text
	Variables      map[string]Variable
	AuthToken      Token
	Nonce          string // a random text of this request, for {{auth.nonce}}
	RunID          string
	Now            time.Time
	Page           *Page // nil: the request as the endpoint has it

	// Last looks up what a mapping remembered under a key when the endpoint last succeeded; nil: nothing.
	Last func(key string) (value string, found bool, err error)

	// Program runs the program of a mapping on a JSON text within bounds; nil where none can be run.
	Program func(source string, input []byte) ([]byte, error)
}

// Token is a fetched token, ready to be placed: Prefix and Bare together are what is sent, in a header or in the
// query. Source says how old it is and how long it is good. The zero Token is none.
type Token struct {
	Bare   secret.Text
	Prefix string
	Place  integration.TokenPlace
	Source string
}

// Page is what one page of a list changes in the request. URL is the whole address that the page before named; ""
// is the endpoint's own. Query and Headers take the place of rows with their names.
type Page struct {
	URL     string
	Query   []Param
	Headers []run.Header
}

// Param is a query parameter in plain text.
type Param struct{ Name, Value string }

// Variable is the value of one ${NAME}. Source says where it is kept ("variable of customer acme"). Secret
// variables are masked and bound to the integrator's hosts like its own secrets.
type Variable struct {
	Value  secret.Text
	Secret bool
	Source string
}

// Call is a request that is ready to be sent, with all that is needed to hide its secrets afterwards. Request
// holds secrets in clear; Trace is masked already. Secrets are every secret value and what filters made of it;
// Spans are the places where they stand. Added names the headers that no row asked for. Dropped tells that the
// mapping does not want this record sent; Remember is what to keep under which key once the call succeeded.
//
// Made are the secrets among them that hold for this request alone. Presents names the kind of credentials that
// whoever sends the request must show beside it: "digest", "client_cert", or "" for none.
type Call struct {
	Request  run.Request
	Trace    []run.TokenUse
	Secrets  []string
	Made     []string
	Spans    []redact.Span
	Added    []string
	Presents string
	Dropped  bool
	Remember map[string]string
}

// limit is how large a whole request may be. It is checked before each value is written.
const limit = 10 << 20
