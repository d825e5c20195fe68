package executor

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// rows are the rows of a list from one position on, at most n of them.
func rows(total, from, n int) []any {
	list := []any{}
	for i := from; i < min(total, from+n); i++ {
		list = append(list, map[string]any{"id": i + 1})
	}
	return list
}

func number(r *http.Request, name string, otherwise int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return otherwise
	}
	return n
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// wholeList checks that a run has every row once and in order, and gives its pages in the order in which they were
// asked for.
func wholeList(t *testing.T, r run.Run, total int) []run.Exchange {
	t.Helper()
	mustCause(t, r, run.Succeeded, "")
	if r.Count != total || len(r.Items) != total {
		t.Fatalf("%d records, %d items, want %d", r.Count, len(r.Items), total)
	}
	for i, item := range r.Items {
		if row, _ := item.(map[string]any); fmt.Sprint(row["id"]) != strconv.Itoa(i+1) {
			t.Fatalf("item %d is %v", i, item)
		}
	}
	return exchanges(r)
}

func exchanges(r run.Run) []run.Exchange {
	var all []run.Exchange
	for _, a := range r.Attempts {
		all = append(all, a.Exchanges...)
	}
	return all
}

// paged is an endpoint with pages.
func paged(p integration.Pagination) integration.Endpoint {
	e := integration.Endpoint{URL: "/rows", Query: []integration.Row{{Name: "q", Value: "a b"}}, Pagination: &p}
	if p.Kind == "next_link" || p.Kind == "cursor" {
		e.Response.Items = "items"
	}
	return e
}

func TestEveryKindOfPagesGivesTheWholeListOnce(t *testing.T) {
	t.Parallel()
	const total, size = 23, 10
	link := func(r *http.Request, from int) string {
		q := r.URL.Query()
		q.Set("from", strconv.Itoa(from))
		return "/rows?" + q.Encode()
	}
	kinds := map[string]struct {
		p     integration.Pagination
		serve http.HandlerFunc
	}{
		"page": {integration.Pagination{Kind: "page", PageParam: "p", SizeParam: "per", Size: size}, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, rows(total, (number(r, "p", -1)-1)*size, number(r, "per", -1)))
		}},
		"page from 0, to the empty one": {integration.Pagination{Kind: "page", Start: new(0)}, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, rows(total, number(r, "page", -1)*size, size))
		}},
		"offset": {integration.Pagination{Kind: "offset", OffsetParam: "skip", SizeParam: "top", Size: size}, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, rows(total, number(r, "skip", -1), number(r, "top", -1)))
		}},
		"offset where the vendor gives fewer than asked for": {integration.Pagination{Kind: "offset", SizeParam: "top", Size: 50, Expected: 1}, func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, rows(total, number(r, "offset", -1), 7))
		}},
		"next link in the body": {integration.Pagination{Kind: "next_link", NextPath: "paging.next"}, func(w http.ResponseWriter, r *http.Request) {
			from := number(r, "from", 0)
			answer := map[string]any{"items": rows(total, from, size), "paging": map[string]any{"next": nil}}
			if from+size < total {
				answer["paging"] = map[string]any{"next": link(r, from+size)}
			}
			writeJSON(w, answer)
		}},
		"Link header": {integration.Pagination{Kind: "link_header"}, func(w http.ResponseWriter, r *http.Request) {
			from := number(r, "from", 0)
			if from+size < total {
				w.Header().Add("Link", `<http://`+r.Host+`/rows?first=1,2>; rel="first"`)
				w.Header().Add("Link", `<http://`+r.Host+link(r, from+size)+`&fields=a,b;c>; title="x, y"; rel="last next"`)
			}
			writeJSON(w, rows(total, from, size))
		}},
		"cursor": {integration.Pagination{Kind: "cursor", CursorParam: "after", CursorPath: "next"}, func(w http.ResponseWriter, r *http.Request) {
			from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("after"), "c+/="))
			answer := map[string]any{"items": rows(total, from, size)}
			if from+size < total {
				answer["next"] = "c+/=" + strconv.Itoa(from+size)
			}
			writeJSON(w, answer)
		}},
		"forward-only": {integration.Pagination{Kind: "forward_only", Size: size}, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Pagination-Type") != "forward-only" || number(r, "pageSize", 0) != size {
				http.Error(w, "not as asked", http.StatusBadRequest)
				return
			}
			from := number(r, "pageId", 0)
			next := ""
			if from+size < total {
				next = `<https://elsewhere.example/v4/rows?pageSize=10&pageId=` + strconv.Itoa(from+size) + `>; rel="next"`
			}
			w.Header().Set("Link", next)
			writeJSON(w, rows(total, from, size))
		}},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("q") != "a b" {
					http.Error(w, "the query is lost", http.StatusBadRequest)
					return
				}
				kind.serve(w, r)
			})
			pages := wholeList(t, b.run(t, b.job(t, host, paged(kind.p))), total)
			for i, x := range pages {
				if x.Page != i+1 || x.Paging == nil || x.Paging.Then == "" {
					t.Errorf("exchange %d: page %d, %+v", i, x.Page, x.Paging)
				}
			}
			if last := pages[len(pages)-1].Paging; !strings.HasPrefix(last.Then, "the last page: ") {
				t.Errorf("the last page says %q", last.Then)
			}
		})
	}
}

