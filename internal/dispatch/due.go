package dispatch

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/integration"
)

// due is when a run is to start: after its delay, and then not before its window opens. The second value says why
// that cannot be told.
func (v view) due(t integration.Trigger) (time.Time, string) {
	at, problem := v.delayed(t.Delay)
	if problem != "" {
		return at, problem
	}
	if t.Window == nil {
		return at, ""
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return at, "the time zone " + t.TimeZone + " is not known"
	}
	return opening(*t.Window, at.In(zone)), ""
}

func (v view) delayed(d *integration.Delay) (time.Time, string) {
	now := v.facts.Now
	switch {
	case d == nil:
		return now, ""
	case d.Fixed != "":
		length, _ := integration.Duration(d.Fixed)
		return now.Add(length), ""
	case d.AfterLastCall != "":
		length, _ := integration.Duration(d.AfterLastCall)
		if v.facts.LastCall.IsZero() {
			return now, ""
		}
		return later(v.facts.LastCall.Add(length), now), ""
	case d.BeforeField != "":
		return v.aroundField(d.BeforeField, true)
	case d.AfterField != "":
		return v.aroundField(d.AfterField, false)
	}
	return now, ""
}

func (v view) aroundField(text string, before bool) (time.Time, string) {
	field, rest, _ := strings.Cut(text, " ")
	length, _ := integration.Duration(rest)
	if before {
		length = -length
	}
	got, there := v.text(field)
	at, ok := moment(got)
	switch {
	case !there || got == "":
		return at, "the event has no " + field + ", which the delay counts from"
	case !ok:
		return at, field + " is " + shown(got) + ", which is no moment that the delay could count from"
	}
	return later(at.Add(length), v.facts.Now), ""
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// opening is the first moment from at on that lies in a window; at is in the window's zone.
func opening(w integration.Window, at time.Time) time.Time {
	from, to := clock(w.From, 0), clock(w.To, 24*60)
	for day := -1; day <= 8; day++ { // a window over midnight may have opened yesterday
		start := time.Date(at.Year(), at.Month(), at.Day()+day, 0, from, 0, 0, at.Location())
		if len(w.Days) > 0 && !slices.Contains(w.Days, weekday(start)) {
			continue
		}
		end := time.Date(at.Year(), at.Month(), at.Day()+day, 0, to, 0, 0, at.Location())
		if to <= from {
			end = time.Date(at.Year(), at.Month(), at.Day()+day+1, 0, to, 0, 0, at.Location())
		}
		if at.Before(end) {
			return later(at, start)
		}
	}
	return at
}

func weekday(t time.Time) string { return strings.ToLower(t.Weekday().String()[:3]) }

// clock gives the minutes since midnight of a time such as 09:30.
func clock(text string, otherwise int) int {
	hours, minutes, ok := strings.Cut(text, ":")
	if !ok {
		return otherwise
	}
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return h*60 + m
}
