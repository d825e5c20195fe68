package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

type holder struct {
	Name string
	key  Text
	Open Text
}

func TestASecretIsNeverPrintedLoggedOrEncoded(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a9c21"
	h := holder{"x", NewText(canary), NewText(canary)}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%t", "%T", "%p"} {
		fmt.Fprintf(&out, verb, h)
		fmt.Fprintf(&out, verb, &h)
		fmt.Fprintf(&out, verb, h.key)
		fmt.Fprintf(&out, verb, []any{h.key, &h.key})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "h", h, "k", h.key)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "h", h, "k", h.key)
	if err := json.NewEncoder(&out).Encode(h); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
		t.Errorf("the secret is in:\n%s", out.String())
	}
	if h.key.Reveal() != canary || NewText("") != (Text{}) || !NewText("").Empty() {
		t.Error("a text does not keep its value")
	}
}

func TestMaskShowsFourAndFourOfLongValuesOnly(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "", "short": Bullets, "1234567890123456789": Bullets,
		"gckQ567890123456taJ9": "gckQ...taJ9", "äöüß567890123456ÄÖÜß": "äöüß...ÄÖÜß",
	} {
		if got := Mask(value); got != want {
			t.Errorf("Mask(%q) = %q, want %q", value, got, want)
		}
	}
	if (Sealed{Hint: Mask("gckQ5678901234569f2c")}).Ends() != "…9f2c" || (Sealed{Hint: Mask("short")}).Ends() != Bullets {
		t.Error("Ends is wrong")
	}
}

func TestASealedValueOpensOnlyAtItsPlaceWithItsKey(t *testing.T) {
	t.Parallel()
	k, err := NewKeyring("# keys\n" + NewKey() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	place := Place{"integrators", "row", "auth.password", "acme"}
	sealed, err := k.Seal(place, NewText("p4ssw0rd"))
	if err != nil || bytes.Contains(sealed.Data, []byte("p4ssw0rd")) {
		t.Fatalf("sealed %q, err %v", sealed.Data, err)
	}
	if got, err := k.Open(place, sealed); err != nil || got.Reveal() != "p4ssw0rd" {
		t.Errorf("open: %q, %v", got.Reveal(), err)
	}
	again, _ := k.Seal(place, NewText("p4ssw0rd"))
	if bytes.Equal(again.Data, sealed.Data) {
		t.Error("two sealings are equal: the nonce is not random")
	}
	for _, other := range []Place{
		{"other", "row", "auth.password", "acme"},
		{"integrators", "row2", "auth.password", "acme"},
		{"integrators", "row", "auth.token", "acme"},
		{"integrators", "row", "auth.password", "globex"},
	} {
		if _, err := k.Open(other, sealed); !errors.Is(err, ErrKey) {
			t.Errorf("opened at %v: %v", other, err)
		}
	}
	stranger, _ := NewKeyring(NewKey())
	if _, err := stranger.Open(place, sealed); !errors.Is(err, ErrKey) {
		t.Errorf("a foreign key opened it: %v", err)
	}
	for n := range sealed.Data {
		bad := sealed
		bad.Data = bytes.Clone(sealed.Data)
		bad.Data[n] ^= 1
		if _, err := k.Open(place, bad); !errors.Is(err, ErrKey) {
			t.Errorf("opened with byte %d changed: %v", n, err)
		}
	}
}

func TestAnOldKeyStillOpensAfterANewOneIsPutFirst(t *testing.T) {
	t.Parallel()
	first, second := NewKey(), NewKey()
	old, _ := NewKeyring(first)
	sealed, _ := old.Seal(Place{Table: "t"}, NewText("value"))
	both, err := NewKeyring(second + "\n" + first)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := both.Open(Place{Table: "t"}, sealed); err != nil || got.Reveal() != "value" {
		t.Errorf("%q, %v", got.Reveal(), err)
	}
	if KeyIDOf(sealed) != old.KeyID() || both.KeyID() == old.KeyID() {
		t.Error("key ids are wrong")
	}
	for _, bad := range []string{"", "# only a comment", "c2hvcnQ=", "not base64!"} {
		if _, err := NewKeyring(bad); err == nil {
			t.Errorf("%q was taken for a key", bad)
		}
	}
}
