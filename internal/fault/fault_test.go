package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

func TestAKindSurvivesWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("open the shop: %w", Wrap(Unavailable, "The database is busy.", io.ErrUnexpectedEOF))
	if KindOf(err) != Unavailable || MessageOf(err) != "The database is busy." || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("kind %v, message %q, err %v", KindOf(err), MessageOf(err), err)
	}
	if KindOf(io.EOF) != Internal || MessageOf(io.EOF) != "" {
		t.Error("a foreign error is not internal, or its text is shown")
	}
	if Wrap(Internal, "x", nil) != nil {
		t.Error("no cause became an error")
	}
}

func TestFieldsAreSaidAllAtOnceAndTheFirstMessageOfAFieldWins(t *testing.T) {
	t.Parallel()
	var inner, f Fields
	inner.Add("name", "Is needed.")
	f.Add("url", "First.")
	f.Add("url", "Second.")
	f.Under("headers.2", inner.Err())
	f.Under("body", New(Invalid, "Too deep."))
	f.Under("x", nil)
	f.Under("", At("label", "Too long."))
	got, ok := FieldsOf(f.Err())
	want := map[string]string{"url": "First.", "headers.2.name": "Is needed.", "body": "Too deep.", "label": "Too long."}
	if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("fields %v, want %v", got, want)
	}
	if new(Fields).Err() != nil {
		t.Error("no problems became an error")
	}
	if _, ok := FieldsOf(New(NotFound, "No.")); ok {
		t.Error("a not-found has fields")
	}
}