func TestAListWithTroubleOnTheWayIsWholeAndItsLogTellsTheStory(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	var asked atomic.Int64
	host, hits := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		page := number(r, "page", -1)
		switch n := asked.Add(1); {
		case page == 2 && n <= 3: // the first two times
			w.Header().Set("Retry-After", "0")
			http.Error(w, `{"message":"slow down"}`, http.StatusTooManyRequests)
		case page == 3 && n == 5: // the connection drops in the middle of the page
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, `[{"id":2001},`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		default:
			writeJSON(w, rows(2503, (page-1)*1000, number(r, "pageSize", -1)))
		}
	})
	j := b.job(t, host, paged(integration.Pagination{Kind: "page", SizeParam: "pageSize", Size: 1000}))
	got := b.run(t, j)
	all := wholeList(t, got, 2503)
	if hits.Load() != 6 || len(got.Attempts) != 4 {
		t.Fatalf("%d requests in %d attempts, want 6 in 4", hits.Load(), len(got.Attempts))
	}
	var story []string
	for _, a := range got.Attempts {
		for _, x := range a.Exchanges {
			line := fmt.Sprintf("attempt %d page %d", a.Number, x.Page)
			if x.Paging != nil {
				line += fmt.Sprintf(": %d items, %s", x.Paging.Items, x.Paging.Then)
			}
			story = append(story, line)
		}
		if a.Failure != nil {
			story = append(story, string(a.Failure.Cause))
		}
	}
	want := []string{
		"attempt 1 page 1: 1000 items, page 2 follows", "attempt 1 page 2", "rate_limited", "attempt 2 page 2", "rate_limited",
		"attempt 3 page 2: 1000 items, page 3 follows", "attempt 3 page 3", "parse",
		"attempt 4 page 3: 503 items, the last page: fewer than 1000 items",
	}
	if strings.Join(story, "\n") != strings.Join(want, "\n") {
		t.Errorf("the story is\n%s\nwant\n%s", strings.Join(story, "\n"), strings.Join(want, "\n"))
	}
	if waits := all[2].Waits; len(waits) != 1 || waits[0].For <= 0 || waits[0].Why != "Retry-After: 0" {
		t.Errorf("waits = %+v", waits)
	}
	if !strings.Contains(got.ResultNote, "2503 records on 3 pages.") {
		t.Errorf("note = %s", got.ResultNote)
	}
}

func TestItemsAreCountedBeforeAnyFilter(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, rows(150, (number(r, "page", -1)-1)*100, 100))
	})
	got := b.run(t, b.job(t, host, paged(integration.Pagination{Kind: "page", Size: 100})))
	pages := wholeList(t, got, 150)
	if hits.Load() != 2 || pages[0].Paging.Items != 100 || pages[1].Paging.Items != 50 {
		t.Errorf("%d pages, %+v", hits.Load(), pages[0].Paging)
	}
}

