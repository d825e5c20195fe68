package db_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/id"
	"tieline/internal/run"
)

const crashEnv = "TIELINE_TEST_CRASH"

// TestMain becomes, in the process that is to be killed, a writer that says which runs are stored.
func TestMain(m *testing.M) {
	if url := os.Getenv(crashEnv); url != "" {
		writeUntilKilled(url)
		return
	}
	dbtest.Main(m)
}

func writeUntilKilled(url string) {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{URL: url})
	if err != nil {
		os.Exit(2)
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			for {
				result := "kept"
				r := run.Run{ID: id.New(), Status: run.Succeeded, Result: &result, CreatedAt: time.Now(), FinishedAt: time.Now(), IntegratorID: "g"}
				p, err := db.PackRun(r)
				if err != nil {
					os.Exit(3)
				}
				if err := d.Group(ctx, func(tx *db.Tx) error { return tx.InsertRun(ctx, p) }); err != nil {
					os.Exit(4)
				}
				mu.Lock()
				_, _ = os.Stdout.WriteString(r.ID + "\n")
				mu.Unlock()
			}
		})
	}
	wait.Wait()
}

func TestWhatWasAnsweredSurvivesAKilledProcess(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{db.SQLite, db.PostgreSQL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.URL(t, engine)
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), crashEnv+"="+url)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var answered []string
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				if answered = append(answered, lines.Text()); len(answered) == 300 {
					_ = cmd.Process.Kill() // the lines already in the pipe were answered too
				}
			}
			_ = cmd.Wait()
			if len(answered) < 300 {
				t.Fatalf("the writer ended after %d runs: %v", len(answered), cmd.ProcessState)
			}
			if last := len(answered) - 1; len(answered[last]) != 36 {
				answered = answered[:last] // cut off by the kill
			}
			check(t, url, answered)
		})
	}
}

// check looks for every answered run, whole and counted.
func check(t *testing.T, url string, answered []string) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Check(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for _, runID := range answered {
		r, err := d.Run(t.Context(), everything, runID)
		if err != nil || r.Result == nil || *r.Result != "kept" {
			t.Fatalf("run %s: %+v, %v", runID, r, err)
		}
	}
	found := walk(t, d, everything, db.RunFilter{Limit: 1000})
	byText := walk(t, d, everything, db.RunFilter{Text: "kept", Limit: 1000})
	hours, err := d.RunCounts(t.Context(), everything, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var counted int64
	for _, h := range hours {
		counted += h.OK
	}
	if len(found) < len(answered) || len(byText) != len(found) || counted != int64(len(found)) {
		t.Errorf("answered %d, listed %d, found by text %d, counted %d", len(answered), len(found), len(byText), counted)
	}
}
