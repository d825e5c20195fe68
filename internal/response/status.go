package response

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tieline/internal/run"
)

// judgeStatus holds the status against those that count as success: the endpoint's own list, else the
// policy's, else 200 to 299.
func (r *reader) judgeStatus() *run.Failure {
	status := r.answer.Status
	allowed := r.asked.Endpoint.Response.Statuses
	if len(allowed) == 0 {
		allowed = r.asked.Policy.OKStatuses
	}
	if len(allowed) == 0 && status >= 200 && status <= 299 || slices.Contains(allowed, status) {
		return nil
	}
	f := &run.Failure{Cause: run.HTTPStatus, Summary: statusName(status)}
	switch {
	case status == http.StatusUnauthorized:
		r.explainUnauthorized(f)
	case status == http.StatusForbidden && r.outOfQuota(), status == http.StatusTooManyRequests:
		f.Cause = run.RateLimited
		f.Hint = "The vendor refuses more calls for now. " + r.waitWords() + "If this keeps happening, call less often or ask the vendor for a higher limit."
	case status == http.StatusForbidden && r.firewall():
		f.Cause, f.Hint = run.Forbidden, firewallHint
	case status == http.StatusForbidden && addressRefused.MatchString(r.vendorMessage()):
		f.Cause, f.Hint = run.Forbidden, "The vendor does not let this server's address in. Ask the vendor to allow the address that its words above name."
	case status == http.StatusForbidden && signatureRefused.MatchString(r.vendorMessage()):
		f.Cause, f.Hint = run.Forbidden, "The vendor does not accept the signature of the call. Check the key or secret at the integrator, and what is signed and in which order."
	case status == http.StatusForbidden:
		f.Cause = run.Forbidden
		f.Hint = "The vendor knows the credentials but does not allow this. Ask the vendor which permission they lack for " + r.what() + ", or whether this server's address must be allowed."
	case status == http.StatusNotModified:
		f.Hint = "The vendor says that nothing has changed since the call before, and sends nothing. Take away the If-None-Match and If-Modified-Since header rows."
	case status >= 300 && status < 400:
		return r.explainRedirect(f)
	case status >= 200 && status < 300:
		f.Summary = statusName(status) + " is not among the accepted statuses"
		f.Hint = "Only " + joinStatuses(allowed) + " count as success for this endpoint. If " + strconv.Itoa(status) + " is fine as well, add it to the statuses."
	case status == http.StatusInternalServerError && r.ranOutOfTime():
		f.Summary += ": the vendor's server ran out of time"
		f.Hint = "The vendor's server did not finish in time. " + r.againHint()
	default:
		f.Hint = r.statusHint(status)
	}
	if grantLost(r) {
		f.Cause, f.Hint = run.Reconnect, reconnectHint
	}
	f.Evidence = r.statusEvidence()
	if wait := strings.TrimSpace(r.answer.Header("Retry-After")); wait != "" {
		f.Evidence += " Retry-After: " + clip(r.hide(wait), 60) + "."
	}
	if scheme, said := r.challenge(); status == http.StatusUnauthorized && scheme != "" {
		f.Evidence += " It asks for " + scheme + "."
		if said != "" {
			f.Evidence = strings.TrimSuffix(f.Evidence, ".") + " and says: " + quote(clip(r.hide(said), 160)) + "."
		}
	}
	return f
}

// statusName is "HTTP 404 Not Found".
func statusName(status int) string {
	name := "HTTP " + strconv.Itoa(status)
	if t := http.StatusText(status); t != "" {
		name += " " + t
	}
	return name
}

// what is "GET /v1/contacts", the call in short, without its query.
func (r *reader) what() string { return r.method() + " " + r.pathOnly() }

func (r *reader) method() string {
	if r.x.Request.Method != "" {
		return r.x.Request.Method
	}
	return r.asked.Endpoint.EffectiveMethod()
}

func (r *reader) pathOnly() string {
	address := r.asked.URL
	if address == "" {
		address = r.x.Request.URL
	}
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return clip(r.hide(rest[i:]), 120)
		}
		return "/"
	}
	return clip(r.hide(address), 120)
}

// statusEvidence is the status and what the vendor itself says about it.
func (r *reader) statusEvidence() string {
	message := r.vendorMessage()
	if message == "" {
		if r.blank() {
			return statusName(r.answer.Status) + " with an empty body."
		}
		return statusName(r.answer.Status) + "; the body says: " + quote(r.head(160)) + "."
	}
	return statusName(r.answer.Status) + "; the vendor says: " + quote(message) + "."
}

