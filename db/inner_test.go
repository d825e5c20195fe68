package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tieline/db"
	"tieline/internal/id"
)

func TestTheNumberOfARowSortsAsItsID(t *testing.T) {
	t.Parallel()
	var before int64
	for range 10_000 {
		seq, ok := db.SeqOf(id.New())
		if !ok || seq < before {
			t.Fatalf("%d after %d, %v", seq, before, ok)
		}
		before = seq
	}
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	if seq, ok := db.SeqOf(id.Floor(at)); !ok || seq < db.SeqFloor(at) || seq >= db.SeqFloor(at.Add(time.Millisecond)) {
		t.Errorf("%d is outside of its millisecond", seq)
	}
	for _, bad := range []string{"", "x", strings.Repeat("-", 36), strings.Repeat("g", 36), id.New() + "0"} {
		if _, ok := db.SeqOf(bad); ok {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

func TestWordsAreCutTheSameForBothEngines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                      nil,
		"--- !":                 nil,
		"Find_Contact v2":       {"find", "contact", "v2"},
		"a@b.test":              {"a", "b", "test"},
		"Über":                  {"0xfcber"},
		"x\x00y":                {"x", "y"},
		`"quoted' | & ! :* AND`: {"quoted", "and"},
	} {
		if got := db.Split(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{"+1 (555) 123-4567": "15551234567", "555": "", "call 5551234567": ""} {
		if got := strings.Join(db.Phone(text), ""); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzFitGivesTextThatBothEnginesTake(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, 10)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = max(0, min(most, 1000))
		got := db.Fit(text, most)
		if !utf8.ValidString(got) || strings.IndexByte(got, 0) >= 0 {
			t.Errorf("%q", got)
		}
		if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 && (len(got) > most || !strings.HasPrefix(text, got)) {
			t.Errorf("%q of %q", got, text)
		}
		for _, w := range db.Split(text) {
			if strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || w == "" {
				t.Errorf("word %q", w)
			}
		}
	})
}
