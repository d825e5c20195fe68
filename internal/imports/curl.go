package imports

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
)

// withValue are the options of curl that take a value, by their long names; short ones stand in shorts.
var withValue = map[string]bool{
	"request": true, "header": true, "data": true, "data-raw": true, "data-ascii": true, "data-binary": true, "data-urlencode": true,
	"form": true, "form-string": true, "user": true, "user-agent": true, "referer": true, "cookie": true, "url": true, "json": true,
	"output": true, "max-time": true, "connect-timeout": true, "retry": true, "retry-delay": true, "retry-max-time": true, "proxy": true,
	"proxy-user": true, "cert": true, "key": true, "cacert": true, "capath": true, "cert-type": true, "key-type": true, "pass": true,
	"cookie-jar": true, "dump-header": true, "write-out": true, "resolve": true, "interface": true, "oauth2-bearer": true, "aws-sigv4": true,
	"range": true, "upload-file": true, "config": true, "limit-rate": true, "max-redirs": true, "url-query": true, "ciphers": true, "tls-max": true,
}

var shorts = map[byte]string{
	'X': "request", 'H': "header", 'd': "data", 'F': "form", 'u': "user", 'A': "user-agent", 'e': "referer", 'b': "cookie", 'o': "output",
	'm': "max-time", 'x': "proxy", 'U': "proxy-user", 'E': "cert", 'c': "cookie-jar", 'D': "dump-header", 'w': "write-out", 'r': "range", 'T': "upload-file", 'K': "config",
	'G': "get", 'k': "insecure", 'L': "location", 'I': "head", 's': "silent", 'S': "show-error", 'v': "verbose", 'i': "include", 'f': "fail",
	'g': "globoff", 'N': "no-buffer", 'O': "remote-name", '#': "progress-bar", '4': "ipv4", '6': "ipv6", 'q': "disable", 'Z': "parallel",
}

// harmless are options that say nothing about the request itself.
const harmless = " silent show-error verbose include fail globoff no-buffer remote-name progress-bar ipv4 ipv6 disable parallel compressed " +
	"output max-time connect-timeout retry retry-delay retry-max-time cookie-jar dump-header write-out http1.1 http2 http1.0 no-progress-meter " +
	"fail-with-body show-headers tlsv1.2 tlsv1.3 ssl-reqd limit-rate max-redirs no-keepalive "

// curl reads cURL commands.
func curl(text string) (catalogue.Catalogue, error) {
	c := catalogue.Catalogue{Format: catalogue.CURL, Title: "cURL"}
	if !utf8.ValidString(text) || len(text) > 4<<20 {
		return c, fault.New(fault.Invalid, "This is not text, or more than 4 MiB of it.")
	}
	b := newBuilder(&c, "")
	for n, words := range commands(text) {
		if words[0].text == "$" && len(words) > 1 { // the prompt of a shell
			words = words[1:]
		}
		if strings.HasPrefix(words[0].text, "#") {
			continue
		}
		if name := strings.ToLower(words[0].text); name != "curl" && name != "curl.exe" {
			c.Note(fmt.Sprintf("line %d", words[0].line), "Not a cURL command; it was passed over.")
			continue
		}
		if n >= 500 {
			c.Note("", "There are more than 500 commands; the others were passed over.")
			break
		}
		command(b, words)
	}
	if len(c.Operations) == 0 {
		return c, fault.New(fault.Invalid, "No cURL command with an address was found.")
	}
	if _, host, ok := strings.Cut(b.main, "://"); ok {
		c.Title = host
	}
	return c, nil
}

// call is one command while it is read.
type call struct {
	sample

	b        *builder
	get      bool
	data     []string
	urlQuery []string
}

func command(b *builder, words []word) {
	c := &call{b: b, sample: sample{place: fmt.Sprintf("line %d", words[0].line)}}
	for i := 1; i < len(words); i++ {
		text := words[i].text
		switch {
		case text == "--" || text == "-" || text == "":
		case strings.HasPrefix(text, "--"):
			name, value, given := strings.Cut(text[2:], "=")
			if withValue[name] && !given && i+1 < len(words) {
				i++
				value = words[i].text
			}
			c.option(name, value)
		case strings.HasPrefix(text, "-"):
			i += c.short(text[1:], words[i+1:])
		case c.address == "":
			c.address = text
		default:
			c.note("A word that belongs to no option was passed over; the first is the address.")
		}
	}
	c.finish()
}

func (c *call) note(message string) { c.b.into.Note(c.place, message) }

// short reads a group of short options, and says how many of the following words it took as values.
func (c *call) short(group string, next []word) int {
	for i, letter := range group {
		name, known := shorts[group[i]]
		switch {
		case !known:
			c.note("The option -" + string(letter) + " is not known; it was passed over.")
		case !withValue[name]:
			c.option(name, "")
		case i+1 < len(group):
			c.option(name, group[i+1:])
			return 0
		case len(next) > 0:
			c.option(name, next[0].text)
			return 1
		}
	}
	return 0
}

