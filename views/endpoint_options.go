package views

import (
	"strconv"

	"tieline/internal/integration"
	"tieline/views/ui"
)

// The words of the endpoint form's select boxes, in the order they show. The first is the default.

var methodOptions = words("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")

var typeOptions = []ui.Option{
	{Value: "GetData", Label: "GetData – reads data"},
	{Value: "PostData", Label: "PostData – writes data"},
	{Value: "SendSMS", Label: "SendSMS – sends a message"},
	{Value: "Document", Label: "Document – a PDF, PNG or JPEG"},
	{Value: "Login", Label: "Login – says who a login token belongs to"},
	{Value: "Auth", Label: "Auth – fetches an access token"},
}

var inboundType = ui.Option{Value: "Inbound", Label: "Inbound – receives data"}

var sourceOptions = []ui.Option{
	{Value: "", Label: "Text"},
	{Value: "field", Label: "Field"},
	{Value: "auth", Label: "Token"},
	{Value: "input", Label: "Input"},
	{Value: "event", Label: "Event"},
	{Value: "hard", Label: "Hard"},
	{Value: "var", Label: "Var"},
	{Value: "ctx", Label: "Ctx"},
}

var hardOptions = []ui.Option{
	{Value: "", Label: "Only by {{hard.…}}"},
	{Value: "header", Label: "Header"},
	{Value: "query", Label: "Query"},
	{Value: "path", Label: "Path"},
	{Value: "body", Label: "Body"},
}

var bodyOptions = []ui.Option{
	{Value: "", Label: "None"},
	{Value: "json", Label: "JSON"},
	{Value: "form", Label: "Form (URL-encoded)"},
	{Value: "xml", Label: "XML"},
	{Value: "multipart", Label: "Multipart"},
	{Value: "raw", Label: "Raw text"},
}

var authOptions = []ui.Option{
	{Value: "", Label: "As the integrator says"},
	{Value: "none", Label: "None"},
}

var repeatOptions = []ui.Option{
	{Value: "", Label: "By the method"},
	{Value: "safe", Label: "Safe to repeat"},
	{Value: "check_first", Label: "Check first with another endpoint"},
	{Value: "never", Label: "Never repeat"},
}

var answerOptions = []ui.Option{
	{Value: "", Label: "Auto (by Content-Type)"},
	{Value: "json", Label: "JSON"},
	{Value: "xml", Label: "XML"},
	{Value: "text", Label: "TEXT"},
	{Value: "csv", Label: "CSV"},
	{Value: "binary", Label: "Binary"},
}

var contractOptions = []ui.Option{
	{Value: "", Label: "By the type"},
	{Value: "none", Label: "None"},
	{Value: "result", Label: "Result"},
	{Value: "records", Label: "Records – a list at the items path"},
	{Value: "document", Label: "Document – PDF, PNG or JPEG"},
	{Value: "identity", Label: "Identity – ContactId or ContactEmail"},
	{Value: "token", Label: "Token"},
}

var locationOptions = []ui.Option{
	{Value: "", Label: "JSON"},
	{Value: "header", Label: "Header"},
	{Value: "xml", Label: "XML"},
	{Value: "text", Label: "The whole text"},
}

var expiresOptions = []ui.Option{
	{Value: "", Label: "Seconds from now"},
	{Value: "moment", Label: "A moment"},
}

var resetOptions = []ui.Option{
	{Value: "", Label: "Seconds from now"},
	{Value: "moment", Label: "A moment"},
}

var pageOptions = []ui.Option{
	{Value: "", Label: "One answer is all"},
	{Value: "page", Label: "Page number"},
	{Value: "offset", Label: "Offset"},
	{Value: "next_link", Label: "Next link in the body"},
	{Value: "link_header", Label: "Link header"},
	{Value: "cursor", Label: "Cursor in the body"},
	{Value: "forward_only", Label: "Forward-only (ConnectWise)"},
}

var placeOptions = []ui.Option{
	{Value: "header", Label: "Header"},
	{Value: "query", Label: "Query"},
}

// opOptions are the comparisons of a success rule.
var opOptions = words(integration.SuccessOps()...)

var integrationTypes = []ui.Option{
	{Value: "crm", Label: "CRM"},
	{Value: "sms", Label: "SMS"},
	{Value: "psa", Label: "PSA"},
	{Value: "billing", Label: "Billing"},
	{Value: "other", Label: "Other"},
}

var visibilityOptions = []ui.Option{
	{Value: "shared", Label: "Shared – every customer may use it"},
	{Value: "private", Label: "Private – one customer alone"},
}

var placesOptions = []ui.Option{
	{Value: "", Label: "Header"},
	{Value: "query", Label: "Query"},
	{Value: "path", Label: "Path"},
	{Value: "body", Label: "Body"},
}

var transformOptions = []ui.Option{
	{Value: "", Label: "As it is"},
	{Value: "md5", Label: "MD5 (weak, for old SMS gateways)"},
	{Value: "sha256", Label: "SHA-256"},
	{Value: "base64", Label: "Base64"},
}

func words(values ...string) []ui.Option {
	var options []ui.Option
	for _, v := range values {
		options = append(options, ui.Option{Value: v, Label: v})
	}
	return options
}

// with adds a value that is stored but not offered, so that a form never changes what nobody touched.
func with(options []ui.Option, value string) []ui.Option {
	for _, o := range options {
		if o.Value == value {
			return options
		}
	}
	return append(append([]ui.Option{}, options...), ui.Option{Value: value, Label: orDefault(value, "–")})
}

// rowKey is the key of a field in a row, as in the document.
func rowKey(list string, row int, field string) string {
	return list + "." + strconv.Itoa(row) + "." + field
}

func orDefault(value, standard string) string {
	if value == "" {
		return standard
	}
	return value
}

// endpointTypes offers the types that make sense for a new endpoint, and always the one in use.
func endpointTypes(e integration.Endpoint) []ui.Option {
	if e.Type == inboundType.Value {
		return append(append([]ui.Option{}, typeOptions...), inboundType)
	}
	return with(typeOptions, orDefault(e.Type, "GetData"))
}
