package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"tieline/internal/fault"
)

// soundIntegrator is an integrator of sound() that nothing is wrong with.
func soundIntegrator() Integrator {
	return Integrator{
		CustomerID: "c1", Label: "Main", CallcenterID: "CC-1001", Host: "app.example.com:8443", BaseURL: "https://app.example.com/api/",
		Auth: Auth{Kind: "basic", Settings: map[string]string{"username": "acme+pub"}}, Fields: map[string]string{"tenant": "acme", "note": "a\nb"},
		Info: json.RawMessage(`{"listOptions":[{"name":"x"}],"unknown":1}`), Iframe: json.RawMessage(`{}`),
		Policy: Policy{TimeoutS: 10, ExtraHosts: []string{"files.example.com", "[2001:db8::1]:8443"}}, Enabled: true,
	}
}

func TestEveryFieldOfAnIntegratorIsJudged(t *testing.T) {
	t.Parallel()
	type in = Integrator
	tests := []struct {
		name, field, words string
		spoil              func(*in)
	}{
		{"nothing wrong", "", "", func(*in) {}},
		{"no customer", "customer", "Choose the customer.", func(i *in) { i.CustomerID = "" }},
		{"label too long", "label", "120", func(i *in) { i.Label = long(121) }},
		{"label with a line break", "label", "one line", func(i *in) { i.Label = "a\nb" }},
		{"description too long", "description", "10000", func(i *in) { i.Description = long(10_001) }},
		{"call-centre id too long", "callcenter_id", "120", func(i *in) { i.CallcenterID = long(121) }},
		{"call-centre id with NUL", "callcenter_id", "cannot be shown", func(i *in) { i.CallcenterID = "CC\x00" }},

		{"no host at all", "host", "needed", func(i *in) { i.Host, i.BaseURL, i.Policy.ExtraHosts = "", "", nil }},
		{"base URL alone", "", "", func(i *in) { i.Host = "" }},
		{"host with a scheme", "host", "without https://", func(i *in) { i.Host = "https://app.example.com" }},
		{"host with a path", "host", "without https:// or a path", func(i *in) { i.Host = "app.example.com/x" }},
		{"host with a user", "host", "authentication", func(i *in) { i.Host = "user@app.example.com" }},
		{"host with a space", "host", "Just the host", func(i *in) { i.Host = "app example.com" }},
		{"host with a token", "host", "Just the host", func(i *in) { i.Host = "{{x}}.example.com" }},
		{"host with a line break", "host", "Just the host", func(i *in) { i.Host = "a.test\r\nX: 1" }},
		{"host in capitals", "host", "lower case", func(i *in) { i.Host = "App.example.com" }},
		{"host beyond ASCII", "host", "xn--", func(i *in) { i.Host = "bücher.example" }},
		{"host of one label", "", "", func(i *in) { i.Host = "psa" }},
		{"host with a wildcard", "host", "such as", func(i *in) { i.Host = "*.example.com" }},
		{"host with two dots", "host", "such as", func(i *in) { i.Host = "a..b" }},
		{"host too long", "host", "too long", func(i *in) { i.Host = long(300) }},
		{"label of a host too long", "host", "such as", func(i *in) { i.Host = long(64) + ".test" }},
		{"port 0", "host", "65535", func(i *in) { i.Host = "a.test:0" }},
		{"port 65536", "host", "65535", func(i *in) { i.Host = "a.test:65536" }},
		{"port in words", "host", "65535", func(i *in) { i.Host = "a.test:https" }},
		{"no port after the colon", "host", "65535", func(i *in) { i.Host = "a.test:" }},
		{"only a port", "host", "before the port", func(i *in) { i.Host = ":443" }},
		{"address", "", "", func(i *in) { i.Host = "10.1.2.3" }},
		{"IPv6 in brackets", "", "", func(i *in) { i.Host = "[2001:db8::1]" }},
		{"IPv6 without brackets", "host", "brackets", func(i *in) { i.Host = "2001:db8::1" }},
		{"IPv6 with a zone", "host", "IPv6", func(i *in) { i.Host = "[fe80::1%eth0]" }},
		{"brackets left open", "host", "brackets", func(i *in) { i.Host = "[2001:db8::1" }},

		{"base URL without scheme", "base_url", "https://", func(i *in) { i.BaseURL = "app.example.com/api" }},
		{"base URL of ftp", "base_url", "https://", func(i *in) { i.BaseURL = "ftp://app.example.com" }},
		{"base URL with a user", "base_url", "authentication", func(i *in) { i.BaseURL = "https://u:p@app.example.com" }},
		{"base URL with a query", "base_url", "no ?", func(i *in) { i.BaseURL = "https://app.example.com?x=1" }},
		{"base URL with a fragment", "base_url", "no #", func(i *in) { i.BaseURL = "https://app.example.com/#" }},
		{"base URL with a token", "base_url", "no tokens", func(i *in) { i.BaseURL = "https://{{host}}/" }},
		{"base URL with a line break", "base_url", "https://", func(i *in) { i.BaseURL = "https://a.test/\r\n" }},
		{"base URL with a bad port", "base_url", "65535", func(i *in) { i.BaseURL = "https://a.test:99999/" }},
		{"plain http that is not allowed", "base_url", "allow plain http", func(i *in) { i.BaseURL = "http://9.9.9.9:8080/api" }},
		{"plain http that is allowed", "", "", func(i *in) { i.BaseURL, i.AllowHTTP = "http://9.9.9.9:8080/api", true }},
		{"plain http inside the own network", "", "", func(i *in) { i.BaseURL = "http://10.0.0.1/api" }},
		{"plain http to a name, judged when it is resolved", "", "", func(i *in) { i.BaseURL = "http://psa.example.com/api" }},

		{"auth kind", "auth.kind", "Choose none, basic", func(i *in) { i.Auth.Kind = "kerberos" }},
		{"no kind is none", "", "", func(i *in) { i.Auth = Auth{} }},
		{"auth setting that is none", "auth.realm", "does not ask", func(i *in) { i.Auth.Settings["realm"] = "x" }},
		{"auth secret in plain", "auth.password", "sealed", func(i *in) { i.Auth.Settings["password"] = "x" }},
		{"no user name", "auth.username", "User name is needed.", func(i *in) { i.Auth.Settings["username"] = " " }},
		{"user name with a colon", "auth.username", "colon", func(i *in) { i.Auth.Settings["username"] = "a:b" }},
		{"user name with a line break", "auth.username", "line break", func(i *in) { i.Auth.Settings["username"] = "a\nb" }},
		{"user name too long", "auth.username", "16 KiB", func(i *in) { i.Auth.Settings["username"] = long(17 << 10) }},
		{"bearer without token", "auth.token", "Token is needed.", func(i *in) { i.Auth = Auth{Kind: "bearer"} }},
		{"key header without name", "auth.name", "Header name is needed.", func(i *in) { i.Auth = Auth{Kind: "api_key_header"} }},
		{"key header with a bad name", "auth.name", "header name", func(i *in) {
			i.Auth = Auth{Kind: "api_key_header", Settings: map[string]string{"name": "X Key:"}}
		}},
		{"key parameter with a long name", "auth.name", "256", func(i *in) {
			i.Auth = Auth{Kind: "api_key_query", Settings: map[string]string{"name": long(257)}}
		}},

		{"field that is none", "field.nope", "no parameter", func(i *in) { i.Fields["nope"] = "x" }},
		{"secret field in plain", "field.X-Api-Key", "sealed", func(i *in) { i.Fields["X-Api-Key"] = "x" }},
		{"field against its pattern", "field.tenant", "for example acme", func(i *in) { i.Fields["tenant"] = "ACME!" }},
		{"field not UTF-8", "field.note", "UTF-8", func(i *in) { i.Fields["note"] = "\xff" }},
		{"field with NUL", "field.note", "cannot be sent", func(i *in) { i.Fields["note"] = "a\x00" }},
		{"field too long", "field.note", "64 KiB", func(i *in) { i.Fields["note"] = long(64<<10 + 1) }},
		{"a default stands in", "", "", func(i *in) { delete(i.Fields, "tenant") }},

		{"info that is no JSON", "info", "line 2, column 5", func(i *in) { i.Info = json.RawMessage("{\n\"a\":}") }},
		{"info that ends early", "info", "ends too early", func(i *in) { i.Info = json.RawMessage(`{"a":[1`) }},
		{"info with more behind", "info", "column 4", func(i *in) { i.Info = json.RawMessage(`{} x`) }},
		{"info that is a list", "info", "object", func(i *in) { i.Info = json.RawMessage(`[1]`) }},
		{"info not UTF-8", "info", "UTF-8", func(i *in) { i.Info = json.RawMessage("{\"a\":\"\xff\"}") }},
		{"info too long", "info", "256 KiB", func(i *in) { i.Info = json.RawMessage(`{"a":"` + long(256<<10) + `"}`) }},
		{"iframe that is no JSON", "iframe", "line 1, column 2", func(i *in) { i.Iframe = json.RawMessage(`{a:1}`) }},
		{"no info", "", "", func(i *in) { i.Info = nil }},
		{"info null", "", "", func(i *in) { i.Info = json.RawMessage("null") }},

		{"time-out", "policy.timeout_s", "1 to 120", func(i *in) { i.Policy.TimeoutS = 1000 }},
		{"more host with a scheme", "policy.extra_hosts.0", "without https://", func(i *in) { i.Policy.ExtraHosts[0] = "https://a.test" }},
		{"more host that is none", "policy.extra_hosts.0", "such as", func(i *in) { i.Policy.ExtraHosts[0] = "*" }},
		{"more host that is empty", "policy.extra_hosts.0", "Name a host", func(i *in) { i.Policy.ExtraHosts[0] = "" }},
		{"too many more hosts", "policy.extra_hosts", "20", func(i *in) { i.Policy.ExtraHosts = make([]string, 21) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := soundIntegrator()
			tt.spoil(&i)
			has := func(name string) bool {
				return name == "field.X-Api-Key" || name == "auth.value" || name == "auth.password"
			}
			check(t, i.Validate(sound(), has), tt.field, tt.words)
		})
	}
}

