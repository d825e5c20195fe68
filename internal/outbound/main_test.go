package outbound

import (
	"log/slog"
	"os"
	"testing"
)

// TestMain keeps the transport's own prints out, as the program does.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}
