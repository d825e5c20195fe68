package integration

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tieline/internal/fault"
)

var (
	placeholderForm = regexp.MustCompile(`^\{([A-Za-z_][A-Za-z0-9_.-]*)\}`)
	variableToken   = regexp.MustCompile(`^\$\{[A-Z][A-Z0-9_]*\}`)
	wholeURLToken   = regexp.MustCompile(`^(\{\{\s*(field|var)\.[^}]*\}\}|\$\{[A-Z][A-Z0-9_]*\})`)
)

// hasToken tells whether a text has a token of the template language.
func hasToken(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "${")
}

// Placeholders names what the {placeholders} of an endpoint's URL ask for, each once, in their order. Tokens are
// none.
func (e Endpoint) Placeholders() []string {
	_, names := maskTemplate(e.URL)
	var once []string
	for _, name := range names {
		if !slices.Contains(once, name) {
			once = append(once, name)
		}
	}
	return once
}

// maskTemplate puts a 1 in place of every token and every {placeholder} of a URL template, so that what is left
// can be judged as a URL, and names the placeholders in their order.
func maskTemplate(template string) (masked string, placeholders []string) {
	var b strings.Builder
	for i := 0; i < len(template); {
		rest := template[i:]
		if strings.HasPrefix(rest, "{{") {
			b.WriteByte('1')
			i += tokenLength(rest)
			continue
		}
		if m := variableToken.FindString(rest); m != "" {
			b.WriteByte('1')
			i += len(m)
			continue
		}
		if m := placeholderForm.FindStringSubmatch(rest); m != nil {
			placeholders = append(placeholders, m[1])
			b.WriteByte('1')
			i += len(m[0])
			continue
		}
		b.WriteByte(template[i])
		i++
	}
	return b.String(), placeholders
}

// tokenLength is how far a token that begins the text reaches; }} in quotes does not end it.
func tokenLength(text string) int {
	quoted := false
	for i := 2; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(text[i:], "}}"):
			return i + 2
		}
	}
	return len(text)
}

func (e Endpoint) validateURL(f *fault.Fields) {
	if problem := e.checkURL(); problem != "" {
		f.Add("url", problem)
	}
}

// checkURL says what is wrong with the URL template, or "".
func (e Endpoint) checkURL() string {
	if e.Inbound() {
		if e.URL != "" {
			return "An inbound endpoint is called at an address of ours; leave the URL empty."
		}
		return ""
	}
	switch {
	case strings.TrimSpace(e.URL) == "":
		return "Write the URL, or the path that follows the integrator's base URL."
	case len(e.URL) > maxURL:
		return "The URL is longer than 8 KiB."
	case hasControl(e.URL) || strings.Contains(e.URL, "\t"):
		return "The URL has a line break or a control character."
	}
	masked, _ := maskTemplate(e.URL)
	if wholeURLToken.MatchString(e.URL) {
		return checkTail(strings.TrimPrefix(masked, "1"))
	}
	return checkMasked(masked)
}

// checkMasked judges a URL whose tokens are masked.
func checkMasked(masked string) string {
	if strings.HasPrefix(masked, "/") {
		if strings.HasPrefix(masked, "//") {
			return "A path begins with one slash."
		}
		return checkTail(masked)
	}
	scheme, rest, ok := strings.Cut(masked, "://")
	switch {
	case !ok:
		return "Must start with https:// or /."
	case scheme != "http" && scheme != "https":
		return "Must start with https:// or / (" + printable(scheme) + ": is not called)."
	}
	host, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, tail = rest[:i], rest[i:]
	}
	switch {
	case host == "":
		return "The host is missing."
	case strings.Contains(host, "@"):
		return "User name and password belong to the integrator's authentication, not into the URL."
	case strings.Contains(host, `\`):
		return "A host has no backslash."
	}
	if problem := checkTail(tail); problem != "" {
		return problem
	}
	if _, err := url.Parse(scheme + "://" + host + "/"); err != nil {
		return "This is not the name of a host (and port)."
	}
	return ""
}

// checkTail judges path and query.
func checkTail(tail string) string {
	switch {
	case strings.Contains(tail, "#"):
		return "What follows a # is never sent; write %23 for the character itself."
	case strings.Contains(tail, " "):
		return "Write %20 for a space."
	case strings.ContainsAny(tail, "{}"):
		return "A { or } is left over; a placeholder looks like {id}, a token like {{name}}."
	}
	if _, err := url.PathUnescape(tail); err != nil {
		return "A % must be followed by two hexadecimal digits; write %25 for the character itself."
	}
	return ""
}

// printable keeps a word that somebody typed fit for a message.
func printable(word string) string {
	if r := []rune(word); len(r) > 20 {
		word = string(r[:20]) + "…"
	}
	return word
}