// option takes one option of the command.
func (c *call) option(name, value string) {
	switch name {
	case "request":
		c.method = value
	case "url":
		c.address = value
	case "header":
		c.header(value)
	case "data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json", "form", "form-string":
		c.content(name, value)
	case "url-query":
		c.urlQuery = append(c.urlQuery, value)
	case "user":
		c.auth = &catalogue.Auth{Kind: "basic", Place: c.place}
		c.note("User name and password (-u) were left out; give them in the integrator.")
	case "oauth2-bearer":
		c.auth = &catalogue.Auth{Kind: "bearer", Place: c.place}
		c.note("The token (--oauth2-bearer) was left out; give it in the integrator.")
	case "digest":
		c.auth = &catalogue.Auth{Kind: "digest", Place: c.place}
	case "cert", "key":
		c.auth = &catalogue.Auth{Kind: "client_cert", Place: c.place}
		c.note("The client certificate was not read; give it in the integrator.")
	case "user-agent":
		c.headers = append(c.headers, field{name: "User-Agent", value: value})
	case "referer":
		c.headers = append(c.headers, field{name: "Referer", value: value})
	case "cookie":
		c.headers = append(c.headers, field{name: "Cookie", value: value})
	case "get":
		c.get = true
	case "head":
		c.method = "HEAD"
	case "location":
		c.note("-L: redirects are followed only where the endpoint's limits say so.")
	case "insecure":
		c.note("-k: certificates are always checked; a private authority is named in the integrator.")
	case "basic":
	default:
		if !strings.Contains(harmless, " "+name+" ") {
			c.note("The option --" + catalogue.Line(name, 40) + " is not understood; it was passed over.")
		}
	}
}

func (c *call) header(value string) {
	if strings.HasPrefix(value, "@") {
		c.note("Headers from the file " + catalogue.Line(value[1:], 60) + " were not read.")
		return
	}
	name, rest, ok := strings.Cut(value, ":")
	if !ok {
		name, rest, ok = strings.Cut(value, ";")
	}
	if !ok {
		c.note("A header without a colon was passed over.")
		return
	}
	if strings.EqualFold(strings.TrimSpace(name), "User-Agent") && strings.TrimSpace(rest) == "" {
		return
	}
	c.headers = append(c.headers, field{name: strings.TrimSpace(name), value: strings.TrimSpace(rest)})
}

// content takes a part of the body.
func (c *call) content(option, value string) {
	switch option {
	case "form", "form-string":
		c.part(value, option == "form")
		return
	case "json":
		c.headers = append(c.headers, field{name: "Content-Type", value: "application/json"}, field{name: "Accept", value: "application/json"})
	case "data-urlencode":
		value = encoded(value)
	}
	if option != "data-raw" && strings.HasPrefix(value, "@") {
		c.note("The file " + catalogue.Line(value[1:], 60) + " was not read; the body is left to you.")
		value = "{{body}}"
	}
	c.data = append(c.data, value)
}

// encoded is a part of the body after --data-urlencode: "name=content" or "content".
func encoded(value string) string {
	if name, content, ok := strings.Cut(value, "="); ok {
		if strings.Contains(content, "{{") {
			return name + "=" + content
		}
		if name == "" {
			return url.QueryEscape(content)
		}
		return name + "=" + url.QueryEscape(content)
	}
	return url.QueryEscape(value)
}

// part is one part of a multipart body: name=content, name=@file;type=…;filename=….
func (c *call) part(value string, files bool) {
	name, content, _ := strings.Cut(value, "=")
	f := field{name: name, value: content}
	if files {
		content, attributes, _ := strings.Cut(content, ";")
		f.value = content
		for attribute := range strings.SplitSeq(attributes, ";") {
			key, text, _ := strings.Cut(strings.TrimSpace(attribute), "=")
			switch text = strings.Trim(text, `"`); key {
			case "type":
				f.media = text
			case "filename":
				f.file = text
			}
		}
		if strings.HasPrefix(content, "@") || strings.HasPrefix(content, "<") {
			c.note("The file " + catalogue.Line(content[1:], 60) + " was not read; the part " + catalogue.Line(name, 60) + " is left to you.")
			f.value = catalogue.Token(name)
			if f.file == "" && content[0] == '@' {
				f.file = content[strings.LastIndexAny(content, `/\@`)+1:]
			}
		}
	}
	c.kind = "multipart"
	c.fields = append(c.fields, f)
}

// finish makes the sample of what was read.
func (c *call) finish() {
	if c.address == "" {
		c.note("A command without an address was passed over.")
		return
	}
	body := strings.Join(c.data, "&")
	query := c.urlQuery
	if c.get && body != "" {
		query, body = append(query, body), ""
	}
	if len(query) > 0 {
		joint := "?"
		if strings.Contains(c.address, "?") {
			joint = "&"
		}
		c.address += joint + strings.Join(query, "&")
	}
	if c.body = body; body != "" && c.kind == "" && !c.typed() {
		c.headers = append(c.headers, field{name: "Content-Type", value: guessed(body)})
	}
	if c.method == "" {
		c.method = "GET"
		if body != "" || len(c.fields) > 0 {
			c.method = "POST"
		}
	}
	c.b.add(c.sample)
}

// guessed is the type of a body that says none. curl itself would always send it as a form.
func guessed(body string) string {
	if text := strings.TrimSpace(body); strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "{{") || strings.HasPrefix(text, "[") {
		return "application/json"
	}
	return "application/x-www-form-urlencoded"
}

func (c *call) typed() bool {
	for _, h := range c.headers {
		if strings.EqualFold(h.name, "Content-Type") {
			return true
		}
	}
	return false
}
