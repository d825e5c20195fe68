package db

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"tieline/internal/account"
	"tieline/internal/fault"
	"tieline/internal/run"
)

// RunFilter narrows a list of runs; empty fields do not. From is the first moment, To the first one no longer,
// both to the millisecond. Text is words that must all be found, whole or, where no run has them whole, as
// beginnings of words; or the id of a run. Limit is 50 where it is 0, at most 1000.
type RunFilter struct {
	CustomerID    string
	IntegrationID string
	EndpointID    string
	IntegratorID  string
	Status        []run.Status
	Cause         []run.Cause
	From          time.Time
	To            time.Time
	Text          string
	Test          *bool
	Open          bool // only failed and unknown runs that nobody has dismissed
	Limit         int
	Cursor        string
}

// Runs lists runs without their details, newest first, and gives the cursor of the next page, "" after the last.
// Every filter is answered from an index, whatever the number of runs.
func (r *Reader) Runs(ctx context.Context, scope account.Scope, f RunFilter) ([]run.Run, string, error) {
	s := search{RunFilter: f, engine: r.engine, limit: clamp(f.Limit, 50)}
	if err := s.prepare(ctx, r, scope); err != nil || s.nothing {
		return nil, "", err
	}
	list, err := s.run(ctx, r)
	if err == nil && len(list) == 0 && len(s.asked.words) > 0 && f.Cursor == "" {
		s.prefix = true
		list, err = s.run(ctx, r)
	}
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(list) > s.limit {
		list = list[:s.limit]
		next = s.cursor(list[s.limit-1].seq)
	}
	runs := make([]run.Run, len(list))
	for i, row := range list {
		runs[i] = row.Run
	}
	return runs, next, nil
}

// search is a filter made ready: who may be seen, the bounds of the key, and the way through the indexes.
type search struct {
	RunFilter
	engine    string
	limit     int
	asked     asked
	prefix    bool
	customers []string // nil: all
	low, high int64    // of the key: low <= seq < high
	nothing   bool     // the filter can meet no run
	few       []int64  // the runs that have the words where they are few (PostgreSQL)
}

const prefixCursor = "p."

func (s *search) run(ctx context.Context, r *Reader) ([]storedRun, error) {
	if len(s.asked.words) > 0 && s.engine == PostgreSQL {
		var err error
		if s.few, err = s.rare(ctx, r); err != nil || s.few != nil && len(s.few) == 0 {
			return nil, err
		}
	}
	return all(ctx, r, s.query(), scanRun)
}

// fewMatches is up to how many matches of words count as few.
const fewMatches = 1000

// rare gives the runs that have the words where they are few, else nil. PostgreSQL knows how common the commonest
// words are and takes every other to be in one of 200 runs, which has it read far too many rows for a rare one.
func (s *search) rare(ctx context.Context, r *Reader) ([]int64, error) {
	q := newQuery(`SELECT seq FROM run_search WHERE words @@ CAST(CAST($1 AS text) AS tsquery) LIMIT $2`,
		s.asked.match(s.engine, s.prefix, s.customers), fewMatches+1)
	list, err := all(ctx, r, q, value[int64])
	if err != nil || len(list) > fewMatches {
		return nil, err
	}
	return append([]int64{}, list...), nil
}

func (s *search) prepare(ctx context.Context, r *Reader, scope account.Scope) error {
	s.customers = scope.Customers()
	switch {
	case s.CustomerID != "" && scope.Holds(s.CustomerID):
		s.customers = []string{s.CustomerID}
	case s.CustomerID != "", !scope.All() && len(s.customers) == 0:
		s.nothing = true
		return nil
	case scope.All():
		s.customers = nil
	}
	if s.IntegratorID != "" && s.customers == nil {
		// The one customer of the integrator leads to its runs.
		found, err := all(ctx, r, newQuery(`SELECT customer_id FROM integrators WHERE id = $1`, s.IntegratorID), value[string])
		if err != nil {
			return err
		}
		s.customers = found
	}
	if s.Open && len(s.Status) == 0 {
		s.Status = []run.Status{run.Failed, run.Unknown}
	}
	s.low, s.high = 0, 1<<62
	if !s.From.IsZero() {
		s.low = seqFloor(s.From)
	}
	if !s.To.IsZero() {
		s.high = seqFloor(s.To)
	}
	if strings.TrimSpace(s.Text) != "" {
		s.asked = ask(s.Text)
		s.nothing = s.asked.runID == "" && len(s.asked.words) == 0
	}
	return s.resume()
}

