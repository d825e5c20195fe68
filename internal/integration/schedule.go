package integration

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

var cronText = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// leastEvery is how far apart the runs of a schedule are at least.
const leastEvery = 10 * time.Second

var errEvery = errors.New("at least 10 seconds apart")

// Due gives the next n moments after a moment at which a schedule is due, in its time zone. It gives fewer where the
// schedule ends ("0 0 30 2 *" never comes). An @every counts from the moment given.
func (t Trigger) Due(after time.Time, n int) ([]time.Time, error) {
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return nil, err
	}
	plan, err := cronText.Parse(strings.TrimSpace(t.Cron))
	if err != nil {
		return nil, err
	}
	if every, ok := plan.(cron.ConstantDelaySchedule); ok && every.Delay < leastEvery {
		return nil, errEvery
	}
	var moments []time.Time
	for at := after.In(zone); len(moments) < n; {
		if at = plan.Next(at); at.IsZero() {
			break
		}
		moments = append(moments, at)
	}
	return moments, nil
}

// Duration reads a text such as 90s, 30m, 2h, 3d or 1h30m. It is false for everything else, for zero and for more
// than 366 days.
func Duration(text string) (time.Duration, bool) {
	const most = 366 * 24 * time.Hour
	text = strings.TrimSpace(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		d := time.Duration(n) * 24 * time.Hour
		return d, err == nil && n > 0 && n <= 366
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d > 0 && d <= most
}
