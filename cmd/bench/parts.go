package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"
)

const endpoints = "/api/v1/integrations/bench/endpoints/"

var callBody = []byte(`{"customer":"acme","tokens":{"phone_number":"+15551234567","record_id":"1234567"},"input":{"name":"Test Contact","seconds":73}}`)

func (p *plant) bare(path string, expect string) target {
	return target{name: "bare proxy", pid: p.proxyPID, method: http.MethodPost, url: "http://" + p.proxy + path, body: callBody, expect: []byte(expect)}
}

func (p *plant) called(endpoint string, body []byte, expect string) target {
	return target{
		name: "tieline " + endpoint, pid: p.pid, method: http.MethodPost, url: "http://" + p.tieline + endpoints + endpoint + "/call",
		key: p.key, body: body, expect: []byte(expect),
	}
}

// relay compares call by name with the bare proxy at full load; every call's run is stored before its answer.
func (p *plant) relay(ctx context.Context, o options, w io.Writer) error {
	targets := []target{
		p.bare("/contacts/1234567", `"id":"88231"`),
		p.called("relay", callBody, `88231"`),
		p.called("write", callBody, `88231"`),
	}
	say(w, "\ncall by name, %d connections, %d rounds of %s", o.conns, o.rounds, o.duration)
	return compare(ctx, w, targets, o.conns, o.rounds, o.duration)
}

// documents compares a 200 KB PDF through a document endpoint with the same through the proxy.
func (p *plant) documents(ctx context.Context, o options, w io.Writer) error {
	body := []byte(`{"customer":"acme","tokens":{"InvoiceNumber":"INV0000001"}}`)
	say(w, "\n200 KB PDF, %d connections", o.conns/4)
	bare := p.bare("/doc/INV0000001.pdf", "%%EOF")
	bare.method, bare.body = http.MethodGet, nil // as the endpoint asks the vendor
	return compare(ctx, w, []target{bare, p.called("invoice", body, "%%EOF")}, o.conns/4, 3, o.duration)
}

// compare runs targets in turn, round by round, and prints medians and the ratio to the first.
func compare(ctx context.Context, w io.Writer, targets []target, conns, rounds int, d time.Duration) error {
	all := make([][]result, len(targets))
	for n, t := range targets { // warm up
		if _, err := load(ctx, t, conns, 0, time.Second); err != nil {
			return err
		}
		all[n] = nil
	}
	for range rounds {
		for n, t := range targets {
			r, err := load(ctx, t, conns, 0, d)
			if err != nil {
				return err
			}
			all[n] = append(all[n], r)
		}
	}
	say(w, "%-18s %9s %7s %15s %9s %9s %9s", "", "calls/s", "ratio", "spread", "p50", "p99", "CPU/call")
	for n, t := range targets {
		ratios := make([]float64, rounds)
		for r := range rounds {
			ratios[r] = all[n][r].rate() / all[0][r].rate()
		}
		slices.Sort(ratios)
		say(w, "%-18s %9.0f %7.2f %7.2f – %5.2f %6.1f ms %6.1f ms %6.0f µs", t.name,
			median(all[n], result.rate), ratios[rounds/2], ratios[0], ratios[rounds-1],
			median(all[n], func(r result) float64 { return ms(r.quantile(0.5)) }),
			median(all[n], func(r result) float64 { return ms(r.quantile(0.99)) }),
			median(all[n], result.cpuPerCall))
	}
	return nil
}

// fixedRate compares latencies at a moderate rate.
func (p *plant) fixedRate(ctx context.Context, o options, w io.Writer) error {
	say(w, "\nat %d calls a second", o.rate)
	say(w, "%-18s %9s %9s", "", "p50", "p99")
	for range 2 {
		for _, t := range []target{p.bare("/contacts/1234567", `"id":"88231"`), p.called("relay", callBody, `88231"`)} {
			r, err := load(ctx, t, o.conns, o.rate, 2*o.duration)
			if err != nil {
				return err
			}
			say(w, "%-18s %6.1f ms %6.1f ms", t.name, ms(r.quantile(0.5)), ms(r.quantile(0.99)))
		}
	}
	return nil
}

// pages measures a page of 50 runs while calls come in at the moderate rate.
func (p *plant) pages(ctx context.Context, o options, w io.Writer) error {
	client, err := p.signIn(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		_, err := load(ctx, p.called("relay", callBody, `88231"`), o.conns, o.rate, o.duration)
		done <- err
	}()
	var took []time.Duration
	for end := time.Now().Add(o.duration - time.Second); time.Now().Before(end); {
		begin := time.Now()
		if err := fetch(ctx, client, "http://"+p.tieline+"/runs?limit=50"); err != nil {
			cancel()
			return errors.Join(err, <-done)
		}
		took = append(took, time.Since(begin))
	}
	err = <-done
	cancel()
	slices.Sort(took)
	r := result{latencies: took}
	say(w, "\npage of 50 runs under that load %5.1f ms p50 %6.1f ms p95 (%d pages, seen by the client)", ms(r.quantile(0.5)), ms(r.quantile(0.95)), len(took))
	return err
}

// signIn gives a client with the session of the first owner.
func (p *plant) signIn(ctx context.Context) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	form := url.Values{"email": {ownerEmail}, "password": {ownerPassword}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.tieline+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	return client, fetch(ctx, client, "http://"+p.tieline+"/runs")
}

func fetch(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || strings.HasPrefix(resp.Request.URL.Path, "/login") {
		return errors.New(address + ": " + resp.Status + " at " + resp.Request.URL.Path)
	}
	return nil
}

// memory says what the load left behind.
func (p *plant) memory(_ context.Context, _ options, w io.Writer) error {
	say(w, "\nmemory after the load          %6.1f MiB, at its peak %.1f MiB", memoryOf(p.pid, "VmRSS"), memoryOf(p.pid, "VmHWM"))
	return nil
}

func median(results []result, of func(result) float64) float64 {
	values := make([]float64, 0, len(results))
	for _, r := range results {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
