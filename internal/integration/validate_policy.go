package integration

import (
	"strconv"

	"tieline/internal/fault"
)

// ResetKinds are what a vendor's reset header may hold.
func ResetKinds() []string { return []string{"seconds", "moment"} }

// The bounds of how fast calls may go out.
const (
	MostRetries     = 5
	mostPerMinute   = 60_000
	mostConcurrency = 1_000
)

// connectWiseConcurrency is how many requests ConnectWise is sent at a time where nobody says otherwise.
const connectWiseConcurrency = 5

// ConcurrencyFor is how many requests may be under way at a time for an integrator with an auth kind; 0: any number.
func (p Policy) ConcurrencyFor(authKind string) int {
	if p.Concurrency == 0 && authKind == "connectwise" {
		return connectWiseConcurrency
	}
	return p.Concurrency
}

// validateFlow checks when and how fast calls go out.
func (p Policy) validateFlow(f *fault.Fields) {
	if p.Retries < 0 || p.Retries > MostRetries {
		f.Add("retries", "0 to 5 repeats.")
	}
	if p.ResetHeader != "" && !ValidHeaderName(p.ResetHeader) {
		f.Add("reset_header", headerRule)
	}
	oneOf(f, "reset_kind", p.ResetKind, ResetKinds())
	if p.ResetKind != "" && p.ResetHeader == "" {
		f.Add("reset_header", "Name the header that says when calls are taken again.")
	}
	if p.RatePerMin < 0 || p.RatePerMin > mostPerMinute {
		f.Add("rate_per_min", "1 to 60000 requests a minute, or empty for no limit.")
	}
	if p.Concurrency < 0 || p.Concurrency > mostConcurrency {
		f.Add("concurrency", "1 to 1000 requests at a time, or empty.")
	}
}

// Validate says everything that is wrong with the limits of a call.
func (p Policy) Validate() error {
	var f fault.Fields
	if p.TimeoutS < 0 || p.TimeoutS > 120 {
		f.Add("timeout_s", "1 to 120 seconds.")
	}
	if p.ConnectTimeoutS < 0 || p.ConnectTimeoutS > 30 {
		f.Add("connect_timeout_s", "1 to 30 seconds.")
	}
	if p.MaxResponseBytes < 0 || p.MaxResponseBytes > 25<<20 {
		f.Add("max_response_bytes", "1 to 26214400 bytes (25 MiB).")
	}
	statuses(&f, "ok_statuses", p.OKStatuses)
	p.validateFlow(&f)
	if len(p.ExtraHosts) > 20 {
		f.Add("extra_hosts", "At most 20 hosts.")
		return f.Err()
	}
	for i, h := range p.ExtraHosts {
		at := "extra_hosts." + strconv.Itoa(i)
		switch clean, _ := CleanHost(h); {
		case h == "":
			f.Add(at, "Name a host, or delete this one.")
		case clean != h:
			f.Add(at, "Just the host in lower case, without https:// or a path.")
		default:
			if problem := checkHost(h); problem != "" {
				f.Add(at, problem)
			}
		}
	}
	return f.Err()
}
