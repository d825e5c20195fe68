package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// target is something to send load to, with the process that does the work.
type target struct {
	name   string
	pid    int
	method string
	url    string
	key    string
	body   []byte
	expect []byte // must be in every answer
}

// result is one round of load on one target.
type result struct {
	calls     int
	failed    int
	elapsed   time.Duration
	latencies []time.Duration
	cpu       time.Duration
}

func (r result) rate() float64       { return float64(r.calls) / r.elapsed.Seconds() }
func (r result) cpuPerCall() float64 { return float64(r.cpu.Microseconds()) / float64(max(r.calls, 1)) }

func (r result) quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(len(r.latencies)-1, int(q*float64(len(r.latencies))))]
}

// load keeps conns connections busy for a while, or sends at a fixed rate where rate is not 0.
func load(ctx context.Context, t target, conns, rate int, d time.Duration) (result, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: conns, MaxIdleConnsPerHost: conns, DisableCompression: true}}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, d+30*time.Second)
	defer cancel()
	ticks := pace(ctx, rate, d)
	before := cpuOf(t.pid)
	start := time.Now()
	end := start.Add(d)
	results := make([]result, conns)
	var firstErr error
	var once sync.Once
	var wg sync.WaitGroup
	for n := range conns {
		wg.Go(func() {
			r := &results[n]
			for time.Now().Before(end) {
				due := time.Now()
				if ticks != nil {
					var ok bool
					if due, ok = <-ticks; !ok {
						return
					}
				}
				err := call(ctx, client, t)
				r.latencies = append(r.latencies, time.Since(due))
				r.calls++
				if err != nil {
					r.failed++
					once.Do(func() { firstErr = err })
				}
			}
		})
	}
	wg.Wait()
	total := result{elapsed: time.Since(start), cpu: cpuOf(t.pid) - before}
	for _, r := range results {
		total.calls += r.calls
		total.failed += r.failed
		total.latencies = append(total.latencies, r.latencies...)
	}
	slices.Sort(total.latencies)
	if total.failed > 0 {
		return total, fmt.Errorf("%s: %d of %d calls failed, the first with: %w", t.name, total.failed, total.calls, firstErr)
	}
	return total, nil
}

// pace gives the moments at which calls are due; nil means as fast as possible.
func pace(ctx context.Context, rate int, d time.Duration) <-chan time.Time {
	if rate == 0 {
		return nil
	}
	due := make(chan time.Time, rate)
	go func() {
		defer close(due)
		start := time.Now()
		for n := 0; ; n++ {
			at := start.Add(time.Duration(n) * time.Second / time.Duration(rate))
			if at.Sub(start) > d {
				return
			}
			timer := time.NewTimer(time.Until(at))
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
				due <- at
			}
		}
	}()
	return due
}

func call(ctx context.Context, client *http.Client, t target) error {
	req, err := http.NewRequestWithContext(ctx, t.method, t.url, bytes.NewReader(t.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if t.key != "" {
		req.Header.Set("Authorization", "Bearer "+t.key)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(body, t.expect) {
		return fmt.Errorf("status %d: %.200s", resp.StatusCode, body)
	}
	return nil
}

// cpuOf is the CPU time a process has used so far, from /proc (Linux only; 0 elsewhere).
func cpuOf(pid int) time.Duration {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
}

// memoryOf is a line of /proc/<pid>/status in MiB: VmRSS (now) or VmHWM (peak).
func memoryOf(pid int, line string) float64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kib) / 1024
		}
	}
	return 0
}
