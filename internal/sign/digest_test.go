package sign_test

import (
	"slices"
	"strings"
	"testing"

	"tieline/internal/sign"
)

// TestDigestOfRFC7616 has the examples of sections 3.9.1 and 3.9.2.
func TestDigestOfRFC7616(t *testing.T) {
	t.Parallel()
	const rest = ` qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
	mufasa := sign.Credentials{
		Username: "Mufasa", Password: "Circle of Life", Method: "GET", Target: "/dir/index.html",
		CNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", Count: 1,
	}
	for algorithm, want := range map[string]string{
		"MD5": "8ca523f5e9506fed4657c9700eebdbec", "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		challenge, ok := sign.ReadChallenge([]string{`Digest realm="http-auth@example.org",` + rest + `, algorithm=` + algorithm})
		if !ok || challenge.QOP != "auth" {
			t.Fatalf("%+v, %t", challenge, ok)
		}
		got := challenge.Authorization(mufasa)
		if sign.Response(got) != want || !strings.Contains(got, `, uri="/dir/index.html", `) || !strings.Contains(got, "nc=00000001") {
			t.Errorf("%s: %s", algorithm, got)
		}
	}
	hashed, ok := sign.ReadChallenge([]string{`Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true`})
	got := hashed.Authorization(sign.Credentials{
		Username: "Jäsøn Doe", Password: "Secret, or not?", Method: "GET", Target: "/doe.json", CNonce: "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", Count: 1,
	})
	// The RFC prints a truncated SHA-512 here; these are the values of SHA-512/256 itself.
	if !ok || sign.Response(got) != "7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c" || !strings.Contains(got, `username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"`) || !strings.HasSuffix(got, "userhash=true") {
		t.Errorf("%t %s", ok, got)
	}
}

func TestChallengesAreReadAsServersWriteThem(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		headers []string
		want    sign.Challenge
		ok      bool
	}{
		{"the strongest wins", []string{`Digest nonce=a, realm=r, algorithm=MD5, qop=auth`, `Digest nonce="b", realm="r", algorithm="sha-256", qop="auth"`}, sign.Challenge{Realm: "r", Nonce: "b", Algorithm: "SHA-256", QOP: "auth"}, true},
		{"two in one line", []string{`Basic realm="a, b=c", Digest realm="r", nonce="n", stale=TRUE`}, sign.Challenge{Realm: "r", Nonce: "n", Algorithm: "MD5", Stale: true}, true},
		{"odd blanks and quotes", []string{`digest  realm = "r" ,nonce= "n\"x" , qop = "auth-int" ,algorithm="MD5-SESS"`}, sign.Challenge{Realm: "r", Nonce: `n"x`, Algorithm: "MD5-sess", QOP: "auth-int"}, true},
		{"unknown algorithm", []string{`Digest realm="r", nonce="n", algorithm=WHIRL`}, sign.Challenge{}, false},
		{"unknown protection", []string{`Digest realm="r", nonce="n", qop="auth-conf"`}, sign.Challenge{}, false},
		{"no nonce", []string{`Digest realm="r"`}, sign.Challenge{}, false},
		{"not digest", []string{`Negotiate abc==`, `NTLM`, ``}, sign.Challenge{}, false},
		{"broken", []string{`Digest realm="r, nonce=n`, `=,=,"`, `Digest =`, "\x00\"\\"}, sign.Challenge{}, false},
	} {
		got, ok := sign.ReadChallenge(tc.headers)
		got = sign.Challenge{Realm: got.Realm, Nonce: got.Nonce, Opaque: got.Opaque, Algorithm: got.Algorithm, QOP: got.QOP, Stale: got.Stale}
		if ok != tc.ok || tc.ok && got != tc.want {
			t.Errorf("%s: %+v, %t", tc.name, got, ok)
		}
	}
	if got := sign.Schemes([]string{`Basic realm="x", Bearer`, "Negotiate"}); !slices.Equal(got, []string{"Basic", "Bearer", "Negotiate"}) {
		t.Errorf("schemes = %v", got)
	}
}

func FuzzChallengesEndAndHoldNoHeaderOfTheirOwn(f *testing.F) {
	f.Add(`Digest realm="r", nonce="n", qop="auth"`)
	f.Add(`Basic realm="a\", Digest nonce=x=y,,=`)
	f.Fuzz(func(t *testing.T, header string) {
		challenge, ok := sign.ReadChallenge([]string{header})
		if !ok {
			return
		}
		got := challenge.Authorization(sign.Credentials{Username: "u", Password: "p", Method: "GET", Target: "/", CNonce: "c", Count: 1})
		if !strings.ContainsAny(header, "\r\n") && strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q", got)
		}
	})
}
