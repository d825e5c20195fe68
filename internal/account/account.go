package account

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"tieline/internal/fault"
	"tieline/internal/secret"
)

// Customer is one of the installation's customers; nearly everything belongs to one. Slug is unique and stands
// in addresses and documents; CallcenterID is unique where it is not empty. Version counts changes.
type Customer struct {
	ID           string
	Slug         string
	Name         string
	CallcenterID string
	Enabled      bool
	Notes        string
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// User is a person who signs in. Email is unique in any letter case. CustomerIDs empty means all customers.
// PasswordHash is an argon2id hash in its encoded form, empty while none is set.
type User struct {
	ID           string
	Email        string
	Name         string
	Role         Role
	PasswordHash string
	Enabled      bool
	CustomerIDs  []string
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
	LastLoginAt  time.Time
}

// Session is one signed-in browser. Hash is the SHA-256 (hex) of the opaque id in the cookie.
type Session struct {
	Hash      string
	UserID    string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	Address   string
	Agent     string
}

// Link is a one-time link: the first owner's set-up, or a sign-in link for who is locked out. Hash is the
// SHA-256 (hex) of the token in the address.
type Link struct {
	Hash      string
	Purpose   string // "setup", "login" or "password"
	UserID    string
	ExpiresAt time.Time
	UsedAt    time.Time
}

// APIKey lets a program in. Hash is the SHA-256 (hex) of the key, Hint its masked form.
type APIKey struct {
	ID          string
	Name        string
	Hash        string
	Hint        string
	Role        Role
	CustomerIDs []string
	CreatedBy   string
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: never
	LastUsedAt  time.Time
	RevokedAt   time.Time
}

// Live tells whether a key may be used at a moment.
func (k APIKey) Live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// AllowEntry lets one customer's calls reach an address that is refused by default. Target is a CIDR, an IP
// address or an exact host name; Ports is a comma list of ports and ranges ("443,8000-8100"), empty for all.
type AllowEntry struct {
	ID         string
	CustomerID string
	Target     string
	Ports      string
	Reason     string
	AddedBy    string
	CreatedAt  time.Time
}

// Variable is ${NAME}: for the installation (CustomerID empty) or one customer, plain or sealed.
type Variable struct {
	ID         string
	Name       string
	CustomerID string
	Value      string
	Secret     secret.Sealed
	Encrypted  bool
	Version    int64
	UpdatedAt  time.Time
}

var (
	slugForm     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	variableForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)
)

// Slug makes a slug from a name: lower case letters, digits and single hyphens, at most 63.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	if len(s) > 63 {
		s = s[:63]
	}
	return strings.Trim(s, "-")
}

// text checks a plain text field: length in characters, no control characters but line breaks and tabs.
func text(f *fault.Fields, field, value, label string, required bool, limit int) {
	switch {
	case required && strings.TrimSpace(value) == "":
		f.Add(field, label+" is needed.")
	case utf8.RuneCountInString(value) > limit:
		f.Add(field, label+" is too long.")
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	}):
		f.Add(field, label+" has characters that cannot be shown.")
	}
}

// Validate says everything that is wrong with a customer.
func (c Customer) Validate() error {
	var f fault.Fields
	text(&f, "name", c.Name, "The name", true, 120)
	if !slugForm.MatchString(c.Slug) {
		f.Add("slug", "Lower-case letters, digits and hyphens, at most 63.")
	}
	text(&f, "callcenter_id", c.CallcenterID, "The call-centre id", false, 120)
	text(&f, "notes", c.Notes, "The note", false, 10_000)
	return f.Err()
}

// Validate says everything that is wrong with a user.
func (u User) Validate() error {
	var f fault.Fields
	text(&f, "name", u.Name, "The name", true, 120)
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email || len(u.Email) > 254 {
		f.Add("email", "This is not an e-mail address.")
	}
	if !u.Role.Valid() {
		f.Add("role", "Choose owner, admin, builder, support or auditor.")
	}
	if u.Role == Owner && len(u.CustomerIDs) > 0 {
		f.Add("customers", "An owner sees every customer.")
	}
	return f.Err()
}

// Validate says everything that is wrong with an API key.
func (k APIKey) Validate() error {
	var f fault.Fields
	text(&f, "name", k.Name, "The name", true, 120)
	if !k.Role.Valid() {
		f.Add("role", "Choose owner, admin, builder, support or auditor.")
	}
	return f.Err()
}

// Validate says everything that is wrong with a variable.
func (v Variable) Validate() error {
	var f fault.Fields
	if !variableForm.MatchString(v.Name) {
		f.Add("name", "Capital letters, digits and underscores, a letter first, at most 64.")
	}
	text(&f, "value", v.Value, "The value", false, 10_000)
	return f.Err()
}
