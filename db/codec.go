package db

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// codec writes a value in a compact form or reads it back. One description of a value (those of runs are in shape.go)
// serves both ways, so that what is written and what is read cannot differ. After trouble while reading, every
// further value is zero and err says so.
type codec struct {
	data    []byte
	reading bool
	err     error
}

var errCut = errors.New("stored bytes are cut off")

// number is a whole number of any size; small ones are short.
func number[T ~int | ~int64](c *codec, v *T) {
	if !c.reading {
		c.data = binary.AppendVarint(c.data, int64(*v))
		return
	}
	n, used := binary.Varint(c.data)
	if used <= 0 {
		c.fail()
		n, used = 0, 0
	}
	*v, c.data = T(n), c.data[used:]
}

func (c *codec) flag(v *bool) {
	n := 0
	if *v {
		n = 1
	}
	number(c, &n)
	*v = n != 0
}

// text is a text; what is no character of UTF-8 becomes the mark for that.
func text[T ~string](c *codec, v *T) {
	if !c.reading {
		s := strings.ToValidUTF8(string(*v), "\uFFFD")
		n := len(s)
		number(c, &n)
		c.data = append(c.data, s...)
		return
	}
	*v = T(c.take())
}

// bytes are kept as they are; none come back as nil.
func (c *codec) bytes(v *[]byte) {
	if !c.reading {
		n := len(*v)
		number(c, &n)
		c.data = append(c.data, *v...)
		return
	}
	*v = nil
	if b := c.take(); len(b) > 0 {
		*v = b
	}
}

// take reads a length and as many bytes.
func (c *codec) take() []byte {
	var n int
	number(c, &n)
	if n < 0 || n > len(c.data) {
		c.fail()
		return nil
	}
	b := c.data[:n:n]
	c.data = c.data[n:]
	return b
}

// moment is a time to the nanosecond, in UTC.
func (c *codec) moment(v *time.Time) {
	seconds, nanos := v.Unix(), v.Nanosecond()
	number(c, &seconds)
	number(c, &nanos)
	if c.reading {
		*v = time.Unix(seconds, int64(nanos)).UTC()
	}
}

// list is any number of values; none come back as nil.
func list[T any](c *codec, v *[]T, one func(*codec, *T)) {
	n := len(*v)
	number(c, &n)
	if c.reading {
		*v = nil
		if n < 0 || n > len(c.data) { // each takes a byte at least
			c.fail()
			return
		}
		if n > 0 {
			*v = make([]T, n)
		}
	}
	for i := range *v {
		one(c, &(*v)[i])
	}
}

// option is a value or nothing.
func option[T any](c *codec, v **T, one func(*codec, *T)) {
	there := *v != nil
	c.flag(&there)
	if c.reading {
		*v = nil
		if there {
			*v = new(T)
		}
	}
	if *v != nil {
		one(c, *v)
	}
}

func (c *codec) fail() { c.err, c.data = errCut, nil }
