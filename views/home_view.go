package views

import (
	"slices"
	"strconv"
	"time"

	"tieline/internal/run"
	"tieline/views/ui"
)

// Hour is how many runs ended well and badly in one hour.
type Hour struct {
	At     time.Time
	OK     int64
	Failed int64
}

// HealthLine is how one customer's use of one integration fares.
type HealthLine struct {
	Customer     string // slug
	CustomerName string
	IntegrationLine
}

// HomeView is the dashboard.
type HomeView struct {
	Health       []HealthLine
	Failures     []run.Run
	MoreFailures bool
	Hours        []Hour
	Customers    int
	Integrations int
	Integrators  int
	Endpoints    int
	First        string // the newest integration's name, where the next step is
	Endpoint     string // the first endpoint's name there
	Runs         bool   // whether there was any run at all
	Demo         bool   // whether the demo can be filled
}

// fresh tells whether there is nothing to show yet but the first steps.
func (v HomeView) fresh() bool { return !v.Runs }

// health is what needs somebody first: failing, then quiet, then the rest in their order.
func (v HomeView) health() []HealthLine {
	weight := map[string]int{"failing": 0, "quiet": 1, "ok": 2, "idle": 3, "off": 4}
	return slices.SortedStableFunc(slices.Values(v.Health), func(a, b HealthLine) int {
		_, first := a.state()
		_, second := b.state()
		return weight[first] - weight[second]
	})
}

// step is one of the first steps; href is "" while one before it must be taken first.
type step struct {
	done  bool
	title string
	text  string
	href  string
	label string
}

func (v HomeView) steps(p Page) []step {
	return []step{
		{v.Customers > 0, "Add a customer", "Whose systems are to be connected.", p.To.NewCustomer(), "Add customer"},
		{v.Integrations > 0, "Add an integration", "What the third party offers: its requests, header rows and tokens.", p.To.NewIntegration(), "Add integration"},
		{v.Integrators > 0, "Add an integrator", "The customer’s own host and credentials for it.", v.at(p.To.NewIntegrator), "Add integrator"},
		{v.Endpoints > 0, "Add an endpoint", "One request to the third party, and how its answer is read.", v.at(p.To.NewEndpoint), "Add endpoint"},
		{v.Runs, "Press Test", "You see what was sent, what came back, and why.", v.testAt(p), "To the test"},
	}
}

// next is the first step that is not done.
func (v HomeView) next(p Page) int {
	return slices.IndexFunc(v.steps(p), func(s step) bool { return !s.done })
}

func stepKind(next bool) ui.Kind {
	if next {
		return ui.Primary
	}
	return ui.Plain
}

// at is a page of the first integration, "" before there is one.
func (v HomeView) at(page func(string) string) string {
	if v.First == "" {
		return ""
	}
	return page(v.First)
}

func (v HomeView) testAt(p Page) string {
	if v.Endpoint == "" {
		return ""
	}
	return p.To.Endpoint(v.First, v.Endpoint, "test")
}

func (v HomeView) count(word string) int {
	n := 0
	for _, l := range v.Health {
		if _, w := l.state(); w == word {
			n++
		}
	}
	return n
}

func (v HomeView) totals() (ok, failed int64) {
	for _, h := range v.Hours {
		ok += h.OK
		failed += h.Failed
	}
	return ok, failed
}

// bar is one hour of the picture, in its own units.
type bar struct {
	x, okY, okH, badY, badH int
	title                   string
}

const (
	chartHeight = 96
	barWidth    = 26
	barStep     = 32
)

func (v HomeView) bars() []bar {
	most := int64(1)
	for _, h := range v.Hours {
		most = max(most, h.OK+h.Failed)
	}
	scale := func(n int64) int {
		if n == 0 {
			return 0
		}
		return max(int(n*chartHeight/most), 3)
	}
	all := make([]bar, 0, len(v.Hours))
	for i, h := range v.Hours {
		b := bar{x: i * barStep, okH: scale(h.OK), badH: scale(h.Failed)}
		b.okY = chartHeight - b.okH
		b.badY = max(b.okY-b.badH, 0) // the least heights of small numbers may not fit on top of each other
		b.title = h.At.UTC().Format("15:04") + " UTC: " + whole(h.OK) + " good, " + whole(h.Failed) + " failed"
		all = append(all, b)
	}
	return all
}

func (v HomeView) viewBox() string {
	return "0 0 " + strconv.Itoa(max(len(v.Hours)*barStep-(barStep-barWidth), 1)) + " " + strconv.Itoa(chartHeight)
}

func hourWord(t time.Time) string { return t.UTC().Format("15:04") + " UTC" }

func totalWords(ok, failed int64) string {
	return ui.Count(int(ok+failed), "run", "runs") + " in 24 hours, " + whole(failed) + " failed"
}