func TestVendorsThatLieDoNotKeepACallGoing(t *testing.T) {
	t.Parallel()
	next := func(to string, items []any) map[string]any { return map[string]any{"items": items, "next": to} }
	for name, tc := range map[string]struct {
		p     integration.Pagination
		serve http.HandlerFunc
		cause run.Cause
		page  int    // of the failure
		hits  int64  // at most
		words string // in summary and evidence
	}{
		"a link to itself": {
			integration.Pagination{Kind: "next_link", NextPath: "next"},
			func(w http.ResponseWriter, r *http.Request) { writeJSON(w, next(r.URL.String(), rows(9, 0, 3))) },
			run.PageLoop, 1, 1, "names the same next page",
		},
		"links in a circle": {
			integration.Pagination{Kind: "next_link", NextPath: "next"},
			func(w http.ResponseWriter, r *http.Request) {
				at := number(r, "at", 0)
				writeJSON(w, next("/rows?at="+strconv.Itoa((at+1)%3), []any{map[string]any{"id": hitsNow.Add(1)}}))
			},
			run.PageLoop, 4, 5, "names the same next page as page 1",
		},
		"a cursor that comes back": {
			integration.Pagination{Kind: "cursor", CursorParam: "c", CursorPath: "next"},
			func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, next("same", []any{map[string]any{"id": hitsNow.Add(1)}}))
			},
			run.PageLoop, 2, 2, "same",
		},
		"a page parameter that is passed over": {
			integration.Pagination{Kind: "page", Size: 3},
			func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, rows(3, 0, 3)) },
			run.PageLoop, 2, 2, "pass over the parameter page",
		},
		"empty pages for ever": {
			integration.Pagination{Kind: "cursor", CursorParam: "c", CursorPath: "next"},
			func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, next(strconv.FormatInt(hitsNow.Add(1), 10), []any{}))
			},
			run.PageLoop, 10, 10, "10 pages in a row were empty",
		},
		"a link to another host": {
			integration.Pagination{Kind: "next_link", NextPath: "next"},
			func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, next("https://evil.example/rows?from=3", rows(9, 0, 3)))
			},
			run.NextLinkBlocked, 1, 1, "evil.example",
		},
		"a link to another port": {
			integration.Pagination{Kind: "link_header"},
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Link", `<http://127.0.0.1:1/rows>; rel=next`)
				writeJSON(w, rows(9, 0, 3))
			},
			run.NextLinkBlocked, 1, 1, "another host",
		},
		"a link that is none": {
			integration.Pagination{Kind: "next_link", NextPath: "next"},
			func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, next("javascript:alert(1)", rows(9, 0, 3))) },
			run.NextLinkBlocked, 1, 1, "no web address",
		},
		"a link with a user": {
			integration.Pagination{Kind: "next_link", NextPath: "next"},
			func(w http.ResponseWriter, r *http.Request) {
				writeJSON(w, next("http://me:hush-hush-hush@"+r.Host+"/rows", rows(9, 0, 3)))
			},
			run.NextLinkBlocked, 1, 1, "names a user",
		},
		"an object where the link should be": {
			integration.Pagination{Kind: "next_link", NextPath: "next"},
			func(w http.ResponseWriter, _ *http.Request) {
				writeJSON(w, map[string]any{"items": rows(9, 0, 3), "next": map[string]any{"href": "/rows?from=3"}})
			},
			run.KeyMissing, 1, 1, "next is an object",
		},
		"an error page in the middle": {
			integration.Pagination{Kind: "page", Size: 3},
			func(w http.ResponseWriter, r *http.Request) {
				if number(r, "page", 0) == 2 {
					http.Error(w, `{"message":"no more for you"}`, http.StatusForbidden)
					return
				}
				writeJSON(w, rows(9, 0, 3))
			},
			run.Forbidden, 2, 2, "page 2: HTTP 403",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, hits := vendor(t, tc.serve)
			got := b.run(t, b.job(t, host, paged(tc.p)))
			mustCause(t, got, run.Failed, tc.cause)
			all := exchanges(got)
			if hits.Load() > tc.hits || len(all) == 0 || all[len(all)-1].Page != tc.page {
				t.Errorf("%d requests (at most %d), the last on page %d (want %d)", hits.Load(), tc.hits, all[len(all)-1].Page, tc.page)
			}
			said := got.Failure.Summary + " " + got.Failure.Evidence
			if !strings.Contains(said, tc.words) || strings.Contains(everything(t, got), "hush-hush") && name == "a link with a user" && !strings.Contains(string(all[0].Response.Body), "hush-hush") {
				t.Errorf("it says: %s", said)
			}
			if got.Items != nil || got.Failure.Hint == "" {
				t.Errorf("items %v, hint %q: half a list must not look like a whole one", got.Items, got.Failure.Hint)
			}
		})
	}
}

// hitsNow makes records that are never the same.
var hitsNow atomic.Int64

func TestATotalThatShrinksIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		from := number(r, "offset", -1)
		writeJSON(w, map[string]any{"total": 20 - from, "items": rows(25, from, 10)})
	})
	e := paged(integration.Pagination{Kind: "offset", Size: 10})
	e.Response.Items = "items"
	wholeList(t, b.run(t, b.job(t, host, e)), 25)
}

