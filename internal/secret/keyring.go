package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Place names the one cell a secret belongs to. It is authenticated with the value: a ciphertext copied to
// another row, column or customer does not open.
type Place struct {
	Table, Row, Column, Customer string
}

func (p Place) bytes() []byte {
	return []byte(strings.Join([]string{p.Table, p.Row, p.Column, p.Customer}, "|"))
}

// ErrKey is a ciphertext that none of the keys opens at its place: a wrong key, or a value moved by hand.
var ErrKey = errors.New("the secret does not open with the key in use")

// Sealer can only encrypt.
type Sealer interface {
	Seal(p Place, t Text) (Sealed, error)
}

// Opener can decrypt.
type Opener interface {
	Open(p Place, s Sealed) (Text, error)
}

// Keyring encrypts with its first key and decrypts with any of them (XChaCha20-Poly1305, random nonce).
// It is safe for concurrent use.
type Keyring struct {
	first string
	keys  map[string]cipher.AEAD
}

const (
	keyIDSize = 8
	version   = 1
)

// NewKey makes a key in its text form: 32 random bytes as standard base64.
func NewKey() string {
	b := make([]byte, chacha20poly1305.KeySize)
	_, _ = rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// NewKeyring reads keys, one a line, the one to encrypt with first. Empty lines and lines that start with #
// are passed over.
func NewKeyring(text string) (*Keyring, error) {
	k := &Keyring{keys: map[string]cipher.AEAD{}}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != chacha20poly1305.KeySize {
			return nil, fmt.Errorf("line %d is not a key: 32 bytes as base64 are needed", n+1)
		}
		aead, err := chacha20poly1305.NewX(raw)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		keyID := idOf(raw)
		if k.first == "" {
			k.first = keyID
		}
		k.keys[keyID] = aead
	}
	if k.first == "" {
		return nil, errors.New("there is no key")
	}
	return k, nil
}

// KeyID names the key that new secrets are sealed with; it reveals nothing of the key.
func (k *Keyring) KeyID() string { return k.first }

// Has tells whether the key with this id is among the keys.
func (k *Keyring) Has(keyID string) bool { _, ok := k.keys[keyID]; return ok }

// Seal encrypts a value for a place. An empty value gives an empty Sealed.
func (k *Keyring) Seal(p Place, t Text) (Sealed, error) {
	if t.Empty() {
		return Sealed{}, nil
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(nonce)
	data := append([]byte{version}, k.first...)
	data = append(data, nonce...)
	data = k.keys[k.first].Seal(data, nonce, []byte(t.Reveal()), p.bytes())
	return Sealed{Data: data, Hint: Mask(t.Reveal()), At: time.Now().UTC()}, nil
}

// Open decrypts a value at its place; ErrKey where it does not fit.
func (k *Keyring) Open(p Place, s Sealed) (Text, error) {
	if !s.Set() {
		return Text{}, nil
	}
	head := 1 + keyIDSize + chacha20poly1305.NonceSizeX
	if len(s.Data) < head || s.Data[0] != version {
		return Text{}, ErrKey
	}
	aead, ok := k.keys[string(s.Data[1:1+keyIDSize])]
	if !ok {
		return Text{}, ErrKey
	}
	plain, err := aead.Open(nil, s.Data[1+keyIDSize:head], s.Data[head:], p.bytes())
	if err != nil {
		return Text{}, ErrKey
	}
	return NewText(string(plain)), nil
}

// KeyIDOf is the id of the key that sealed s, or "" where there is none.
func KeyIDOf(s Sealed) string {
	if len(s.Data) < 1+keyIDSize {
		return ""
	}
	return string(s.Data[1 : 1+keyIDSize])
}
