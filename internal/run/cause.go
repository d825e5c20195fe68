package run

import (
	"slices"
	"strings"
)

// Cause is why a run did not succeed: one word from a closed list.
type Cause string

// The causes, a closed list.
const (
	DNS             Cause = "dns"
	ConnectRefused  Cause = "connect_refused"
	ConnectTimeout  Cause = "connect_timeout"
	TLSFailure      Cause = "tls"
	ReadTimeout     Cause = "read_timeout"
	OutcomeUnknown  Cause = "outcome_unknown"
	BlockedAddress  Cause = "blocked_address"
	RedirectBlocked Cause = "redirect_blocked"
	TooLarge        Cause = "too_large"
	Unauthorized    Cause = "unauthorized"
	Forbidden       Cause = "forbidden"
	RateLimited     Cause = "rate_limited"
	HTTPStatus      Cause = "http_status"
	LoginPage       Cause = "login_page"
	EmptyBody       Cause = "empty_body"
	BadType         Cause = "bad_type"
	Parse           Cause = "parse"
	KeyMissing      Cause = "key_missing"
	ValueNull       Cause = "value_null"
	ErrorIn200      Cause = "error_in_200"
	Rule            Cause = "rule"
	NotDocument     Cause = "not_document"
	NoIdentity      Cause = "no_identity"
	ContactUnknown  Cause = "contact_unknown"
	ContactRevoked  Cause = "contact_revoked"
	TokenReplayed   Cause = "token_replayed"
	AuthFailed      Cause = "auth_failed"
	Reconnect       Cause = "reconnect"
	SecretHost      Cause = "secret_host"
	HeaderValue     Cause = "header_value"
	UnknownToken    Cause = "unknown_token"
	TokenPosition   Cause = "token_position"
	PathParam       Cause = "path_param"
	NoMapping       Cause = "no_mapping"
	MappingCause    Cause = "mapping"
	PageLoop        Cause = "page_loop"
	NextLinkBlocked Cause = "next_link_blocked"
	RateSkipped     Cause = "rate_skipped"
	LoopStopped     Cause = "loop_stopped"
	Stale           Cause = "stale"
	Quarantined     Cause = "quarantined"
	Disabled        Cause = "disabled"
	BreakerOpen     Cause = "breaker_open"
	InternalFailure Cause = "internal"
)

// Causes are all causes in the order of the filter.
func Causes() []Cause {
	return []Cause{
		DNS, ConnectRefused, ConnectTimeout, TLSFailure, ReadTimeout, OutcomeUnknown, BlockedAddress,
		RedirectBlocked, TooLarge, Unauthorized, Forbidden, RateLimited, HTTPStatus, LoginPage, EmptyBody,
		BadType, Parse, KeyMissing, ValueNull, ErrorIn200, Rule, NotDocument, NoIdentity, ContactUnknown,
		ContactRevoked, TokenReplayed, AuthFailed, Reconnect, SecretHost, HeaderValue, UnknownToken,
		TokenPosition, PathParam, NoMapping, MappingCause, PageLoop, NextLinkBlocked, RateSkipped, LoopStopped,
		Stale, Quarantined, Disabled, BreakerOpen, InternalFailure,
	}
}

// Valid tells whether c is one of the causes.
func (c Cause) Valid() bool {
	return slices.Contains(Causes(), c)
}

// Failure is why something did not work, fit to be stored and shown. Summary is half a sentence without a
// full stop, for the Result column ("expected JSON, got text/html"); Evidence is taken from what really came
// or was about to be sent, redacted; Hint is one thing that a support person can do.
type Failure struct {
	Cause    Cause  `json:"cause"`
	Summary  string `json:"summary"`
	Evidence string `json:"evidence,omitempty"`
	Hint     string `json:"hint,omitempty"`
	Subject  string `json:"subject,omitempty"` // blocked_address: the host:port that an owner may allow; else empty
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