func TestARequiredSecretMustBeThere(t *testing.T) {
	t.Parallel()
	err := soundIntegrator().Validate(sound(), func(string) bool { return false })
	check(t, err, "field.X-Api-Key", "API key is needed.")
}

func TestInfoNeedsTheSwitchOfTheIntegration(t *testing.T) {
	t.Parallel()
	of := sound()
	of.Info = false
	check(t, soundIntegrator().Validate(of, func(string) bool { return true }), "info", "switch")
}

func TestSecretsAreJudgedBeforeTheyAreSealed(t *testing.T) {
	t.Parallel()
	tests := []struct{ kind, name, value, words string }{
		{"basic", "auth.password", "p:w \u00e9", ""},
		{"basic", "auth.password", "a\nb", "line break"},
		{"bearer", "auth.token", "abc", ""},
		{"bearer", "auth.token", "Bearer abc", "without the word Bearer"},
		{"bearer", "auth.token", "a\r\nX: 1", "line break"},
		{"api_key_header", "auth.value", "\xff", "UTF-8"},
		{"basic", "auth.token", "x", "no such secret"},
		{"basic", "auth.username", "x", "no such secret"},
		{"none", "field.X-Api-Key", "key", ""},
		{"none", "field.X-Api-Key", "a\r\nX: 1", "one line"},
		{"none", "field.tenant", "acme", "no such secret"},
		{"none", "field.nope", "x", "no such secret"},
		{"none", "other", "x", "no such secret"},
	}
	for _, tt := range tests {
		got := CheckSecret(sound(), Auth{Kind: tt.kind}, tt.name, tt.value)
		if (got == "") != (tt.words == "") || !strings.Contains(got, tt.words) || tt.words != "" && strings.Contains(got, tt.value) && len(tt.value) > 1 {
			t.Errorf("%s %s %q: got %q, want %q and never the value", tt.kind, tt.name, tt.value, got, tt.words)
		}
	}
}

