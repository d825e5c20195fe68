package integration

import (
	"strconv"
	"time"

	"tieline/internal/sign"
)

// Setting is a plain setting's value; where it is empty, the first of its options.
func (a Auth) Setting(name string) string {
	if value := a.Settings[name]; value != "" {
		return value
	}
	kind, _ := AuthKindOf(a.Kind)
	if options := kind.Setting(name).Options; len(options) > 0 {
		return options[0]
	}
	return ""
}

// Keeps tells whether a stored secret of the authentication ("key") may still be of use after a change. Those that
// another kind does not ask for are of none; a key is bound to its kind, to the algorithms that work with it and to
// its certificate.
func (a Auth) Keeps(next Auth, setting string) bool {
	kind, _ := AuthKindOf(next.Kind)
	switch {
	case !kind.Setting(setting).Secret:
		return false
	case setting != "key":
		return true
	case a.Kind != next.Kind:
		return false
	case a.Kind == "jwt":
		return sign.JWTFamily(a.Setting("algorithm")) == sign.JWTFamily(next.Setting("algorithm"))
	case a.Kind == "client_cert":
		return a.Settings["certificate"] == next.Settings["certificate"] ||
			sign.SameKey(a.Settings["certificate"], next.Settings["certificate"])
	}
	return true
}

// expiresSoon is how long before its end a certificate is warned of.
const expiresSoon = 30 * 24 * time.Hour

// Certificate tells of the client certificate; false where there is none.
func (a Auth) Certificate() (sign.Certificate, bool) {
	if a.Kind != "client_cert" {
		return sign.Certificate{}, false
	}
	c, err := sign.ReadCertificate(a.Settings["certificate"])
	return c, err == nil
}

// CertificateWarning is a sentence about a client certificate that is not valid, or soon will not be; "" where
// nothing is to be said.
func (a Auth) CertificateWarning(now time.Time) string {
	c, ok := a.Certificate()
	const day = "2 January 2006"
	switch left := c.Until.Sub(now); {
	case !ok:
	case left < 0:
		return "The client certificate expired on " + c.Until.Format(day) + ". Calls will be refused until it is renewed."
	case now.Before(c.From):
		return "The client certificate is not valid before " + c.From.Format(day) + "."
	case left < expiresSoon:
		return "The client certificate expires on " + c.Until.Format(day) + ", in " + strconv.Itoa(int(left.Hours()/24)) + " days. Renew it before then."
	}
	return ""
}
