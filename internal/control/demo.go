package control

import (
	"context"
	"net/netip"
)

// Sandbox starts the fake vendor that the demo uses, and says where it listens. Starting it again gives the
// same address.
type Sandbox interface {
	Start(ctx context.Context) (netip.AddrPort, error)
}
