// Package integration holds what a third party offers and how a customer uses it: integrations with their
// parameters and endpoints, and integrators. An Integration is a document: the same value is stored, exported,
// imported, served, compared and restored. Values are pure; Validate says every problem at once.
package integration

// Integration is what a third party offers. Name is unique; Customer is the slug of the one customer that may
// use a private integration. Info and Iframe say whether integrators may carry such JSON.
type Integration struct {
	Name        string      `json:"name"`
	Label       string      `json:"label,omitempty"`
	Type        string      `json:"type,omitempty"` // crm, sms, psa, billing, other
	Description string      `json:"description,omitempty"`
	Info        bool        `json:"info,omitempty"`
	Iframe      bool        `json:"iframe,omitempty"`
	Visibility  string      `json:"visibility,omitempty"` // shared (default), private
	Customer    string      `json:"customer,omitempty"`
	Preset      string      `json:"preset,omitempty"`
	Enabled     *bool       `json:"enabled,omitempty"` // nil: yes
	Parameters  []Parameter `json:"parameters,omitempty"`
	Mappings    []Mapping   `json:"mappings,omitempty"`
	Endpoints   []Endpoint  `json:"endpoints,omitempty"`
}

// Parameter is a value that every integrator gives. It is sent only where an endpoint's params list it (at In,
// with Transform), or where a template names field.<name>.
type Parameter struct {
	Name      string `json:"name"`
	Label     string `json:"label,omitempty"`
	In        string `json:"in,omitempty"`        // header (default), query, path, body
	Transform string `json:"transform,omitempty"` // none (default), md5, sha256, base64
	Required  bool   `json:"required,omitempty"`
	Secret    bool   `json:"secret,omitempty"`
	Default   string `json:"default,omitempty"`
	Example   string `json:"example,omitempty"`
	Help      string `json:"help,omitempty"`
	Prefix    string `json:"prefix,omitempty"`  // drawn before the box, and sent before the value
	Suffix    string `json:"suffix,omitempty"`  // drawn after the box, and sent after the value
	Pattern   string `json:"pattern,omitempty"` // a regular expression (RE2) that the whole value must match
}

// Endpoint is one HTTP request and how its answer is read.
type Endpoint struct {
	Name        string      `json:"name"`
	Label       string      `json:"label,omitempty"`
	Description string      `json:"description,omitempty"`
	Type        string      `json:"type,omitempty"`      // Auth, GetData (default), PostData, SendSMS, Document, Login, Inbound
	Direction   string      `json:"direction,omitempty"` // outbound (default), inbound
	Method      string      `json:"method,omitempty"`    // GET (default), POST, PUT, PATCH, DELETE, HEAD
	URL         string      `json:"url,omitempty"`
	Query       []Row       `json:"query,omitempty"`
	Headers     []Row       `json:"headers,omitempty"`
	Path        []Row       `json:"path,omitempty"`
	Hard        []HardRow   `json:"hard,omitempty"`
	Params      []string    `json:"params,omitempty"`
	Body        Body        `json:"body,omitzero"`
	Auth        string      `json:"auth,omitempty"`    // inherit (default), none; type Auth implies none
	Mapping     string      `json:"mapping,omitempty"` // the name of a mapping of the integration
	Response    Response    `json:"response,omitzero"`
	Contract    string      `json:"contract,omitempty"` // none, result, token, records, document, identity; empty: by type
	Token       *Token      `json:"token,omitempty"`
	Pagination  *Pagination `json:"pagination,omitempty"`
	Repeat      string      `json:"repeat,omitempty"` // safe, check_first, never; empty: by method
	Lookup      string      `json:"lookup,omitempty"` // the endpoint that check_first asks
	Policy      *Policy     `json:"policy,omitempty"`
	Triggers    []Trigger   `json:"triggers,omitempty"`
	Enabled     *bool       `json:"enabled,omitempty"` // nil: yes
}

// Row is one header, query parameter or path parameter. Value is a template; with a Source it is a bare name
// in that source instead (field, auth, input, event, hard, var, ctx), so {Source: "ctx", Value: "contact.id"}
// is {{ctx.contact.id}}.
type Row struct {
	Name    string `json:"name"`
	Value   string `json:"value,omitempty"`
	Source  string `json:"source,omitempty"`
	Enabled *bool  `json:"enabled,omitempty"` // nil: yes
}