// resume goes on where the page before ended.
func (s *search) resume() error {
	if s.Cursor == "" {
		return nil
	}
	text, prefix := strings.CutPrefix(s.Cursor, prefixCursor)
	seq, err := seqAt(text)
	s.prefix, s.high = prefix, min(s.high, seq)
	return err
}

func (s *search) cursor(seq int64) string {
	if s.prefix {
		return prefixCursor + cursorOf(seq)
	}
	return cursorOf(seq)
}

// query is the search as SQL.
func (s *search) query() *query {
	q := newQuery("")
	switch {
	case s.asked.runID != "":
		start, _ := seqOf(s.asked.runID)
		q.add(`SELECT ` + runColumns + ` FROM runs r WHERE r.id = ` + q.arg(s.asked.runID))
		q.and("r.seq >=", start).and("r.seq <=", start+seqReach)
		return q.add(s.bounds(q, "r.seq") + s.rest(q, "") + ` ORDER BY r.seq DESC`)
	case len(s.asked.words) > 0:
		return s.byWords(q)
	}
	ways := s.ways()
	if len(ways) == 1 {
		q.add(`SELECT ` + runColumns + ` FROM runs r WHERE 1 = 1`)
		return q.add(s.way(q, ways[0]) + s.bounds(q, "r.seq") + s.rest(q, ways[0].column) + s.newest(q, "r.seq"))
	}
	// One short walk for each value, each along an index, then the newest of all: no engine does that by
	// itself for an IN.
	bounds, rest, newest := s.bounds(q, "r.seq"), s.rest(q, ways[0].column), s.newest(q, "r.seq")
	q.add(`SELECT ` + runColumns + ` FROM (SELECT seq FROM (`)
	for i, w := range ways {
		if i > 0 {
			q.add(` UNION ALL `)
		}
		q.add(`SELECT seq FROM (SELECT r.seq FROM runs r WHERE 1 = 1` + s.way(q, w) + bounds + rest + newest + `) AS w` + strconv.Itoa(i))
	}
	return q.add(`) AS w` + s.newest(q, "seq") + `) AS x CROSS JOIN runs r WHERE r.seq = x.seq ORDER BY x.seq DESC`)
}

func (s *search) byWords(q *query) *query {
	if s.engine == PostgreSQL {
		if s.few != nil {
			q.add(`SELECT ` + runColumns + ` FROM runs r WHERE r.seq IN (` + numbers(s.few) + `)`)
			return q.add(s.bounds(q, "r.seq") + s.rest(q, "") + s.newest(q, "r.seq"))
		}
		match := q.arg(s.asked.match(s.engine, s.prefix, s.customers))
		if s.wordsAlone() { // cut before the join: the planner would join all matches of a customer
			q.add(`SELECT ` + runColumns + ` FROM (SELECT s.seq FROM run_search s WHERE s.words @@ CAST(CAST(` + match + ` AS text) AS tsquery)`)
			q.add(s.bounds(q, "s.seq") + s.newest(q, "s.seq") + `) AS x JOIN runs r ON r.seq = x.seq WHERE 1 = 1`)
			return q.add(s.rest(q, "") + ` ORDER BY x.seq DESC`)
		}
		q.add(`SELECT ` + runColumns + ` FROM run_search s JOIN runs r ON r.seq = s.seq WHERE s.words @@ CAST(CAST(` + match + ` AS text) AS tsquery)`)
		return q.add(s.bounds(q, "s.seq") + s.rest(q, "") + s.newest(q, "s.seq"))
	}
	match := q.arg(s.asked.match(s.engine, s.prefix, s.customers))
	q.add(`SELECT ` + runColumns + ` FROM run_search CROSS JOIN runs r WHERE run_search MATCH ` + match)
	return q.add(s.bounds(q, "run_search.rowid") + ` AND r.seq = run_search.rowid` + s.rest(q, "") + s.newest(q, "run_search.rowid"))
}

// wordsAlone tells whether the index of words holds everything that is asked for; it knows a run's customer.
func (s *search) wordsAlone() bool {
	return s.EndpointID == "" && s.IntegrationID == "" && s.IntegratorID == "" && len(s.Cause) == 0 && len(s.Status) == 0 && s.Test == nil && !s.Open
}

func (s *search) newest(q *query, column string) string {
	return ` ORDER BY ` + column + ` DESC LIMIT ` + q.arg(s.limit+1)
}

func (s *search) bounds(q *query, column string) string {
	return ` AND ` + column + ` >= ` + q.arg(s.low) + ` AND ` + column + ` < ` + q.arg(s.high)
}

// way is one walk along an index: a column with one value and perhaps one status, in the order of the key.
type way struct {
	column, value, status string
}

