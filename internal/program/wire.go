package program

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"

	"tieline/internal/mapping"
)

// The first byte of an answer says what follows.
const (
	gaveValue   = 'v' // a JSON text, or nothing
	gaveTrouble = 'e' // a mapping.ProgramError as JSON
	gaveTooMuch = 'o'
)

// send writes one text with its length before it.
func send(w io.Writer, text []byte) error {
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(text))) //nolint:gosec // what is sent is bounded by maxSend
	_, err := w.Write(append(length[:], text...))
	return err
}

// receive reads what send wrote; more than the limit is an error.
func receive(r io.Reader, limit uint32) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > limit {
		return nil, errors.New("the answer is too long")
	}
	text := make([]byte, n)
	_, err := io.ReadFull(r, text)
	return text, err
}

// decode reads an answer.
func decode(answer []byte) ([]byte, error) {
	kind, rest := answer[0], answer[1:]
	switch kind {
	case gaveValue:
		if len(rest) == 0 {
			return nil, nil
		}
		return rest, nil
	case gaveTooMuch:
		return nil, mapping.ErrOutput
	}
	var e mapping.ProgramError
	if err := json.Unmarshal(rest, &e); err != nil {
		return nil, ErrMemory
	}
	return nil, &e
}

// encode writes an answer.
func encode(out []byte, err error) []byte {
	if err == nil {
		return append([]byte{gaveValue}, out...)
	}
	if errors.Is(err, mapping.ErrOutput) {
		return []byte{gaveTooMuch}
	}
	e, ok := errors.AsType[*mapping.ProgramError](err)
	if !ok {
		e = &mapping.ProgramError{Message: "the program failed"}
	}
	e.Message = short(e.Message)
	text, err := json.Marshal(e)
	if err != nil {
		return []byte{gaveTooMuch}
	}
	return append([]byte{gaveTrouble}, text...)
}

func short(s string) string {
	if r := []rune(s); len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return s
}
