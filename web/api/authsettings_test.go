package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
)

// pair is a client certificate with its key, valid for so long.
func pair(t *testing.T, valid time.Duration) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "acme"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(valid)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	text, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}))
}

func rsaKey(t *testing.T) string {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
}

func TestSettingsOfAnAuthenticationComeBackInTheirOwnForm(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		const claims = `{"iss":"{{field.Region}}","n":12345678901234567890,"tags":["<a>"]}`
		a := p.owner(t, "PATCH", path, `{"auth":{"kind":"jwt","algorithm":"HS384","key":"canary-jwt-0123456789-9f2c","claims":`+claims+`,"header":"{\"kid\": \"1\"}","ttl_s":60}}`).want(t, 200)
		for _, part := range []string{`"claims":` + claims, `"header":{"kid":`, `"ttl_s":60`, `"algorithm":"HS384"`, `"hint":"…9f2c"`} {
			if !strings.Contains(a.body, part) {
				t.Errorf("%s is not in %s", part, a.body)
			}
		}
		again := p.owner(t, "PATCH", path, map[string]any{"auth": a.json["auth"]}).want(t, 200)
		if strings.Contains(again.body, "canary-jwt") || again.text("auth", "key", "set") != "true" {
			t.Errorf("sent back as it was read: %s", again.body)
		}
		bare := p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"claims": `{"n": {{n}}}`, "ttl_s": "61"}}).want(t, 200)
		if bare.text("auth", "claims") != `{"n": {{n}}}` || !strings.Contains(bare.body, `"ttl_s":61`) {
			t.Errorf("a template: %s", bare.body)
		}
		signed := p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{
			"kind": "signature", "key": "canary-hmac-0123456789-1b1b", "fields": []string{"method", "body|sha256", `" "`}, "name": "X-Sig", "separator": `\n`,
		}}).want(t, 200)
		if !strings.Contains(signed.body, `"fields":["method","body|sha256","\" \""]`) {
			t.Errorf("a list: %s", signed.body)
		}
		p.owner(t, "PATCH", path, map[string]any{"auth": map[string]any{"fields": "method\r\npath\r\n"}}).want(t, 200)
		if got := p.owner(t, "GET", path, nil).want(t, 200); !strings.Contains(got.body, `"fields":["method","path"]`) {
			t.Errorf("lines: %s", got.body)
		}
	})
}

func TestHostileSettingsAreRefusedAtTheFieldAndStoreNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		before := p.owner(t, "GET", path, nil).want(t, 200).body
		certificate, key := pair(t, time.Hour)
		_, otherKey := pair(t, time.Hour)
		long := strings.Repeat("x", 70_000)
		for kind, k := range map[string]struct {
			good map[string]any
			bad  map[string][]any
		}{
			"connectwise": {map[string]any{"company_id": "acme", "public_key": "pub", "private_key": "priv", "client_id": "cid"}, map[string][]any{
				"company_id": {"", "a+b", "a:b", "a/b", "a?b", long, 7, nil}, "public_key": {"", "acme+pub", "a:b"}, "private_key": {"", "a\nb", long}, "client_id": {"", "a\r\nX: y", true},
			}},
			"jwt": {map[string]any{"key": "a secret"}, map[string][]any{
				"algorithm": {"none", "HS1", 7, "PS256"}, "key": {"", nil, key, []any{"x"}}, "ttl_s": {0, -1, 86401, 1.5, "soon", []any{}},
				"claims": {"[]", "{", "x", `{"a":}`, []any{}, 7, `{"a":"{{auth.token}}"}`, `{"a":"{{x|nofilter}}"}`, long},
				"header": {"[]", `{"alg":"none"}`, map[string]any{"alg": "none"}, "{{x}}"},
			}},
			"signature": {map[string]any{"key": "k", "fields": "body", "name": "X-Sig"}, map[string][]any{
				"algorithm": {"crc32"}, "encoding": {"rot13"}, "in": {"body"}, "name": {"", "X Sig", "Content-Length", long}, "separator": {long},
				"fields": {"", "bdoy", "header:X Y", "header:Host", "body|nofilter", "{{auth.token}}", "body|raw", "{{", []any{"a\nb"}, []any{7}, map[string]any{}},
				"key":    {"", nil},
			}},
			"digest": {map[string]any{"username": "u", "password": "p"}, map[string][]any{"username": {"", "a\nb"}, "password": {"", "a\x00b", 7}}},
			"client_cert": {map[string]any{"certificate": certificate, "key": key}, map[string][]any{
				"certificate": {"", "x", key, certificate + key, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "a\x00b"},
				"key":         {"", "x", certificate, otherKey, rsaKey(t)}, "ca": {"x", key},
			}},
		} {
			for field, values := range k.bad {
				for _, value := range values {
					auth := map[string]any{"kind": kind}
					maps.Copy(auth, k.good)
					auth[field] = value
					a := p.owner(t, "PATCH", path, map[string]any{"auth": auth})
					problems, _ := a.json["fields"].(map[string]any)
					if a.status != 422 && a.status != 400 || problems["auth."+field] == nil && (kind != "client_cert" || problems["auth.key"] == nil) {
						t.Errorf("%s.%s = %.40v: %d %s", kind, field, value, a.status, a.body)
					}
					if strings.Contains(a.body, "BEGIN PRIVATE KEY-----\\nM") {
						t.Errorf("%s.%s: the key comes back", kind, field)
					}
				}
			}
			unknown := map[string]any{"kind": kind, "nope": "x"}
			if a := p.owner(t, "PATCH", path, map[string]any{"auth": unknown}); a.status != 422 {
				t.Errorf("%s takes an unknown setting: %s", kind, a.body)
			}
		}
		if after := p.owner(t, "GET", path, nil).want(t, 200).body; after != before {
			t.Errorf("something was stored:\n%s\n%s", before, after)
		}
	})
}

