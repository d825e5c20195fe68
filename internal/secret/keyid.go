package secret

import (
	"crypto/sha256"
	"encoding/hex"
)

// idOf names a key by the first 8 hex digits of a domain-separated SHA-256.
func idOf(key []byte) string {
	sum := sha256.Sum256(append([]byte("tieline key id:"), key...))
	return hex.EncodeToString(sum[:])[:keyIDSize]
}
