package outbound

import (
	"strconv"
	"strings"

	"tieline/internal/run"
)

// notHTTP explains bytes that net/http could not read as the head of an answer. What it says of them is kept as
// evidence only where it quotes the other side.
func notHTTP(err error, received int64) *run.Failure {
	f := &run.Failure{
		Cause: run.Parse, Summary: "the answer is not HTTP",
		Evidence: strconv.FormatInt(received, 10) + " bytes came that are no HTTP answer.",
		Hint:     "Check the port: another kind of service (mail, ssh, TLS) seems to listen there.",
	}
	broken := "The vendor's server, or something in front of it, sends a broken answer. Send the vendor the evidence and the time of this call."
	said := err.Error()
	after := func(words string) (string, bool) {
		_, rest, ok := strings.Cut(said, words)
		return cutTo(strings.Trim(rest, ` "`), 100), ok
	}
	if line, ok := after("malformed HTTP response "); ok {
		f.Evidence += " They begin: " + strconv.Quote(unquoted(line)) + "."
		if strings.HasPrefix(line, "{") || strings.HasPrefix(line, "[") || strings.HasPrefix(line, "<") {
			f.Hint = "Data came without the head of an HTTP answer. " + broken
		}
	} else if word, ok := after("malformed HTTP status code "); ok {
		f.Summary = "the status of the answer cannot be read"
		f.Evidence = "Where the status code should stand, the answer has " + strconv.Quote(unquoted(word)) + "."
		f.Hint = broken + " Another kind of service (mail, ssh) at this port looks like this too."
	} else if line, ok := after("missing colon: "); ok {
		f.Summary = "a header line of the answer cannot be read"
		f.Evidence = "The line has no colon: " + strconv.Quote(unquoted(line)) + "."
		f.Hint = broken
	} else if strings.Contains(said, "multiple Content-Length") {
		f.Summary = "the answer names two different lengths"
		f.Evidence = "It has more than one Content-Length header, and they differ."
		f.Hint = broken
	}
	return f
}

// unquoted undoes the quoting of a text that may have been cut.
func unquoted(s string) string {
	if plain, err := strconv.Unquote(`"` + s + `"`); err == nil {
		return plain
	}
	return s
}

func cutTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.TrimRight(s[:most], `\`) + "…"
}
