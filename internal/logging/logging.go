// Package logging makes the process's logger: structured lines to one writer, secrets never among them because
// values of type secret.Text print as bullets. Message texts are constants.
package logging

import (
	"io"
	"log/slog"
)

// New makes a logger. level is debug, info, warn or error; format is json or text.
func New(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: l}
	if format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
