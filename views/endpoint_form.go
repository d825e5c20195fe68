package views

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tieline/internal/integration"
	"tieline/views/ui"
)

// EndpointForm is an endpoint as it stands in the form: the definition as typed, the texts that may not be
// numbers yet, and what is wrong with it. Problems are keyed as in the document ("headers.0.name").
type EndpointForm struct {
	Integration string // the integration's name
	Was         string // the stored name; "" for a new endpoint
	Base        int64  // the revision that the form was filled from
	Tab         string
	Moved       bool // the tab was just changed by a button
	Gone        bool // it was deleted or renamed while it was edited
	Endpoint    integration.Endpoint
	Stored      integration.Endpoint    // as it is saved
	Parameters  []integration.Parameter // of the integration
	Others      []string                // names of the integration's other endpoints, for the look-up
	Typed       map[string]string       // number fields as typed, by key
	HeadersText string                  // headers as text, while they are edited so
	AsText      bool                    // the headers are edited as text
	AsJSON      bool                    // path, query and body are edited as JSON
	// ParametersText is path, query and body as JSON, while they are edited so.
	ParametersText string
	Conditional    bool           // the query may hold conditions of ConnectWise
	Conditions     *ConditionForm // the condition that is edited as rows; nil: none
	Patch          []PatchRow     // the body as rows of a patch; nil where it is text
	PatchText      bool           // the body of a PATCH is wanted as text
	Problems       map[string]string
	Warnings       map[string]string
	Managed        map[int]string // what Tieline does itself with a header row, by row
	Focus          string         // the field to go to after a button was pressed
	Hint           string         // a Content-Type worth adding, "" for none
	CURL           bool           // the URL is a cURL command
	RunID          string         // the last test beside the button
	ReadOnly       bool
}

// ConditionForm is one query parameter of ConnectWise's filter language as rows.
type ConditionForm struct {
	Param string // "conditions"
	Rows  []ConditionRow
}

// ConditionRow is one comparison, as typed.
type ConditionRow struct {
	Join, Field, Op, Kind, Value string
}

// PatchRow is one operation of a patch, as typed.
type PatchRow struct {
	Op, Path, Value string
}

// Fields are what the form's inputs need to know.
func (f EndpointForm) Fields() ui.Form {
	return ui.Form{Problems: f.Problems, ReadOnly: f.ReadOnly}
}

// focus are the attributes of the field that a button led to.
func (f EndpointForm) focus(key string) templ.Attributes {
	if key == f.Focus {
		return templ.Attributes{"autofocus": true}
	}
	return nil
}

// New tells whether the endpoint was never saved.
func (f EndpointForm) New() bool { return f.Was == "" }

// Number gives a number field as typed, else as it stands in the definition, "" for zero.
func (f EndpointForm) Number(key string, value int64) string {
	if typed, ok := f.Typed[key]; ok {
		return typed
	}
	if value == 0 {
		return ""
	}
	return strconv.FormatInt(value, 10)
}

// Statuses gives a list of status codes as typed, else as it stands in the definition.
func (f EndpointForm) Statuses(key string, codes []int) string {
	if typed, ok := f.Typed[key]; ok {
		return typed
	}
	return StatusText(codes)
}

// StatusText writes status codes as the form shows them: runs of neighbours as ranges ("200-204, 404").
func StatusText(codes []int) string {
	var parts []string
	for i := 0; i < len(codes); {
		last := i
		for last+1 < len(codes) && codes[last+1] == codes[last]+1 {
			last++
		}
		text := strconv.Itoa(codes[i])
		if last > i {
			text += "-" + strconv.Itoa(codes[last])
		}
		parts = append(parts, text)
		i = last + 1
	}
	return strings.Join(parts, ", ")
}

// HasParam tells whether the endpoint sends a parameter of the integration.
func (f EndpointForm) HasParam(name string) bool {
	return slices.Contains(f.Endpoint.Params, name)
}

// Policy gives the endpoint's limits; the zero Policy where it has none of its own.
func (f EndpointForm) Policy() integration.Policy {
	if f.Endpoint.Policy == nil {
		return integration.Policy{}
	}
	return *f.Endpoint.Policy
}

// Pages says how pages are asked for; the zero Pagination where there is one answer.
func (f EndpointForm) Pages() integration.Pagination {
	if f.Endpoint.Pagination == nil {
		return integration.Pagination{}
	}
	return *f.Endpoint.Pagination
}

// sizeExample is shown where no size parameter is named.
func (v EndpointView) sizeExample() string {
	if v.Form.Pages().Kind == "forward_only" {
		return "pageSize"
	}
	return "limit"
}

// expectedExample is what counts where nothing is expected.
func (v EndpointView) expectedExample() string {
	if v.Form.Pages().Numbered() {
		return "as many as in a page"
	}
	return "any number"
}

// start gives the number of the first page as typed, else as it stands; "" for the default.
func (f EndpointForm) start() string {
	if p := f.Pages(); p.Start != nil && f.Typed["pagination.start"] == "" {
		return strconv.Itoa(*p.Start)
	}
	return f.Typed["pagination.start"]
}

// Token gives where the token stands; the zero Token where nothing is said.
func (f EndpointForm) Token() integration.Token {
	if f.Endpoint.Token == nil {
		return integration.Token{}
	}
	return *f.Endpoint.Token
}

// Success gives the success rule; the zero Success where there is none.
func (f EndpointForm) Success() integration.Success {
	if f.Endpoint.Response.Success == nil {
		return integration.Success{}
	}
	return *f.Endpoint.Response.Success
}