func TestAKeyIsLetGoWhereItNoLongerFits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		patch := func(status int, auth map[string]any) answer {
			return p.owner(t, "PATCH", path, map[string]any{"auth": auth}).want(t, status)
		}
		problem := func(a answer, want string) {
			t.Helper()
			if fields, _ := a.json["fields"].(map[string]any); !strings.Contains(text(fields["auth.key"]), want) {
				t.Errorf("auth.key: %v, want %q", fields, want)
			}
		}
		patch(200, map[string]any{"kind": "jwt", "key": "a shared secret"})
		patch(200, map[string]any{"algorithm": "HS512"})
		problem(patch(422, map[string]any{"algorithm": "RS256"}), "does not fit this algorithm")
		patch(200, map[string]any{"algorithm": "RS256", "key": rsaKey(t)})
		patch(200, map[string]any{"algorithm": "RS512"})
		problem(patch(422, map[string]any{"kind": "signature", "fields": "body", "name": "X-S"}), "another kind")
		certificate, key := pair(t, 10*24*time.Hour+time.Hour)
		saved := patch(200, map[string]any{"kind": "client_cert", "certificate": certificate, "key": key})
		if warnings, _ := json.Marshal(saved.json["warnings"]); !strings.Contains(string(warnings), "in 10 days") {
			t.Errorf("warnings = %s", warnings)
		}
		other, _ := pair(t, time.Hour)
		problem(patch(422, map[string]any{"certificate": other}), "another certificate")
		expired, itsKey := pair(t, -time.Hour)
		gone := patch(200, map[string]any{"certificate": expired, "key": itsKey})
		if warnings, _ := json.Marshal(gone.json["warnings"]); !strings.Contains(string(warnings), "expired on") {
			t.Errorf("warnings = %s", warnings)
		}
	})
}

// text is a value of a JSON object as text.
func text(value any) string {
	s, _ := value.(string)
	return s
}

func TestOAuthSettingsAreTakenInTheFormsThatProgramsWriteThem(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPortal(t, d)
		s := p.scene(t)
		path := "/integrations/" + s.name + "/integrators/" + s.integrator
		a := p.owner(t, "PATCH", path, `{"auth":{"kind":"oauth2_code","authorize_url":"https://api.vendor.test/a","token_url":"https://api.vendor.test/t",
			"client_id":"a","client_secret":"canary-oauth-0123456789-9f2c","scopes":["read","write"],"extra":{"resource":"r","audience":"x"},"pkce":false}}`).want(t, 200)
		for _, part := range []string{`"scopes":"read write"`, `"extra":{"audience":"x","resource":"r"}`, `"pkce":"off"`} {
			if !strings.Contains(a.body, part) {
				t.Errorf("%s is not in %s", part, a.body)
			}
		}
		p.owner(t, "PATCH", path, map[string]any{"auth": a.json["auth"]}).want(t, 200)
		for value, field := range map[string]string{
			`{"extra":{"a":1}}`: "auth.extra", `{"extra":{"a":"x\ny"}}`: "auth.extra", `{"scopes":[1]}`: "auth.scopes", `{"pkce":1}`: "auth.pkce",
		} {
			if got := p.owner(t, "PATCH", path, `{"auth":`+value+`}`).want(t, 422); got.text("fields", field) == "" {
				t.Errorf("%s: %s", value, got.body)
			}
		}
		signed := p.owner(t, "PATCH", path, `{"auth":{"kind":"signature","algorithm":"hmac_sha256","key":"k-0123456789","fields":["method","path"],"separator":"\n","in":"header","name":"X-Sig"}}`)
		if got := signed.want(t, 200); !strings.Contains(got.body, `"separator":"\\n"`) {
			t.Errorf("%s", got.body)
		}
	})
}
