package views

import (
	"strconv"
	"strings"
	"time"

	"tieline/internal/run"
	"tieline/views/ui"
)

// storyLine is one line of a run's story: one exchange, or an attempt that sent nothing.
type storyLine struct {
	Attempt int
	Page    string
	Answer  string
	Items   string
	Took    time.Duration
	Waited  string
	Then    string
	Bad     bool
}

// storyOf tells request by request what happened, where there is more to tell than one request without a pause.
func storyOf(r run.Run) []storyLine {
	var steps []storyLine
	told := false
	for n, a := range r.Attempts {
		for i, x := range a.Exchanges {
			s := storyLine{Attempt: a.Number, Page: strconv.Itoa(x.Page), Answer: "no answer", Items: "–", Took: x.Timings.Total, Waited: waitWords(x.Waits)}
			if x.Response != nil {
				s.Answer = strconv.Itoa(x.Response.Status)
			}
			if x.Paging != nil {
				s.Items, s.Then = strconv.Itoa(x.Paging.Items), x.Paging.Then
			}
			if last := i == len(a.Exchanges)-1; last && a.Failure != nil {
				s.Then, s.Bad = a.Failure.Summary, true
				if n < len(r.Attempts)-1 {
					s.Then += "; it was sent again"
				}
			}
			told = told || x.Paging != nil || len(x.Waits) > 0
			steps = append(steps, s)
		}
		if len(a.Exchanges) == 0 && a.Failure != nil {
			steps = append(steps, storyLine{Attempt: a.Number, Page: "–", Answer: "not sent", Items: "–", Waited: "–", Then: a.Failure.Summary, Bad: true})
		}
	}
	if !told && len(steps) < 2 {
		return nil
	}
	return steps
}

func waitWords(waits []run.Wait) string {
	if len(waits) == 0 {
		return "–"
	}
	parts := make([]string, len(waits))
	for i, w := range waits {
		parts[i] = ui.Milliseconds(w.For) + " (" + w.Why + ")"
	}
	return strings.Join(parts, ", ")
}

// shownWhole is how many exchanges a page shows in full: of a long list those at the start and at the end. The story
// has them all.
const shownWhole = 10

// skipped tells whether an exchange is one in the middle of a long list.
func skipped(i, count int) bool {
	return count > shownWhole && i >= shownWhole/2 && i < count-shownWhole/2
}