const (
	byCustomer    = "customer_id"
	byEndpoint    = "endpoint_id"
	byIntegration = "integration_id"
	byCause       = "cause"
	byStatus      = "status"
	byKey         = ""
)

// mostWays bounds the walks of one search.
const mostWays = 80

// ways picks the index that leads to the fewest rows.
func (s *search) ways() []way {
	statuses := s.Status
	if len(statuses) == 0 {
		statuses = run.Statuses()
		if len(s.Cause) > 0 {
			statuses = troubles()
		}
	}
	var list []way
	each := func(column string, values ...string) []way {
		for _, v := range values {
			for _, status := range statuses {
				list = append(list, way{column, v, string(status)})
			}
		}
		return list
	}
	switch {
	case s.EndpointID != "":
		return each(byEndpoint, s.EndpointID)
	case len(s.customers) > 0 && len(s.customers)*len(statuses) <= mostWays:
		return each(byCustomer, s.customers...)
	case s.IntegrationID != "":
		return each(byIntegration, s.IntegrationID)
	case len(s.Cause) > 0:
		for _, c := range s.Cause {
			list = append(list, way{column: byCause, value: string(c)})
		}
	case len(s.Status) > 0 && allTroubles(s.Status):
		for _, status := range s.Status {
			list = append(list, way{column: byStatus, value: string(status)})
		}
	default:
		list = []way{{column: byKey}}
	}
	return list
}

// troubles are the statuses that the partial index of runs that did not succeed holds.
func troubles() []run.Status {
	var list []run.Status
	for _, s := range run.Statuses() {
		if s != run.Succeeded {
			list = append(list, s)
		}
	}
	return list
}

func allTroubles(list []run.Status) bool {
	return !slices.Contains(list, run.Succeeded)
}

func (s *search) way(q *query, w way) string {
	switch w.column {
	case byKey:
		return ""
	case byCause:
		return ` AND r.cause <> '' AND r.cause = ` + q.arg(w.value)
	case byStatus:
		return ` AND r.status <> 'succeeded' AND r.status = ` + q.arg(w.value)
	}
	return ` AND r.` + w.column + ` = ` + q.arg(w.value) + ` AND r.status = ` + q.arg(w.status)
}

// rest are the conditions that the way does not hold already. On SQLite the plus keeps a condition from choosing
// the index; PostgreSQL knows how common the values are and may choose.
func (s *search) rest(q *query, way string) string {
	var b strings.Builder
	one := func(column, v string) {
		if v != "" && column != way {
			b.WriteString(` AND ` + s.plus() + `r.` + column + ` = ` + q.arg(v))
		}
	}
	some := func(column string, values []string) {
		if len(values) > 0 && column != way {
			b.WriteString(` AND ` + s.plus() + `r.` + column + ` IN (` + q.list(values) + `)`)
		}
	}
	one(byEndpoint, s.EndpointID)
	one(byIntegration, s.IntegrationID)
	one("integrator_id", s.IntegratorID)
	some(byCustomer, s.customers)
	some(byCause, texts(s.Cause))
	if way != byEndpoint && way != byCustomer && way != byIntegration {
		some(byStatus, texts(s.Status))
	}
	if s.Test != nil {
		b.WriteString(` AND r.test = ` + q.arg(*s.Test))
	}
	if s.Open {
		b.WriteString(` AND r.dismissed_at = 0 AND ` + s.plus() + `r.status IN ('failed', 'unknown')`)
	}
	return b.String()
}

func (s *search) plus() string {
	if s.engine == SQLite {
		return "+"
	}
	return ""
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// NewestRunWithRecord gives the newest run of an endpoint that named a key or a record, whole, for the form of a
// test; NotFound where there is none among the newest 200.
func (r *Reader) NewestRunWithRecord(ctx context.Context, scope account.Scope, endpointID string) (run.Run, error) {
	list, _, err := r.Runs(ctx, scope, RunFilter{EndpointID: endpointID, Limit: 200})
	if err != nil {
		return run.Run{}, err
	}
	for _, found := range list {
		if found.Key != "" || found.RecordID != "" {
			return r.Run(ctx, scope, found.ID)
		}
	}
	return run.Run{}, fault.New(fault.NotFound, noRun)
}

// LatestRuns lists the newest runs of one endpoint for one integrator without their details; with a status only
// those of it.
func (r *Reader) LatestRuns(ctx context.Context, scope account.Scope, endpointID, integratorID string, status run.Status, limit int) ([]run.Run, error) {
	f := RunFilter{EndpointID: endpointID, IntegratorID: integratorID, Limit: limit}
	if status != "" {
		f.Status = []run.Status{status}
	}
	list, _, err := r.Runs(ctx, scope, f)
	return list, err
}
