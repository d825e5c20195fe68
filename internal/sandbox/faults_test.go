package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEveryFaultFailsAsItSays(t *testing.T) {
	t.Parallel()
	base := serve(t)
	lookup := asked{path: "/crm/contacts/501", header: crm}
	broken := func(a asked) string {
		resp, _, err := try(t, base, a)
		if err == nil {
			t.Errorf("%s gave a whole answer %d", a.path, resp.StatusCode)
			return ""
		}
		return err.Error()
	}
	with := func(a asked, fault string) asked {
		sign := "?"
		if strings.Contains(a.path, "?") {
			sign = "&"
		}
		a.path += sign + "fault=" + fault
		return a
	}
	checks := map[string]func(t *testing.T){
		"expired": func(t *testing.T) {
			resp, body := ask(t, base, with(lookup, "expired"))
			if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(resp.Header.Get("WWW-Authenticate"), "expired") || !strings.Contains(body, "expired") {
				t.Errorf("%d %v %s", resp.StatusCode, resp.Header, body)
			}
		},
		"rate_limit": func(t *testing.T) {
			if resp, _ := ask(t, base, with(lookup, "rate_limit")); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "30" {
				t.Errorf("%d %v", resp.StatusCode, resp.Header)
			}
		},
		"500": func(t *testing.T) {
			if resp, body := ask(t, base, with(lookup, "500")); resp.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "E-500") {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		},
		"hang": func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, base+"/leads?fault=hang", strings.NewReader("{}"))
			if resp, err := (&http.Client{}).Do(req); err == nil {
				t.Errorf("it answered %d", resp.StatusCode)
			}
		},
		"login_page": func(t *testing.T) {
			if resp, body := ask(t, base, with(lookup, "login_page")); resp.StatusCode != http.StatusOK || !strings.Contains(body, `type="password"`) || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		},
		"empty": func(t *testing.T) {
			for _, a := range []asked{
				lookup,
				{method: "POST", path: "/leads", header: asJSON, body: "{}"},
				{method: "POST", path: "/sms/send", header: asJSON, body: smsBody},
				{path: "/invoices/INV0000001.pdf", header: bearer},
				{method: "POST", path: "/login", header: asJSON, body: `{"user":"sandbox","password":"` + Password + `"}`},
			} {
				if _, body := ask(t, base, with(a, "empty")); body != "" {
					t.Errorf("%s: %s", a.path, body)
				}
			}
			for path, header := range map[string]map[string]string{"/crm/contacts?phone=5551234567": crm, psaPath: psa} {
				if _, body := ask(t, base, with(asked{path: path, header: header}, "empty")); !strings.Contains(body, "[]") {
					t.Errorf("%s: %s", path, body)
				}
			}
			if _, body := ask(t, base, with(asked{method: "POST", path: "/validate", header: asJSON, body: `{"authToken":"a"}`}, "empty")); body != "{}" {
				t.Error(body)
			}
		},
		"renamed": func(t *testing.T) {
			for _, tc := range []struct {
				a          asked
				gone, have string
			}{
				{lookup, `"id"`, `"identifier"`},
				{asked{path: "/crm/contacts?phone=5551234567", header: crm}, `"results"`, `"data"`},
				{asked{path: psaPath, header: psa}, `"id":2`, `"recordId"`},
				{asked{method: "POST", path: "/leads", header: asJSON, body: "{}"}, `"id"`, `"identifier"`},
				{asked{method: "POST", path: "/sms/send", header: asJSON, body: smsBody}, "SMSID", "identifier"},
				{asked{method: "POST", path: "/login", header: asJSON, body: `{"user":"sandbox","password":"` + Password + `"}`}, "access_token", `"token"`},
				{asked{method: "POST", path: "/validate", header: asJSON, body: `{"authToken":"a"}`}, "ContactId", "identifier"},
			} {
				if _, body := ask(t, base, with(tc.a, "renamed")); strings.Contains(body, tc.gone) || !strings.Contains(body, tc.have) {
					t.Errorf("%s: %s", tc.a.path, body)
				}
			}
		},
		"null": func(t *testing.T) {
			for _, a := range []asked{
				lookup,
				{path: psaPath, header: psa},
				{method: "POST", path: "/leads", header: asJSON, body: "{}"},
				{method: "POST", path: "/sms/send", header: asJSON, body: smsBody},
				{method: "POST", path: "/login", header: asJSON, body: `{"user":"sandbox","password":"` + Password + `"}`},
				{method: "POST", path: "/validate", header: asJSON, body: `{"authToken":"a"}`},
			} {
				if _, body := ask(t, base, with(a, "null")); !strings.Contains(body, "null") {
					t.Errorf("%s: %s", a.path, body)
				}
			}
		},
		"broken_pdf": func(t *testing.T) {
			resp, body := ask(t, base, with(asked{path: "/invoices/INV0000001.pdf", header: bearer}, "broken_pdf"))
			if resp.Header.Get("Content-Type") != "application/pdf" || strings.HasPrefix(body, "%PDF") || resp.StatusCode != http.StatusOK {
				t.Errorf("%v %s", resp.Header, body)
			}
		},
		"truncated": func(t *testing.T) {
			if got := broken(with(lookup, "truncated")); !strings.Contains(got, "EOF") {
				t.Error(got)
			}
		},
		"wrong_type": func(t *testing.T) {
			if resp, body := ask(t, base, with(lookup, "wrong_type")); !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || strings.Contains(body, "password") {
				t.Errorf("%v %s", resp.Header, body)
			}
		},
		"reset": func(*testing.T) { broken(with(lookup, "reset")) },
		"slow": func(t *testing.T) {
			start := time.Now()
			if _, body := ask(t, base, with(asked{path: lookup.path + "?delay_ms=200", header: crm}, "slow")); time.Since(start) < 150*time.Millisecond || !strings.Contains(body, `"id":"501"`) {
				t.Errorf("%s after %s", body, time.Since(start))
			}
		},
		"too_large": func(t *testing.T) {
			if _, body := ask(t, base, with(lookup, "too_large")); len(body) < 39<<20 || !json.Valid([]byte(body)) {
				t.Errorf("%d bytes", len(body))
			}
		},
		"bad_gzip": func(t *testing.T) {
			if resp, body := ask(t, base, with(lookup, "bad_gzip")); resp.Header.Get("Content-Encoding") != "gzip" || body[0] != '{' {
				t.Errorf("%v %s", resp.Header, body)
			}
		},
		"error_in_200": func(t *testing.T) {
			if resp, body := ask(t, base, with(lookup, "error_in_200")); resp.StatusCode != http.StatusOK || !strings.Contains(body, `"success":false`) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		},
	}
	for _, f := range Faults() {
		check, ok := checks[f.Name]
		if !ok {
			t.Errorf("the fault %s has no check", f.Name)
			continue
		}
		t.Run(f.Name, func(t *testing.T) { t.Parallel(); check(t) })
	}
	if _, body := ask(t, base, asked{path: "/echo", header: map[string]string{FaultHeader: "500"}}); !strings.Contains(body, "E-500") {
		t.Errorf("the header does not switch: %s", body)
	}
}
