package web

import (
	"net/url"
	"reflect"
	"slices"
	"strings"

	"tieline/internal/integration"
	"tieline/views"
)

// decodeEndpoint reads the endpoint form. The definition is complete as far as it can be read; what cannot is
// in the form's problems. stored is what the form does not show and must not lose: triggers.
func decodeEndpoint(form url.Values, stored integration.Endpoint) views.EndpointForm {
	v := newFields(form)
	f := views.EndpointForm{
		Was:         v.text("was"),
		Base:        v.number("base"),
		Tab:         v.text("tab"),
		HeadersText: v.block("headers_text"),
		AsText:      form.Has("headers_text"),
		AsJSON:      form.Has("parameters"),
		PatchText:   form.Has("patch_text"),

		ParametersText: v.block("parameters"),
		Conditions:     v.conditions(),
		RunID:          v.text("run"),
		Typed:          v.typed,
	}
	f.Endpoint = integration.Endpoint{
		Name:        v.text("name"),
		Label:       v.text("label"),
		Description: strings.TrimSpace(v.block("description")),
		Type:        keep(v.text("type"), stored.Type, "GetData"),
		Direction:   v.text("direction"),
		Method:      keep(v.text("method"), stored.Method, "GET"),
		URL:         v.text("url"),
		Query:       v.nameValueRows("query"),
		Headers:     v.nameValueRows("headers"),
		Path:        v.nameValueRows("path"),
		Hard:        v.hardRows(),
		Params:      chosen(form["params"]),
		Body:        v.body(),
		Auth:        v.text("auth"),
		Mapping:     v.text("mapping"),
		Response:    v.response(),
		Contract:    v.text("contract"),
		Pagination:  v.pagination(),
		Token:       v.token(),
		Repeat:      v.text("repeat"),
		Lookup:      v.text("lookup"),
		Policy:      v.endpointPolicy(),
		Triggers:    stored.Triggers,
		Enabled:     integration.Switch(v.is("enabled")),
	}
	f.Patch = v.patch(&f.Endpoint.Body.Content)
	f.Problems = v.problems()
	return f
}

func chosen(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
}

func (v *fields) hardRows() []integration.HardRow {
	var rows []integration.HardRow
	for i := range v.rows("hard") {
		rows = append(rows, integration.HardRow{
			In: v.text(at("hard", i, "in")), Name: v.text(at("hard", i, "name")), Value: v.block(at("hard", i, "value")),
		})
	}
	return rows
}

// body reads the body. Content and rows of a kind that is not chosen stay in the form, so that a change of
// mind loses nothing; finishBody drops them when the endpoint is saved or sent.
func (v *fields) body() integration.Body {
	b := integration.Body{Kind: v.text("body.kind"), Content: v.block("body.content")}
	for i := range v.rows("body.rows") {
		b.Rows = append(b.Rows, integration.BodyRow{
			Name:        v.text(at("body.rows", i, "name")),
			Value:       v.block(at("body.rows", i, "value")),
			FileName:    v.text(at("body.rows", i, "file_name")),
			ContentType: v.text(at("body.rows", i, "content_type")),
			Enabled:     integration.Switch(v.is(at("body.rows", i, "enabled"))),
		})
	}
	return b
}

// finishBody leaves in a body only what its kind sends.
func finishBody(b integration.Body) integration.Body {
	switch b.Kind {
	case "raw", "json", "xml":
		return integration.Body{Kind: b.Kind, Content: b.Content}
	case "form", "multipart":
		return integration.Body{Kind: b.Kind, Rows: b.Rows}
	}
	return integration.Body{Kind: b.Kind}
}

func (v *fields) response() integration.Response {
	r := integration.Response{
		Type:       v.text("response.type"),
		Delimiter:  v.form.Get("response.delimiter"),
		Key:        v.text("response.key"),
		Items:      v.text("response.items"),
		Identifier: v.text("response.identifier"),
		Statuses:   v.statuses("response.statuses"),
	}
	for i := range v.rows("response.outputs") {
		r.Outputs = append(r.Outputs, integration.Output{
			Name: v.text(at("response.outputs", i, "name")), Path: v.text(at("response.outputs", i, "path")),
		})
	}
	s := integration.Success{
		Path: v.text("response.success.path"), Op: keep(v.text("response.success.op"), "", "="), Value: v.text("response.success.value"),
	}
	if s.Path != "" || s.Value != "" {
		r.Success = &s
	}
	return r
}

// token reads where an Auth endpoint's token stands; nil where nothing is said, which means the defaults.
func (v *fields) token() *integration.Token {
	t := integration.Token{
		Location:    v.text("token.location"),
		Path:        v.text("token.path"),
		ExpiresPath: v.text("token.expires_path"),
		ExpiresIn:   v.small("token.expires_in"),
		ExpiresKind: v.text("token.expires_kind"),
		Prefix:      v.form.Get("token.prefix"),
	}
	if name := v.text("token.place.name"); name != "" {
		t.Place = &integration.TokenPlace{In: v.text("token.place.in"), Name: name}
	}
	if t == (integration.Token{}) {
		return nil
	}
	return &t
}

// endpointPolicy reads the endpoint's own limits; nil where it has none.
func (v *fields) endpointPolicy() *integration.Policy {
	p := v.policy()
	if reflect.DeepEqual(p, integration.Policy{}) {
		return nil
	}
	return &p
}

// policy reads the limits that endpoints and integrators share.
func (v *fields) policy() integration.Policy {
	return integration.Policy{
		TimeoutS:         v.small("policy.timeout_s"),
		ConnectTimeoutS:  v.small("policy.connect_timeout_s"),
		MaxResponseBytes: v.number("policy.max_response_bytes"),
		OKStatuses:       v.statuses("policy.ok_statuses"),
		Retries:          v.small("policy.retries"),
		ResetHeader:      v.text("policy.reset_header"),
		ResetKind:        v.text("policy.reset_kind"),
		RatePerMin:       v.small("policy.rate_per_min"),
		Concurrency:      v.small("policy.concurrency"),
		FollowRedirects:  v.is("policy.follow_redirects"),
	}
}

// pagination reads how pages are asked for; nil for one answer. Fields of another kind than the chosen one are of
// no account: they were left over from a change of mind.
func (v *fields) pagination() *integration.Pagination {
	p := integration.Pagination{
		Kind: v.text("pagination.kind"), SizeParam: v.text("pagination.size_param"), Size: v.small("pagination.size"),
		MaxPages: v.small("pagination.max_pages"), Expected: v.small("pagination.expected"),
	}
	switch p.Kind {
	case "":
		return nil
	case "page":
		p.PageParam, p.Start = v.text("pagination.page_param"), v.optional("pagination.start")
	case "offset":
		p.OffsetParam, p.Start = v.text("pagination.offset_param"), v.optional("pagination.start")
	case "next_link":
		p.NextPath = v.text("pagination.next_path")
	case "cursor":
		p.CursorParam, p.CursorPath = v.text("pagination.cursor_param"), v.text("pagination.cursor_path")
	case "forward_only":
		p.CursorParam = v.text("pagination.cursor_param")
	}
	return &p
}
