package integration

import (
	"testing"

	"tieline/internal/fault"
)

// refusedAt is the message at a field, "" where there is none.
func refusedAt(err error, field string) string {
	fields, _ := fault.FieldsOf(err)
	return fields[field]
}

func TestPagesThatCannotWorkAreRefusedAtTheirField(t *testing.T) {
	t.Parallel()
	for field, list := range map[string][]Pagination{
		"kind":         {{}, {Kind: "pages"}},
		"page_param":   {{Kind: "cursor", PageParam: "p", CursorParam: "c", CursorPath: "n"}, {Kind: "page", PageParam: "a\nb"}},
		"offset_param": {{Kind: "page", OffsetParam: "o"}},
		"start":        {{Kind: "link_header", Start: new(1)}, {Kind: "page", Start: new(-1)}},
		"next_path":    {{Kind: "next_link"}, {Kind: "page", NextPath: "x"}},
		"cursor_path":  {{Kind: "cursor", CursorParam: "c"}},
		"cursor_param": {{Kind: "cursor", CursorPath: "n"}, {Kind: "offset", CursorParam: "c"}},
		"size":         {{Kind: "page", Size: -1}, {Kind: "page", Size: 1e6}, {Kind: "page", SizeParam: "limit"}},
		"size_param":   {{Kind: "page", SizeParam: "page", Size: 5}},
		"max_pages":    {{Kind: "page", MaxPages: 1001}, {Kind: "page", MaxPages: -1}},
		"expected":     {{Kind: "page", Expected: -1}},
	} {
		for _, p := range list {
			if refusedAt(p.Validate(), field) == "" {
				t.Errorf("%+v is not refused at %s: %v", p, field, p.Validate())
			}
		}
	}
}

func TestAnEndpointThatCannotHavePagesSaysWhy(t *testing.T) {
	t.Parallel()
	pages := &Pagination{Kind: "page"}
	for name, c := range map[string]struct {
		e     Endpoint
		field string
	}{
		"a document":          {Endpoint{Type: "Document", Pagination: pages}, "pagination.kind"},
		"a POST":              {Endpoint{Method: "POST", Pagination: pages}, "pagination.kind"},
		"HEAD":                {Endpoint{Method: "HEAD", Pagination: pages}, "pagination.kind"},
		"another contract":    {Endpoint{Contract: "result", Pagination: pages}, "contract"},
		"a page in the URL":   {Endpoint{URL: "/x?a=1&page=1", Pagination: pages}, "url"},
		"orderBy":             {Endpoint{Query: []Row{{Name: "orderBy", Value: "id"}}, Pagination: &Pagination{Kind: "forward_only"}}, "query.0.name"},
		"a kind that is none": {Endpoint{Pagination: &Pagination{Kind: "no"}}, "pagination.kind"},
	} {
		c.e.Name = "list"
		if c.e.URL == "" {
			c.e.URL = "/x"
		}
		if refusedAt(c.e.Validate(Integration{Endpoints: []Endpoint{c.e}}), c.field) == "" {
			t.Errorf("%s is not refused at %s: %v", name, c.field, c.e.Validate(Integration{}))
		}
	}
	search := Endpoint{Name: "list", Type: "GetData", Method: "POST", URL: "/x", Repeat: "safe", Body: Body{Kind: "json", Content: "{}"}, Pagination: pages}
	if err := search.Validate(Integration{}); err != nil || search.EffectiveContract() != "records" {
		t.Errorf("a search by POST: %v, contract %s", err, search.EffectiveContract())
	}
}

func TestAPolicyOutOfBoundsIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	for field, list := range map[string][]Policy{
		"retries":      {{Retries: 6}, {Retries: -1}},
		"reset_header": {{ResetHeader: "a b"}, {ResetKind: "moment"}},
		"reset_kind":   {{ResetHeader: "X", ResetKind: "minutes"}},
		"rate_per_min": {{RatePerMin: -1}, {RatePerMin: 1e6}},
		"concurrency":  {{Concurrency: -1}, {Concurrency: 1e6}},
	} {
		for _, p := range list {
			if refusedAt(p.Validate(), field) == "" {
				t.Errorf("%+v is not refused at %s", p, field)
			}
		}
	}
	if (Policy{}).ConcurrencyFor("bearer") != 0 || (Policy{}).ConcurrencyFor("connectwise") != 5 || (Policy{Concurrency: 9}).ConcurrencyFor("connectwise") != 9 {
		t.Error("only ConnectWise has a default of 5 at a time")
	}
}
