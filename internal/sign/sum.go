package sign

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // old gateways ask for md5; it protects nothing of ours
	"crypto/sha1" //nolint:gosec // old gateways ask for sha1; it protects nothing of ours
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
)

// SumAlgorithms are the algorithms of Sum, the usual one first.
func SumAlgorithms() []string {
	return []string{"hmac_sha256", "hmac_sha1", "hmac_sha512", "hmac_md5", "md5", "sha1", "sha256", "sha512"}
}

// Keyed tells whether an algorithm works the key in by itself; with the others, the key must stand in the
// message.
func Keyed(algorithm string) bool { return strings.HasPrefix(algorithm, "hmac_") }

// Weak tells whether an algorithm is one that only old gateways should still be given.
func Weak(algorithm string) bool {
	return algorithm == "md5" || algorithm == "sha1" || algorithm == "hmac_md5"
}

// Sum is the hash of a message, or its HMAC (RFC 2104) with a key.
func Sum(algorithm, key string, message []byte) []byte {
	name, keyed := strings.CutPrefix(algorithm, "hmac_")
	h := sumHash(name)()
	if keyed {
		h = hmac.New(sumHash(name), []byte(key))
	}
	h.Write(message)
	return h.Sum(nil)
}

func sumHash(name string) func() hash.Hash {
	switch name {
	case "md5":
		return md5.New
	case "sha1":
		return sha1.New
	case "sha512":
		return sha512.New
	}
	return sha256.New
}

// SumEncodings are the ways to write a sum, the usual one first.
func SumEncodings() []string { return []string{"hex", "HEX", "base64", "base64url"} }

// Encode writes a sum: hex in lower or upper case, base64 with padding, base64url without.
func Encode(encoding string, sum []byte) string {
	switch encoding {
	case "HEX":
		return strings.ToUpper(hex.EncodeToString(sum))
	case "base64":
		return base64.StdEncoding.EncodeToString(sum)
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}
