package db

import (
	"bytes"
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

// PackedRun is a run made ready for storing: what runs are looked for by stands in columns, the rest is packed. It
// is made outside of the writer, so that the writer only writes.
type PackedRun struct {
	run     run.Run
	seq     int64
	was     weight // of the form that is stored already, where it is known
	shown   []byte
	details []byte
	bodies  []byte
	words   string
}

// PackRun makes a run ready for InsertRun or FinishRun. It is Invalid without a proper id.
func PackRun(r run.Run) (PackedRun, error) {
	seq, ok := seqOf(r.ID)
	if !ok {
		return PackedRun{}, fault.New(fault.Invalid, "A run needs an id.")
	}
	p := PackedRun{run: r, seq: seq, words: strings.Join(wordsOf(r), " ")}
	c, _ := codecs.Get().(*codec)
	defer c.release()
	short := trimmed(r)
	c.shown(&short)
	p.shown = bytes.Clone(c.data)
	c.data = c.data[:0]
	c.details(&r)
	p.details = squeeze(c.data)
	c.data = c.data[:0]
	c.bodies(&r)
	if bodies := c.data; len(bytes.TrimLeft(bodies, "\x00")) > 0 { // else every length is 0: there are none
		p.bodies = squeeze(bodies)
	}
	if c.err != nil {
		return PackedRun{}, fmt.Errorf("pack run: %w", c.err)
	}
	return p, nil
}

// Instead says that this form of a run takes the place of one that was stored before, so that that needs not be
// looked up.
func (p PackedRun) Instead(before PackedRun) PackedRun {
	p.was = weight{seq: before.seq, bytes: before.bytes()}
	return p
}

// bytes are what a run counts for.
func (p PackedRun) bytes() int64 { return int64(len(p.details) + len(p.bodies) + rowBytes) }

// trimmed is a run with its texts cut to what a row has room for.
func trimmed(r run.Run) run.Run {
	if r.Failure != nil {
		r.Failure = &run.Failure{Cause: r.Failure.Cause, Summary: fit(r.Failure.Summary, mostText)}
	}
	if r.Result != nil {
		result := fit(*r.Result, mostResult)
		r.Result = &result
	}
	for _, t := range []*string{
		&r.ResultNote, &r.Integration, &r.Endpoint, &r.Method, &r.Integrator, &r.Customer, &r.Trigger, &r.Key,
		&r.RecordType, &r.RecordID, &r.CreatedBy,
	} {
		*t = fit(*t, mostText)
	}
	return r
}

// unpack fills in what PackRun packed beside the columns and the shown part.
func unpack(details, bodies []byte, r *run.Run) error {
	text, err := unsqueeze(details)
	if err == nil && len(text) > 0 {
		err = read((*codec).details, text, r)
	}
	if err != nil {
		return fmt.Errorf("stored run %s: %w", r.ID, err)
	}
	data, err := unsqueeze(bodies)
	if err == nil && len(data) > 0 {
		err = read((*codec).bodies, data, r)
	}
	if err != nil {
		return fmt.Errorf("stored run %s: %w", r.ID, err)
	}
	return nil
}

// read fills a run from the packed form of a shape.
func read(shape func(*codec, *run.Run), data []byte, r *run.Run) error {
	c := &codec{data: data, reading: true}
	shape(c, r)
	return c.err
}

// codecs are reused for writing, with the room they have.
var codecs = sync.Pool{New: func() any { return &codec{data: make([]byte, 0, 4<<10)} }}

// mostRoom is how much room is worth keeping.
const mostRoom = 64 << 10

func (c *codec) release() {
	if cap(c.data) <= mostRoom {
		*c = codec{data: c.data[:0]}
		codecs.Put(c)
	}
}

// zstandard is the one compressor and the one decompressor; both are safe for concurrent use.
var zstandard = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
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
	e, _ := zstandard()
	return e.EncodeAll(data, append(make([]byte, 0, len(data)/2+64), storedZstd))
}

func unsqueeze(data []byte) ([]byte, error) {
	switch {
	case len(data) == 0:
		return nil, nil
	case data[0] == storedPlain:
		return data[1:], nil
	case data[0] == storedZstd:
		_, d := zstandard()
		return d.DecodeAll(data[1:], nil)
	case data[0] == storedS2:
		return s2.Decode(nil, data[1:])
	}
	return nil, errCut
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
