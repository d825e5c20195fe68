package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tieline/internal/fault"
	"tieline/internal/secret"
)

// The cost of a password check. A hash names its own cost, so that these may grow.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024 // KiB
	argonThreads = 1
	saltSize     = 16
	hashSize     = 32
)

// The shortest and the longest password that is taken, in characters.
const (
	shortest = 12
	longest  = 256
)

var errHash = errors.New("the stored password hash cannot be read")

// hasher hashes passwords, at most two at once, so that a flood of sign-ins costs a bounded amount of memory.
type hasher struct {
	slots chan struct{}
	dummy string // the hash that unknown people are checked against
}

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, 2), dummy: encode(random(saltSize), random(hashSize))}
}

// patience is how long a password check waits for its turn before it gives up.
const patience = 5 * time.Second

// take waits for a slot; the returned function gives it back.
func (h *hasher) take(ctx context.Context) (func(), error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-timer.C:
		return nil, limited(patience)
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, "The request was given up.", ctx.Err())
	}
}

// hash gives a password its encoded argon2id hash.
func (h *hasher) hash(ctx context.Context, password secret.Text) (string, error) {
	release, err := h.take(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := random(saltSize)
	return encode(salt, derive(password, salt)), nil
}

// matches tells whether a password fits an encoded hash. Without a hash it costs the same and is false.
func (h *hasher) matches(ctx context.Context, encoded string, password secret.Text) (bool, error) {
	release, err := h.take(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	known := encoded != ""
	if tooLong(password) {
		known, password = false, secret.Text{} // no password that was taken is as long; it costs no more than others
	}
	if !known {
		encoded = h.dummy
	}
	salt, want, err := decode(encoded)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(derive(password, salt), want) == 1 && known, nil
}

// tooLong tells whether a password has more bytes than the longest one could have in any spelling.
func tooLong(password secret.Text) bool { return len(password.Reveal()) > 16*longest }

func derive(password secret.Text, salt []byte) []byte {
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password.Reveal())), salt, argonTime, argonMemory, argonThreads, hashSize)
}

func encode(salt, sum []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(sum))
}

// decode reads a hash of the one cost that is in use.
func decode(encoded string) (salt, sum []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", argonMemory, argonTime, argonThreads) {
		return nil, nil, errHash
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) != saltSize {
		return nil, nil, errHash
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) != hashSize {
		return nil, nil, errHash
	}
	return salt, sum, nil
}

func random(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b)
	return b
}

// CheckNewPassword is nil for a password that may be set, else Invalid at the field "password".
func CheckNewPassword(password secret.Text, email string) error {
	if tooLong(password) {
		return fault.At("password", fmt.Sprintf("At most %d characters.", longest))
	}
	value := norm.NFKC.String(password.Reveal())
	switch n := utf8.RuneCountInString(value); {
	case !utf8.ValidString(value):
		return fault.At("password", "The password has characters that cannot be read.")
	case n < shortest:
		return fault.At("password", fmt.Sprintf("At least %d characters.", shortest))
	case n > longest:
		return fault.At("password", fmt.Sprintf("At most %d characters.", longest))
	}
	lower := strings.ToLower(value)
	mail, _, _ := strings.Cut(strings.ToLower(email), "@")
	switch {
	case lower == strings.ToLower(email), mail != "" && strings.Trim(strings.ReplaceAll(lower, mail, ""), "0123456789.-_!@") == "":
		return fault.At("password", "The password must not be the e-mail address.")
	case simple(lower), common(lower):
		return fault.At("password", "This password is among the first that are guessed. Choose another.")
	}
	return nil
}
