package response

import (
	"html"
	"regexp"
	"strings"
)

// loginPage says by what a page shows itself to be a sign-in page: a password field, a form that goes to a
// sign-in address, words in the title, or a script or tag that leads to one. "" for every other page.
func loginPage(page string) string {
	page = page[:min(len(page), 256<<10)]
	lower := strings.ToLower(page)
	switch {
	case passwordField.MatchString(lower):
		return "it has a password field"
	case loginForm.MatchString(lower):
		return "its form goes to a sign-in address"
	case strings.Contains(lower, `name="samlrequest"`):
		return "it holds a single sign-on request"
	case loginTitle.MatchString(strings.ToLower(title(page))):
		return "its title speaks of signing in"
	case len(page) < 16<<10 && loginText.MatchString(strings.ToLower(pageText(page))):
		return "it asks to sign in"
	case len(page) < 4096 && loginJump.MatchString(lower):
		return "it leads on to a sign-in address"
	}
	return ""
}

const firewallHint = "A firewall or a check for robots in front of the vendor stopped this call. Ask the vendor to allow this server's address, or for an API address that is not protected in this way."

// firewallPage tells whether a page is that of a firewall or of a check for robots.
func firewallPage(page string) bool {
	if family(kindOfText(page)) != "html" {
		return false
	}
	return firewallWords.MatchString(page[:min(len(page), 32<<10)])
}

// firewall tells whether a refusal is that of a network or firewall in front of the vendor: by its page, or by a
// page or code of its own under its own name.
func (r *reader) firewall() bool {
	if firewallPage(r.text) {
		return true
	}
	server := strings.ToLower(r.answer.Header("Server"))
	said := strings.ToLower(r.vendorMessage())
	switch {
	case strings.HasPrefix(server, "akamai"):
		return strings.Contains(said, "access denied")
	case r.behindCloudflare():
		return strings.HasPrefix(said, "error code: 10")
	}
	return false
}

func (r *reader) behindCloudflare() bool {
	return r.answer.Header("CF-RAY") != "" || strings.EqualFold(r.answer.Header("Server"), "cloudflare")
}

// signIn are the words for signing in, in the languages met most.
const signIn = `(log ?[io]n|log-in|sign ?[io]n|sign-in|single sign|anmelden|einloggen|inloggen|se connecter|iniciar sesi)`

var (
	firewallWords    = regexp.MustCompile(`(?i)cloudflare|captcha|just a moment|checking your browser|incapsula|akamai|web application firewall|you have been blocked|request unsuccessful|bot detection`)
	addressRefused   = regexp.MustCompile(`(?i)\bip[ -]?address|ip ?not ?allowed|white-?list|allow-?list|\bip\b.*(blocked|not allowed|denied)`)
	signatureRefused = regexp.MustCompile(`(?i)signature`)
	passwordField    = regexp.MustCompile(`<input[^>]{0,300}type\s*=\s*["']?password`)
	loginForm        = regexp.MustCompile(`<form[^>]{0,300}action\s*=\s*["']?[^"'> ]{0,200}(login|logon|signin|sign-in|sign_in|sso|saml|adfs|authenticate)`)
	loginTitle       = regexp.MustCompile(`(^|[|–—:»-] ?)(please )?` + signIn + `|` + signIn + `( page| required| form)?( ?[|–—:«-]|$)|\b` + signIn + ` (to|page|required)\b|authentication required`)
	loginText        = regexp.MustCompile(`(please|must|need to|have to|first) ` + signIn + `|` + signIn + ` (again|to continue)|session (has |is )?(expired|timed out)|not (logged|signed) in`)
	loginJump        = regexp.MustCompile(`(url=|location(\.href)?\s*=\s*|location\.replace\()\s*["']?[^"'> ]{0,200}(login|logon|signin|sign-in|sign_in|sso|saml)`)
	loginAddress     = regexp.MustCompile(`(?i)[/.](login|logon|signin|sign-in|sign_in|sso|saml2?|oauth2?|authorize|adfs|auth)([/.?#&]|$)`)
	titleTag         = regexp.MustCompile(`(?is)<title[^>]{0,100}>(.{0,500}?)</title`)
	headingTag       = regexp.MustCompile(`(?is)<h[12][^>]{0,200}>(.{0,500}?)</h[12]`)
	anyTag           = regexp.MustCompile(`(?s)<[^>]*>`)
	hiddenTag        = regexp.MustCompile(`(?is)<(script|style)[^>]*>.*?</(script|style)>`)
)

// title is the title of a page in one line, "" where there is none.
func title(page string) string { return firstGroup(titleTag, page) }

// heading is the first heading of a page, "" where there is none.
func heading(page string) string { return firstGroup(headingTag, page) }

func firstGroup(re *regexp.Regexp, page string) string {
	m := re.FindStringSubmatch(page[:min(len(page), 64<<10)])
	if m == nil {
		return ""
	}
	return plainText(m[1])
}

// pageText is what a person would read of the visible part of a page.
func pageText(page string) string {
	page = page[:min(len(page), 16<<10)]
	if _, after, ok := strings.Cut(page, "</head>"); ok {
		page = after
	}
	return plainText(page)
}

// plainText is what a person would read of a piece of a page.
func plainText(s string) string {
	s = hiddenTag.ReplaceAllString(s, " ")
	return oneLine(html.UnescapeString(anyTag.ReplaceAllString(s, " ")))
}
