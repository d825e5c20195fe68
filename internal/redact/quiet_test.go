package redact

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAQuietTextHoldsNothingToHide(t *testing.T) {
	t.Parallel()
	r := New([]string{"s3cret-of-ours", "pässwörd & more", "0123456789abcdef"})
	pieces := []string{
		"s3cret-of-ours", "czNjcmV0LW9mLW91cnM", "7333637265742d6f662d6f757273", "pässwörd & more", "0123456789ABCDEF", "s3%63ret-of-ours",
		`s3\u0063ret-of-ours`, "s3&#99;ret-of-ours", "password", "\"password\": \"x\"", "token=abc", "<pin>1234</pin>", "plain words", "12", " ", "é", "\x00", "\r\n",
	}
	random := rand.New(rand.NewPCG(1, 2))
	quiet := 0
	for range 20_000 {
		var b strings.Builder
		for range 1 + random.IntN(3) {
			piece := pieces[random.IntN(len(pieces))]
			b.WriteString(piece[random.IntN(len(piece)):])
		}
		text := b.String()
		if !r.quiet(text) {
			continue
		}
		quiet++
		if marks := r.marks([]byte(text), nil); len(marks) > 0 {
			t.Fatalf("%q is quiet and has %v", text, marks)
		}
	}
	if quiet < 1000 {
		t.Errorf("only %d texts were quiet", quiet)
	}
}