func (r *reader) statusHint(status int) string {
	switch status {
	case http.StatusPaymentRequired:
		return "The account at the vendor has run out of credit or is not paid. Somebody has to top it up or settle the bill."
	case http.StatusLengthRequired:
		return "The vendor wants to know the length of the body beforehand, and got none. Give the endpoint a body, an empty JSON object where nothing is to be sent."
	case http.StatusPreconditionFailed:
		return "The record is not any more as the If-Match header says: somebody changed it meanwhile. Read the record again, and send with its new version."
	case http.StatusPreconditionRequired:
		return "The vendor wants an If-Match header with the version of the record. Read the record first, and add the header row."
	case http.StatusMisdirectedRequest:
		return "The host name does not fit the server that answered. Check the host, and that no Host header row names another one."
	case http.StatusLocked:
		return "The record is locked at the vendor, often because somebody has it open there. Try again later."
	case http.StatusUpgradeRequired:
		return "The vendor wants another protocol than the one used" + r.upgrade() + ". Use the vendor's https address; if that is what was used, ask the vendor."
	case http.StatusUnavailableForLegalReasons:
		return "The vendor may not give this out any more, often because somebody had their data erased. Do not ask for this record again."
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if strings.Contains(r.text, "HTTP request was sent to HTTPS port") {
			return "The port speaks https, and plain http was sent. Write https:// in the URL or the base URL."
		}
		hint := "The vendor found fault with what was sent. "
		if advice := knownAdvice(r.vendorMessage()); advice != "" {
			return hint + advice
		}
		return hint + "Compare the vendor's words above with the values in Request, above all the tokens."
	case http.StatusNotFound:
		return "The address " + r.pathOnly() + " does not exist at the vendor, or the record in it does not. Check the id that was put into the URL, then the path itself."
	case http.StatusMethodNotAllowed:
		return allowHint(r) + "The vendor does not take " + r.method() + " at this address. Check method and path against the vendor's description."
	case http.StatusNotAcceptable:
		return "The vendor cannot answer in the format the Accept header asks for. Change or remove the Accept header row."
	case http.StatusProxyAuthRequired:
		return "A proxy in front of the vendor wants credentials. Ask the vendor's network people for an address that can be reached directly."
	case http.StatusRequestTimeout:
		return "The vendor gave up waiting for the request. Try again; if it repeats, tell the vendor the time of this call."
	case http.StatusConflict:
		return "The vendor says this clashes with something that is there already, often the same record sent twice. Look the record up at the vendor before sending again."
	case http.StatusGone:
		return "The vendor has removed this address or record for good. Look for a newer version of this call in the vendor's description."
	case http.StatusRequestEntityTooLarge:
		return "What was sent is too large for the vendor. Send less in the body."
	case http.StatusRequestURITooLong:
		return "The address became too long for the vendor. Move values from the query into the body."
	case http.StatusUnsupportedMediaType:
		return "The vendor does not take the body's format (Content-Type " + quote(r.sent("Content-Type")) + "). Set the Content-Type header row and the body kind to what the vendor describes."
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return "The vendor's service is down or overloaded. " + r.waitWords() + "Try again later; if it lasts, tell the vendor the time of this call."
	case http.StatusInternalServerError:
		return "The vendor's program broke while it worked on this call. Tell the vendor the time and the evidence above; if only this record fails, look at its values."
	}
	if status >= 520 && status <= 530 && (status != 529 || r.behindCloudflare()) {
		return "A network in front of the vendor (Cloudflare) cannot reach the vendor's own server, or gets no sound answer from it. " + r.waitWords() + "Try again later; if it lasts, tell the vendor the time of this call."
	}
	if status == 529 || status == 509 {
		return "The vendor's service is overloaded or out of its own limits. " + r.waitWords() + "Try again later; if it lasts, tell the vendor the time of this call."
	}
	if status >= 500 {
		return "The fault is on the vendor's side. " + r.waitWords() + "Try again later; if it lasts, tell the vendor the time of this call."
	}
	return "The vendor refused the call with status " + strconv.Itoa(status) + ". Look the status up in the vendor's description of " + r.what() + "."
}

// upgrade names what a 426 asks for.
func (r *reader) upgrade() string {
	if to := r.answer.Header("Upgrade"); to != "" {
		return " (" + clip(r.hide(oneLine(to)), 60) + ")"
	}
	return ""
}

func allowHint(r *reader) string {
	if allow := r.answer.Header("Allow"); allow != "" {
		return "The vendor takes " + clip(r.hide(oneLine(allow)), 60) + " here. "
	}
	return ""
}

func joinStatuses(list []int) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = strconv.Itoa(s)
	}
	return strings.Join(words, ", ")
}

// sent is a header of the request as sent, redacted; "" where it was not sent.
func (r *reader) sent(name string) string {
	for _, h := range r.x.Request.Headers {
		if strings.EqualFold(h.Name, name) {
			return clip(r.hide(h.Value), 80)
		}
	}
	return ""
}

// explainRedirect judges a redirect that was not followed.
func (r *reader) explainRedirect(f *run.Failure) *run.Failure {
	to := r.answer.Header("Location")
	shown := clip(r.asked.Hide.URL(to), 200)
	switch {
	case to == "":
		f.Evidence = statusName(r.answer.Status) + " without a Location header."
		f.Hint = "The vendor answered a redirect that leads nowhere. Tell the vendor the time of this call."
	case loginAddress.MatchString(to):
		f.Cause, f.Summary = run.LoginPage, "the vendor leads to a sign-in page"
		f.Evidence = statusName(r.answer.Status) + " to " + shown + r.chain() + "."
		f.Hint = "Not signed in at the vendor: the credentials are missing or no longer good, or the address is one for browsers. Check the integrator's credentials and use the vendor's API address."
	default:
		f.Evidence = statusName(r.answer.Status) + " to " + shown + "."
		f.Hint = "The vendor wants the call at another address. Put the new address into the endpoint's URL or the integrator's host, or let the policy follow redirects."
	}
	return f
}

// chain names the redirects that led to this answer, "" where there were none.
func (r *reader) chain() string {
	if len(r.x.Hops) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(" (redirects: ")
	for i, h := range r.x.Hops {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(clip(r.asked.Hide.URL(h.From), 120) + " → " + strconv.Itoa(h.Status) + " → " + clip(r.asked.Hide.URL(h.To), 120))
	}
	return b.String() + ")"
}
