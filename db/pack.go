package db

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"tieline/internal/fault"
	"tieline/internal/run"
)

const (
	// mostResult and mostText bound what the hot row keeps of a result and of other texts, in bytes.
	mostResult = 512
	mostText   = 256
	// rowBytes is about what a run takes besides its details and bodies: row, indexes, words.
	rowBytes = 900
	// worthPacking is the size from which compressing pays.
	worthPacking = 512
)

// PackedRun is a run made ready for storing: what lists show stands in columns, the rest is compressed. It is
// made outside of the writer, so that the writer only writes.
type PackedRun struct {
	run     run.Run
	seq     int64
	details []byte
	bodies  []byte
	words   string
}

// details is what only the page of a run shows.
type details struct {
	Failure       *run.Failure   `json:"failure,omitempty"`
	Result        *string        `json:"result,omitempty"`
	Outputs       map[string]any `json:"outputs,omitempty"`
	EventID       string         `json:"event_id,omitempty"`
	CorrelationID string         `json:"correlation_id,omitempty"`
	ParentID      string         `json:"parent_id,omitempty"`
	ReplayOf      string         `json:"replay_of,omitempty"`
	Attempts      []run.Attempt  `json:"attempts,omitempty"`
	Tokens        []run.TokenUse `json:"tokens,omitempty"`
}

// PackRun makes a run ready for InsertRun or FinishRun. It is Invalid without a proper id.
func PackRun(r run.Run) (PackedRun, error) {
	seq, ok := seqOf(r.ID)
	if !ok {
		return PackedRun{}, fault.New(fault.Invalid, "A run needs an id.")
	}
	d := details{
		Failure: r.Failure, Result: r.Result, Outputs: r.Outputs, EventID: r.EventID, CorrelationID: r.CorrelationID,
		ParentID: r.ParentID, ReplayOf: r.ReplayOf, Attempts: bodiless(r.Attempts), Tokens: r.Tokens,
	}
	text, err := json.Marshal(d)
	if err != nil {
		return PackedRun{}, fmt.Errorf("pack run: %w", err)
	}
	p := PackedRun{run: r, seq: seq, details: squeeze(text), words: strings.Join(wordsOf(r), " ")}
	if bodies := frame(r); len(bodies) > 0 {
		p.bodies = squeeze(bodies)
	}
	return p, nil
}

// bodiless are the attempts without their bodies, which are stored apart and may be removed earlier.
func bodiless(attempts []run.Attempt) []run.Attempt {
	list := make([]run.Attempt, len(attempts))
	for i, a := range attempts {
		exchanges := make([]run.Exchange, len(a.Exchanges))
		for k, x := range a.Exchanges {
			x.Request.Body = nil
			if x.Response != nil {
				answer := *x.Response
				answer.Body = nil
				x.Response = &answer
			}
			exchanges[k] = x
		}
		a.Exchanges = exchanges
		list[i] = a
	}
	return list
}

// frame puts the input and every body one after the other, each with its length before it. It is empty where
// there is none of them.
func frame(r run.Run) []byte {
	size := len(r.Input) + binary.MaxVarintLen32
	for _, a := range r.Attempts {
		for _, x := range a.Exchanges {
			size += len(x.Request.Body) + len(answerOf(x)) + 2*binary.MaxVarintLen32
		}
	}
	data := binary.AppendUvarint(make([]byte, 0, size), uint64(len(r.Input)))
	data = append(data, r.Input...)
	found := len(r.Input) > 0
	for _, a := range r.Attempts {
		for _, x := range a.Exchanges {
			for _, body := range [][]byte{x.Request.Body, answerOf(x)} {
				found = found || len(body) > 0
				data = binary.AppendUvarint(data, uint64(len(body)))
				data = append(data, body...)
			}
		}
	}
	if !found {
		return nil
	}
	return data
}

func answerOf(x run.Exchange) []byte {
	if x.Response == nil {
		return nil
	}
	return x.Response.Body
}

var errFrame = errors.New("stored bodies are cut off")

// unframe puts the input and the bodies back where they belong.
func unframe(data []byte, r *run.Run) error {
	next := func() ([]byte, error) {
		n, used := binary.Uvarint(data)
		if used <= 0 || n > uint64(len(data)-used) { //nolint:gosec // used is at most the length
			return nil, errFrame
		}
		body := data[used : used+int(n)] //nolint:gosec // bounded by the length above
		data = data[used+int(n):]        //nolint:gosec // bounded by the length above
		if len(body) == 0 {
			return nil, nil
		}
		return body, nil
	}
	var err error
	if r.Input, err = next(); err != nil {
		return err
	}
	for _, a := range r.Attempts {
		for k := range a.Exchanges {
			x := &a.Exchanges[k]
			if x.Request.Body, err = next(); err != nil {
				return err
			}
			answer, err := next()
			if err != nil {
				return err
			}
			if x.Response != nil {
				x.Response.Body = answer
			}
		}
	}
	return nil
}

// codec is the one compressor and the one decompressor; both are safe for concurrent use.
var codec = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<18),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(true))
	if err != nil {
		panic(err) // the options are constants
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		panic(err) // the options are constants
	}
	return e, d
})

const (
	storedPlain = 0
	storedZstd  = 1
	storedS2    = 2
)

// worthZstd is the size from which zstd's better ratio is worth what setting it up costs; below it, S2 takes a
// tenth of the time.
const worthZstd = 8 << 10

// rooms are where S2 works; what it makes of a text is much shorter than the room it asks for.
var rooms = sync.Pool{New: func() any { return new([worthZstd + worthZstd/2]byte) }}

// squeeze is the stored form of bytes: one byte that says how, then the bytes.
func squeeze(data []byte) []byte {
	switch {
	case len(data) < worthPacking:
		return append([]byte{storedPlain}, data...)
	case len(data) < worthZstd:
		room, _ := rooms.Get().(*[worthZstd + worthZstd/2]byte)
		defer rooms.Put(room)
		room[0] = storedS2
		return bytes.Clone(room[:1+len(s2.Encode(room[1:], data))])
	}
	e, _ := codec()
	return e.EncodeAll(data, append(make([]byte, 0, len(data)/2+64), storedZstd))
}

func unsqueeze(data []byte) ([]byte, error) {
	switch {
	case len(data) == 0:
		return nil, nil
	case data[0] == storedPlain:
		return data[1:], nil
	case data[0] == storedZstd:
		_, d := codec()
		return d.DecodeAll(data[1:], nil)
	case data[0] == storedS2:
		return s2.Decode(nil, data[1:])
	}
	return nil, errFrame
}

// fit is a text that both engines take and that the hot row has room for: well-formed, without NUL, at most
// most bytes, cut between characters.
func fit(s string, most int) string {
	if len(s) > most {
		s = s[:most]
		for len(s) > 0 {
			if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
				break
			}
			s = s[:len(s)-1]
		}
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