func TestAListThatIsCutOffSaysSoAndRemembersNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, hits := vendor(t, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, rows(1000, (number(r, "page", -1)-1)*10, 10))
	})
	e := paged(integration.Pagination{Kind: "page", Size: 10, MaxPages: 3})
	e.Query[0].Value = `a b{{state.last_success_at | default:""}}`
	got := b.run(t, b.job(t, host, e))
	pages := wholeList(t, got, 30)
	if hits.Load() != 3 || !strings.Contains(pages[2].Paging.Then, "at most 3 pages") || !strings.Contains(got.ResultNote, "There may be more") {
		t.Errorf("%d requests, %+v, note %q", hits.Load(), pages[2].Paging, got.ResultNote)
	}
	if len(got.Remember) != 0 {
		t.Errorf("it remembers %v, and the rest of the list would never be fetched", got.Remember)
	}
}

func TestEveryPageGoesThroughAuthAndHidesItsSecrets(t *testing.T) {
	t.Parallel()
	const key = "canary-key-4711-secret"
	for name, kind := range map[string]string{"in a header": "api_key_header", "in the query": "api_key_query"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, outbound.Options{})
			host, hits := vendor(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Key") != key && fmt.Sprint(r.URL.Query()["X-Key"]) != "["+key+"]" || fmt.Sprint(r.URL.Query()["token"]) != "["+key+"-2]" {
					http.Error(w, "who are you?", http.StatusUnauthorized)
					return
				}
				from := number(r, "from", 0)
				answer := map[string]any{"items": rows(25, from, 10)}
				if from < 20 { // repeats what it was asked, secrets and all, or leaves them out
					q := r.URL.Query()
					q.Set("from", strconv.Itoa(from+10))
					if from == 10 {
						q.Del("token")
						q.Del("X-Key")
					}
					answer["next"] = "http://" + r.Host + "/rows?" + q.Encode()
				}
				writeJSON(w, answer)
			})
			e := paged(integration.Pagination{Kind: "next_link", NextPath: "next"})
			e.Query = append(e.Query, integration.Row{Name: "token", Value: "{{field.Token}}"})
			j := b.job(t, host, e, integration.Parameter{Name: "Token", Secret: true})
			j.Integrator.Auth = integration.Auth{Kind: kind, Settings: map[string]string{"name": "X-Key"}}
			b.seal(t, &j, "auth.value", key)
			b.seal(t, &j, "field.Token", key+"-2")
			got := b.run(t, j)
			wholeList(t, got, 25)
			if hits.Load() != 3 || strings.Contains(everything(t, got), "canary-key") {
				t.Errorf("%d requests; a secret is in what is kept: %v", hits.Load(), strings.Contains(everything(t, got), "canary-key"))
			}
		})
	}
}

func TestLinksStayOnTheHostOfTheFirstPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, link, want string }{
		{"https://a.example/x?p=1", "/x?p=2", "https://a.example/x?p=2"},
		{"https://a.example/x?p=1", "?p=2", "https://a.example/x?p=2"},
		{"https://a.example/x?p=1", "//a.example/x?p=2", "https://a.example/x?p=2"},
		{"https://a.example/x", "https://A.example:443/x?p=2#top", "https://a.example/x?p=2"},
		{"https://a.example/x", "http://a.example/x?p=2", "https://a.example/x?p=2"},
		{"https://a.example/x", "http://a.example:80/x?p=2", "https://a.example/x?p=2"},
		{"http://a.example/x", "https://a.example/x?p=2", "https://a.example/x?p=2"},
		{"https://a.example:8443/x", "https://a.example:8443/y", "https://a.example:8443/y"},
		{"https://a.example:8443/x", "https://a.example/y", ""},
		{"https://a.example:8443/x", "http://a.example:8443/y", ""},
		{"https://a.example/x", "https://b.example/x", ""},
		{"https://a.example/x", "https://a.example.evil.test/x", ""},
		{"https://a.example/x", "https://a.example@evil.test/x", ""},
		{"https://a.example/x", "//evil.test/x", ""},
		{"https://a.example/x", `https://a.example\@evil.test/x`, ""},
		{"https://a.example/x", "ftp://a.example/x", ""},
		{"https://a.example/x", "https://a.example:8080/x", ""},
		{"https://a.example/x", "http://[::1", ""},
	} {
		to, why := nextAddress(c.first, c.first, c.link)
		switch {
		case c.want == "" && why == "":
			t.Errorf("%s from %s leads to %s", c.link, c.first, to)
		case c.want != "" && (why != "" || to.String() != c.want):
			t.Errorf("%s from %s leads to %v (%s), want %s", c.link, c.first, to, why, c.want)
		}
	}
}
