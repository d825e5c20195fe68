package signin

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/secret"
)

// keyPrefix starts every API key, so that a lost one can be found by a search.
const keyPrefix = "tl_"

const keySize = len(keyPrefix) + 43

// NewAPIKey is a fresh key with what is stored and shown of it.
func NewAPIKey() (key secret.Text, hash, hint string) {
	value := keyPrefix + token().Reveal()
	return secret.NewText(value), hashOf(value), secret.Mask(value)
}

// keyCache holds the keys that were found lately. It is emptied when the configuration's generation moves,
// which is looked at five times a second at most.
type keyCache struct {
	mu         sync.Mutex
	keys       map[string]*cachedKey
	generation int64
	looked     time.Time
}

type cachedKey struct {
	key     account.APIKey
	scope   account.Scope
	touched time.Time
}

// fresh is for how long a look at the generation holds.
const fresh = 200 * time.Millisecond

// kept is how many keys are remembered at most.
const kept = 4096

func newKeyCache() *keyCache { return &keyCache{keys: map[string]*cachedKey{}} }

func notKnown() error { return fault.New(fault.Unauthenticated, "The API key is not valid.") }

// Key finds the actor of an API key; Unauthenticated for a key that is unknown, expired or revoked. A
// revocation takes effect within a quarter of a second, in other processes too.
func (s *Service) Key(ctx context.Context, presented string, from Client) (account.Actor, error) {
	if len(presented) != keySize || !strings.HasPrefix(presented, keyPrefix) {
		return account.Actor{}, notKnown()
	}
	c, err := s.cachedKey(ctx, hashOf(presented))
	if err != nil {
		return account.Actor{}, err
	}
	now := s.now()
	if !c.key.Live(now) {
		return account.Actor{}, notKnown()
	}
	s.touchKey(ctx, c, now)
	return account.Actor{
		Kind: account.KeyUser, ID: c.key.ID, Name: c.key.Name, Role: c.key.Role, Scope: c.scope, Address: from.Address,
	}, nil
}

func (s *Service) cachedKey(ctx context.Context, hash string) (*cachedKey, error) {
	if err := s.keys.refresh(ctx, s.db, s.now()); err != nil {
		return nil, err
	}
	c, generation, ok := s.keys.get(hash)
	if ok {
		return c, nil
	}
	key, err := s.db.APIKeyByHash(ctx, hash)
	if fault.KindOf(err) == fault.NotFound {
		return nil, notKnown()
	}
	if err != nil {
		return nil, err
	}
	c = &cachedKey{key: key, scope: scopeOf(key.CustomerIDs), touched: key.LastUsedAt}
	s.keys.put(hash, c, generation)
	return c, nil
}

func (c *keyCache) refresh(ctx context.Context, d *db.DB, now time.Time) error {
	c.mu.Lock()
	due := now.Sub(c.looked) >= fresh || now.Before(c.looked)
	if due {
		c.looked = now
	}
	c.mu.Unlock()
	if !due {
		return nil
	}
	generation, err := d.Generation(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		c.generation, c.keys = generation, map[string]*cachedKey{}
	}
	return nil
}

// get finds a key, and tells the generation it belongs to.
func (c *keyCache) get(hash string) (found *cachedKey, generation int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok = c.keys[hash]
	return found, c.generation, ok
}

// put remembers a key that was read at a generation, unless the configuration has moved on since.
func (c *keyCache) put(hash string, k *cachedKey, generation int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if len(c.keys) >= kept {
		c.keys = map[string]*cachedKey{}
	}
	c.keys[hash] = k
}

// touchKey keeps when a key was last used, at most once a minute. The call goes on where that cannot be
// written.
func (s *Service) touchKey(ctx context.Context, c *cachedKey, now time.Time) {
	s.keys.mu.Lock()
	due := now.Sub(c.touched) >= touchEvery
	if due {
		c.touched = now
	}
	s.keys.mu.Unlock()
	if !due {
		return
	}
	if err := s.db.Tx(ctx, func(tx *db.Tx) error { return tx.TouchAPIKey(ctx, c.key.ID, now.UTC()) }); err != nil {
		s.log.ErrorContext(ctx, "use of a key not kept", slog.Any("error", err))
	}
}
