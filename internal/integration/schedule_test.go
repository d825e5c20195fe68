package integration

import (
	"testing"
	"time"
)

func TestAScheduleIsDueInItsOwnZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cron, zone, after string
		want              []string
	}{
		{"*/5 * * * *", "Europe/Amsterdam", "2026-11-22T10:02:00Z", []string{"2026-11-22T11:05:00+01:00", "2026-11-22T11:10:00+01:00"}},
		{"0 9 * * mon-fri", "America/New_York", "2026-11-20T15:00:00Z", []string{"2026-11-23T09:00:00-05:00", "2026-11-24T09:00:00-05:00"}},
		{"30 2 * * *", "Europe/Amsterdam", "2026-03-28T12:00:00Z", []string{"2026-03-30T02:30:00+02:00"}}, // there is no half past two on the 29th
		{"@every 90m", "", "2026-11-22T10:00:00Z", []string{"2026-11-22T11:30:00Z", "2026-11-22T13:00:00Z"}},
		{"@daily", "", "2026-11-22T10:00:00Z", []string{"2026-11-23T00:00:00Z"}},
		{"0 0 30 2 *", "", "2026-11-22T10:00:00Z", nil},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Trigger{Cron: c.cron, TimeZone: c.zone}.Due(after, max(len(c.want), 1))
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v", c.cron, got, err)
			continue
		}
		for i := range got {
			if got[i].Format(time.RFC3339) != c.want[i] {
				t.Errorf("%s: %s, want %s", c.cron, got[i].Format(time.RFC3339), c.want[i])
			}
		}
	}
}

func TestDurationsAreTextsOfOneForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "30m": 30 * time.Minute, " 2h ": 2 * time.Hour, "1h30m": 90 * time.Minute, "3d": 72 * time.Hour,
		"0s": 0, "-1m": 0, "5": 0, "d": 0, "367d": 0, "9000h": 0, "1.5d": 0, "": 0, "99999999999999999999d": 0,
	} {
		if got, ok := Duration(text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %v, %t; want %v", text, got, ok, want)
		}
	}
}

func TestEveryAliasIsAnEventOfTheList(t *testing.T) {
	t.Parallel()
	for alias, name := range eventAliases {
		if !KnownEvent(alias) || EventType(alias) != name || !KnownEvent(name) {
			t.Errorf("%s is %s", alias, EventType(alias))
		}
	}
	if KnownEvent("call.exploded") || KnownEvent("custom.") || !KnownEvent("custom.order-paid") {
		t.Error("what is known is wrong")
	}
}
