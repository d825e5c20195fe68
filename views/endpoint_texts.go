package views

import (
	"slices"

	"tieline/internal/integration"
	"tieline/views/ui"
)

var conditionParams = []ui.Option{
	{Value: "conditions", Label: "Edit conditions"},
	{Value: "childConditions", Label: "Edit child conditions"},
	{Value: "customFieldConditions", Label: "Edit custom-field conditions"},
}

var conditionOps = words("=", "!=", ">", ">=", "<", "<=", "contains", "not contains", "like", "not like", "in", "not in")

var conditionKinds = []ui.Option{
	{Value: "text", Label: "Text"},
	{Value: "number", Label: "Number"},
	{Value: "date", Label: "Date"},
	{Value: "bool", Label: "True or false"},
	{Value: "null", Label: "Nothing"},
}

var patchOps = words("replace", "add", "remove")

// listParams are the further query parameters of a list that have no row yet.
func (v EndpointView) listParams() []string {
	return slices.DeleteFunc([]string{"orderBy", "fields", "page", "pageSize", "pageId"}, func(name string) bool {
		return slices.ContainsFunc(v.Form.Endpoint.Query, func(r integration.Row) bool { return r.Name == name })
	})
}
