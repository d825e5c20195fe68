package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestConnectWiseHostsForPeopleBecomeThoseForPrograms(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"na.myconnectwise.net": "api-na.myconnectwise.net", "eu.myconnectwise.net": "api-eu.myconnectwise.net", "au.myconnectwise.net": "api-au.myconnectwise.net",
		"staging.connectwisedev.com": "api-staging.connectwisedev.com", "api-na.myconnectwise.net": "api-na.myconnectwise.net", "psa.acme.test": "psa.acme.test",
		"www.myconnectwise.net": "www.myconnectwise.net", "na.myconnectwise.net.evil.test": "na.myconnectwise.net.evil.test", "a.b.myconnectwise.net": "a.b.myconnectwise.net",
		"na.myconnectwise.net:8443": "na.myconnectwise.net:8443", "": "",
	} {
		if got := ConnectWiseHost(host); got != want {
			t.Errorf("%s = %s, want %s", host, got, want)
		}
	}
	for base, want := range map[string]string{
		"https://NA.myconnectwise.net/v4_6_release/apis/3.0": "https://api-na.myconnectwise.net/v4_6_release/apis/3.0",
		"https://psa.acme.test/na.myconnectwise.net":         "https://psa.acme.test/na.myconnectwise.net",
		"nonsense": "nonsense", "": "",
	} {
		if got := ConnectWiseBaseURL(base); got != want {
			t.Errorf("%s = %s, want %s", base, got, want)
		}
	}
}

func TestTheReleaseIsReadFromTheCompanyAlone(t *testing.T) {
	t.Parallel()
	in := Integrator{Host: "api-na.myconnectwise.net", Auth: Auth{Settings: map[string]string{"company_id": "a c/../me"}}}
	if got := in.CompanyInfoURL(); got != "https://api-na.myconnectwise.net/login/companyinfo/a%20c%2F..%2Fme" {
		t.Errorf("look-up at %s", got)
	}
	for answer, want := range map[string]string{
		`{"Codebase":"v2026_1/"}`: "https://api-na.myconnectwise.net/v2026_1/apis/3.0", `{"codebase":"v4_6_release"}`: "https://api-na.myconnectwise.net/v4_6_release/apis/3.0",
		`{"Codebase":"../x/"}`: "", `{"Codebase":"v1/../../x"}`: "", `{"Codebase":"evil.example"}`: "", `{"Codebase":null}`: "", `{}`: "", `[1]`: "", `x`: "", ``: "",
	} {
		if got, known := in.CompanyBase([]byte(answer)); got != want || !known {
			t.Errorf("%s: %q, %t", answer, got, known)
		}
	}
	if _, known := in.CompanyBase([]byte(" null\n")); known {
		t.Error("null is a company")
	}
	for base, want := range map[string]bool{
		"https://x.test/v2026_1/apis/3.0": true, "http://127.0.0.1:1/v4_6_release/apis/3.0/": true, "https://x.test/apis/3.0": false, "https://x.test/v2026_1/apis/3.0/more": false, "": false,
	} {
		if got := (Integrator{BaseURL: base}).HasCodebase(); got != want {
			t.Errorf("%s: %t", base, got)
		}
	}
}

func TestAKeyIsKeptOnlyForWhatItWasGivenFor(t *testing.T) {
	t.Parallel()
	jwt := func(algorithm string) Auth {
		return Auth{Kind: "jwt", Settings: map[string]string{"algorithm": algorithm}}
	}
	for _, tc := range []struct {
		before, after Auth
		setting       string
		want          bool
	}{
		{jwt(""), jwt("HS512"), "key", true},
		{jwt("RS256"), jwt("RS512"), "key", true},
		{jwt("HS256"), jwt("RS256"), "key", false},
		{jwt("ES256"), jwt("ES384"), "key", false},
		{jwt(""), Auth{Kind: "signature"}, "key", false},
		{Auth{Kind: "signature"}, Auth{Kind: "client_cert"}, "key", false},
		{Auth{Kind: "basic"}, Auth{Kind: "digest"}, "password", true},
		{Auth{Kind: "basic"}, Auth{Kind: "bearer"}, "password", false},
		{Auth{Kind: "basic"}, Auth{Kind: "basic"}, "username", false},
	} {
		if got := tc.before.Keeps(tc.after, tc.setting); got != tc.want {
			t.Errorf("%+v to %+v keeps %s: %t", tc.before, tc.after, tc.setting, got)
		}
	}
}

func TestACertificateIsWarnedOfInTime(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from, until := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	a := Auth{Kind: "client_cert", Settings: map[string]string{"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}}
	for now, want := range map[time.Time]string{
		from.Add(-time.Hour): "not valid before 1 January 2026", from: "", until.Add(-31 * 24 * time.Hour): "",
		until.Add(-29 * 24 * time.Hour): "in 29 days", until.Add(time.Second): "expired on 1 January 2027",
	} {
		if got := a.CertificateWarning(now); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("at %s: %q, want %q", now, got, want)
		}
	}
	for _, other := range []Auth{{}, {Kind: "client_cert"}, {Kind: "client_cert", Settings: map[string]string{"certificate": "x"}}} {
		if got := other.CertificateWarning(from); got != "" {
			t.Errorf("%+v: %q", other, got)
		}
	}
}

func TestQueryPairs(t *testing.T) {
	t.Parallel()
	got, ok := QueryPairs("?api_key=X%2BX&credential=Y=Y")
	if !ok || !reflect.DeepEqual(got, [][2]string{{"api_key", "X+X"}, {"credential", "Y=Y"}}) {
		t.Errorf("%v, %t", got, ok)
	}
	for _, bad := range []string{"", "word", "a=b&", "=x", "a=%zz", "a=b&word"} {
		if _, ok := QueryPairs(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestEverySettingOfAClosedListTakesNothingElse(t *testing.T) {
	t.Parallel()
	for _, kind := range AuthKinds() {
		for _, s := range kind.Settings {
			if len(s.Options) == 0 {
				continue
			}
			if checkSetting(Auth{Kind: kind.Kind}, s, "magic") == "" {
				t.Errorf("%s.%s takes magic", kind.Kind, s.Name)
			}
			for _, o := range s.Options {
				if problem := checkSetting(Auth{Kind: kind.Kind}, s, o); problem != "" {
					t.Errorf("%s.%s = %s: %s", kind.Kind, s.Name, o, problem)
				}
			}
		}
	}
}
