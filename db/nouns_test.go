package db_test

import (
	"time"

	"tieline/internal/account"
	"tieline/internal/secret"
)

func linkOf(hash string) account.Link {
	return account.Link{Hash: hash, Purpose: "setup", ExpiresAt: time.Now().Add(time.Hour)}
}

func sealed(text string) secret.Sealed {
	return secret.Sealed{Data: []byte("\x01keyid123" + text + "\x00\xff"), Hint: "…9f2c", At: time.Now().UTC().Truncate(time.Microsecond)}
}