// HardRow is a constant of the endpoint that a client's body cannot override; {{hard.<name>}} names it.
type HardRow struct {
	In    string `json:"in,omitempty"` // header, query, path, body; empty: only named by templates
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// Body is what a request carries. Content is a template for raw, json and xml; Rows are for form and multipart.
type Body struct {
	Kind    string    `json:"kind,omitempty"` // none (default), raw, json, form, xml, multipart
	Content string    `json:"content,omitempty"`
	Rows    []BodyRow `json:"rows,omitempty"`
}

// BodyRow is one field of a form or one part of a multipart body. FileName makes a part a file.
type BodyRow struct {
	Name        string `json:"name"`
	Value       string `json:"value,omitempty"`
	FileName    string `json:"file_name,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Enabled     *bool  `json:"enabled,omitempty"`
}

// Response says how an answer is read. Indexes in paths start at 0.
type Response struct {
	Type       string   `json:"type,omitempty"`      // auto (default), json, xml, text, csv, binary
	Delimiter  string   `json:"delimiter,omitempty"` // text and csv
	Key        string   `json:"key,omitempty"`       // where the result stands; missing or null fails the run
	Items      string   `json:"items,omitempty"`     // where the records stand; "" is the whole answer
	Identifier string   `json:"identifier,omitempty"`
	Outputs    []Output `json:"outputs,omitempty"`
	Success    *Success `json:"success,omitempty"`
	Statuses   []int    `json:"statuses,omitempty"` // wins over the policy's; default 200-299
}

// Output names a value of the answer for later use; it may be absent.
type Output struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// Success is the condition on the body. Its short text form is "path=value", with any operator of Ops.
type Success struct {
	Path  string `json:"path"`
	Op    string `json:"op,omitempty"` // default "="
	Value string `json:"value,omitempty"`
}

// Token says where an Auth endpoint's answer holds the token and how long it lives.
type Token struct {
	Location    string      `json:"location,omitempty"`     // json (default), header, xml, text
	Path        string      `json:"path,omitempty"`         // default access_token
	ExpiresPath string      `json:"expires_path,omitempty"` // default expires_in
	ExpiresIn   int         `json:"expires_in,omitempty"`   // seconds assumed where the answer says nothing; default 3600
	ExpiresKind string      `json:"expires_kind,omitempty"` // seconds (default), moment
	Prefix      string      `json:"prefix,omitempty"`       // default "Bearer " in a header; "none" for nothing
	Place       *TokenPlace `json:"place,omitempty"`
}

// TokenPlace is where the token goes in requests; the default is the Authorization header.
type TokenPlace struct {
	In   string `json:"in"` // header, query
	Name string `json:"name"`
}

// Policy are the limits of a call; zero values take the next wider default (endpoint, integrator, Tieline).
type Policy struct {
	TimeoutS         int      `json:"timeout_s,omitempty"`         // 1-120, body included; default 30
	ConnectTimeoutS  int      `json:"connect_timeout_s,omitempty"` // 1-30; default 5
	OKStatuses       []int    `json:"ok_statuses,omitempty"`
	MaxResponseBytes int64    `json:"max_response_bytes,omitempty"` // at most 25 MiB; default 10 MiB, documents 25 MiB
	Retries          int      `json:"retries,omitempty"`            // repeats of a synchronous call after the first try, 0-5, and of every page of a list, there at least 3; only where nothing was sent or the repeat class allows
	ResetHeader      string   `json:"reset_header,omitempty"`       // the header in which the vendor says when it takes calls again, besides Retry-After
	ResetKind        string   `json:"reset_kind,omitempty"`         // what that header holds: seconds (default) from now, or a moment
	RatePerMin       int      `json:"rate_per_min,omitempty"`       // requests a minute to one host with one credential, shared by all endpoints; 0: no limit of our own
	Concurrency      int      `json:"concurrency,omitempty"`        // requests under way to one host with one credential; 0: 5 for ConnectWise, else no limit of our own
	FollowRedirects  bool     `json:"follow_redirects,omitempty"`   // at most 3, each checked
	ExtraHosts       []string `json:"extra_hosts,omitempty"`        // integrators only: more hosts that may see its secrets
}

// On tells whether a switch that is on by default is on.
func On(enabled *bool) bool { return enabled == nil || *enabled }

// Switch is the stored form of a switch that is on by default: nil for on.
func Switch(on bool) *bool {
	if on {
		return nil
	}
	return &on
}

// Endpoint finds an endpoint by name.
func (in Integration) Endpoint(name string) (Endpoint, bool) {
	for _, e := range in.Endpoints {
		if e.Name == name {
			return e, true
		}
	}
	return Endpoint{}, false
}

// Parameter finds a parameter by name.
func (in Integration) Parameter(name string) (Parameter, bool) {
	for _, p := range in.Parameters {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// Title is the label, or the name where there is none.
func (in Integration) Title() string {
	if in.Label != "" {
		return in.Label
	}
	return in.Name
}

// Title is the label, or the name where there is none.
func (e Endpoint) Title() string {
	if e.Label != "" {
		return e.Label
	}
	return e.Name
}

// EffectiveContract is the contract in force: the endpoint's own, else its type's, else records where it has pages.
func (e Endpoint) EffectiveContract() string {
	if e.Contract != "" {
		return e.Contract
	}
	switch e.Type {
	case "Auth":
		return "token"
	case "Document":
		return "document"
	case "Login":
		return "identity"
	}
	if e.Pagination != nil {
		return "records"
	}
	return "none"
}

// EffectiveMethod is the method in force, GET by default.
func (e Endpoint) EffectiveMethod() string {
	if e.Method == "" {
		return "GET"
	}
	return e.Method
}

// EffectiveRepeat is the repeat class in force: the endpoint's own, else safe for GET, HEAD, PUT and DELETE
// or with an enabled Idempotency-Key header row, else never.
func (e Endpoint) EffectiveRepeat() string {
	if e.Repeat != "" {
		return e.Repeat
	}
	switch e.EffectiveMethod() {
	case "GET", "HEAD", "PUT", "DELETE":
		return "safe"
	}
	for _, h := range e.Headers {
		if On(h.Enabled) && equalFold(h.Name, "Idempotency-Key") {
			return "safe"
		}
	}
	return "never"
}

// Title is the label, or the name where there is none.
func (p Parameter) Title() string {
	if p.Label != "" {
		return p.Label
	}
	return p.Name
}
