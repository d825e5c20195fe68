package web

import (
	"slices"
	"strings"

	"tieline/internal/criteria"
	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/views"
)

// An endpoint's rows can be looked at in other ways: headers and parameters as text, a condition and a patch as
// rows. While such a view is open, what stands in it counts, whatever button is pressed; its cancel button alone
// drops it.

// applyTexts reads the open views back into the endpoint, and tells whether one of them cannot be read.
func applyTexts(f *views.EndpointForm, op string) (problem bool) {
	if f.AsText && applyHeaderText(f, op) {
		return true
	}
	if f.AsJSON && applyParameters(f, op) {
		return true
	}
	return f.Conditions != nil && applyConditions(f, op)
}

// openText opens a view; false for buttons that open none.
func openText(f *views.EndpointForm, op string) bool {
	name, value, _ := strings.Cut(op, ":")
	switch name {
	case "headers-text":
		showHeaderText(f)
	case "parameters-text":
		f.ParametersText, f.AsJSON, f.Focus = request.ParametersText(f.Endpoint), true, "parameters"
	case "conditions-open":
		return showConditions(f, value)
	default:
		return false
	}
	return true
}

// closesText tells whether a button only belongs to a view that is closed by now.
func closesText(op string) bool {
	return strings.HasPrefix(op, "headers-") || strings.HasPrefix(op, "parameters-") || strings.HasPrefix(op, "conditions-")
}

// applyParameters makes rows and body of the parameters as text.
func applyParameters(f *views.EndpointForm, op string) (problem bool) {
	if op == "parameters-cancel" {
		f.AsJSON = false
		return false
	}
	e, err := request.ParseParameters(f.ParametersText, f.Endpoint)
	if err != nil {
		fields, _ := fault.FieldsOf(err)
		f.Problems = fields
		return true
	}
	before := f.Endpoint.Body.Kind
	f.Endpoint, f.AsJSON = e, false
	settleEndpoint(f, before)
	return false
}

// showConditions opens a query row as conditions; false where the name is none of theirs.
func showConditions(f *views.EndpointForm, param string) bool {
	if !slices.Contains(criteria.Params(), param) {
		return false
	}
	text := ""
	if i := conditionRow(f.Endpoint, param); i >= 0 {
		text = f.Endpoint.Query[i].Value
	}
	rows, ok := criteria.Parse(text)
	if !ok {
		f.Problems = map[string]string{"conditions": "The condition as it is cannot be shown as rows: it has parentheses, or it is not finished. Edit it in its query row."}
		return true
	}
	f.Conditions = &views.ConditionForm{Param: param}
	for _, r := range rows {
		f.Conditions.Rows = append(f.Conditions.Rows, views.ConditionRow(r))
	}
	if len(rows) == 0 {
		f.Conditions.Rows = []views.ConditionRow{{Op: "=", Kind: "text"}}
	}
	f.Focus = at("conditions", 0, "name")
	return true
}

// sinceLastSuccess is the moment of the last run that succeeded; the first run takes everything.
const sinceLastSuccess = `{{state.last_success_at|default:"1970-01-01T00:00:00Z"}}`

// applyConditions writes the rows of the open condition into its query row. Row buttons leave the view open.
func applyConditions(f *views.EndpointForm, op string) (problem bool) {
	open := f.Conditions
	if op == "conditions-cancel" {
		f.Conditions = nil
		return false
	}
	if row, ok := parseRowOp(op); ok && row.List == "condition" {
		f.Focus = at("conditions", row.focus(len(open.Rows)), "name")
		open.Rows = applyRows(open.Rows, row, views.ConditionRow{Op: "=", Kind: "text"})
		return false
	}
	if op == "conditions-since" {
		open.Rows = slices.DeleteFunc(open.Rows, func(r views.ConditionRow) bool { return r.Field == "" && r.Value == "" })
		open.Rows = append(open.Rows, views.ConditionRow{Join: "and", Field: "lastUpdated", Op: ">", Kind: "date", Value: sinceLastSuccess})
		return false
	}
	var rows []criteria.Row
	for _, r := range open.Rows {
		rows = append(rows, criteria.Row(r))
	}
	if len(rows) == 1 && rows[0].Field == "" && rows[0].Value == "" {
		rows = nil
	}
	text, err := criteria.Text(rows)
	if err != nil {
		f.Problems, _ = fault.FieldsOf(err)
		return true
	}
	setCondition(&f.Endpoint, open.Param, text)
	f.Conditions = nil
	return false
}

// conditionRow is the place of the query row that holds a condition, -1 where there is none.
func conditionRow(e integration.Endpoint, param string) int {
	return slices.IndexFunc(e.Query, func(r integration.Row) bool { return r.Name == param })
}

// conditional tells whether an endpoint's query may hold conditions.
func conditional(of integration.Integration, e integration.Endpoint) bool {
	return of.Preset == "connectwise" && e.EffectiveMethod() == "GET" && e.URL != "" && e.Type != "Document"
}

// setCondition writes a condition into its query row; without text the row goes.
func setCondition(e *integration.Endpoint, param, text string) {
	i := conditionRow(*e, param)
	switch {
	case text == "" && i >= 0:
		e.Query = slices.Delete(e.Query, i, i+1)
	case i >= 0:
		e.Query[i].Value, e.Query[i].Source = text, ""
	case text != "":
		e.Query = append(e.Query, integration.Row{Name: param, Value: text})
	}
}

// conditions reads the open condition; nil where none is open.
func (v *fields) conditions() *views.ConditionForm {
	param := v.text("conditions.param")
	if !slices.Contains(criteria.Params(), param) {
		return nil
	}
	open := &views.ConditionForm{Param: param}
	for i := range v.rows("conditions") {
		open.Rows = append(open.Rows, views.ConditionRow{
			Join: v.text(at("conditions", i, "join")), Field: v.text(at("conditions", i, "name")), Op: v.text(at("conditions", i, "op")),
			Kind: v.text(at("conditions", i, "kind")), Value: v.block(at("conditions", i, "value")),
		})
	}
	return open
}