// GC-03: what a person pastes becomes a bare host, and they are told.
func TestAPastedHostIsCleaned(t *testing.T) {
	t.Parallel()
	tests := []struct{ pasted, host, notice string }{
		{"app.gcalls.co", "app.gcalls.co", ""},
		{"https://app.gcalls.co/", "app.gcalls.co", "Stored as app.gcalls.co"},
		{"  App.Gcalls.co ", "app.gcalls.co", ""},
		{"http://psa.test:8080/v4/apis?x=1", "psa.test:8080", "plain http"},
		{"https://psa.test/v4/apis", "psa.test", "The path /v4/apis"},
		{"//psa.test/", "psa.test", "Stored as psa.test"},
		{"psa.test.", "psa.test", "Stored as psa.test"},
		{"HTTPS://[2001:DB8::1]:8443", "[2001:db8::1]:8443", "Stored as"},
		{"", "", ""},
		{"https://", "", ""},
		{"https://user:pw@psa.test/", "user:pw@psa.test", ""},
	}
	for _, tt := range tests {
		host, notice := CleanHost(tt.pasted)
		if host != tt.host || !strings.Contains(notice, tt.notice) || tt.notice == "" && tt.pasted == tt.host && notice != "" {
			t.Errorf("%q: got %q, %q; want %q, %q", tt.pasted, host, notice, tt.host, tt.notice)
		}
		if again, more := CleanHost(host); again != host || more != "" {
			t.Errorf("%q: cleaned twice it is %q, %q", tt.pasted, again, more)
		}
	}
}

// FuzzCleanHost holds that cleaning is stable and that what Validate accepts is really a bare host.
func FuzzCleanHost(f *testing.F) {
	for _, seed := range []string{"https://a.test/", "a:b@c", "[::1]:80", "a.test:443/x", "//x", "http:///x", "A..", "::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		host, _ := CleanHost(pasted)
		err := Integrator{CustomerID: "c", Host: host}.Validate(Integration{}, func(string) bool { return false })
		if fields, _ := fault.FieldsOf(err); host == "" || fields["host"] != "" {
			return
		}
		if strings.ContainsAny(host, "/?#@\\ \r\n\t\x00") || len(host) > 260 {
			t.Fatalf("%q became %q, which was accepted", pasted, host)
		}
		if again, _ := CleanHost(host); again != host {
			t.Fatalf("%q became %q, then %q", pasted, host, again)
		}
	})
}
