package web

import (
	"net/url"
	"reflect"
	"testing"

	"tieline/internal/integration"
)

func TestOnlyTheFieldsOfTheChosenKindOfPagesCount(t *testing.T) {
	t.Parallel()
	everything := url.Values{
		"pagination.page_param": {"p"}, "pagination.start": {"0"}, "pagination.offset_param": {"skip"}, "pagination.next_path": {"next"},
		"pagination.cursor_param": {"after"}, "pagination.cursor_path": {"paging.next.after"}, "pagination.size_param": {"limit"},
		"pagination.size": {"50"}, "pagination.max_pages": {"7"}, "pagination.expected": {"40"},
	}
	shared := integration.Pagination{SizeParam: "limit", Size: 50, MaxPages: 7, Expected: 40}
	want := map[string]func(p *integration.Pagination){
		"page":         func(p *integration.Pagination) { p.PageParam, p.Start = "p", new(0) },
		"offset":       func(p *integration.Pagination) { p.OffsetParam, p.Start = "skip", new(0) },
		"next_link":    func(p *integration.Pagination) { p.NextPath = "next" },
		"link_header":  func(*integration.Pagination) {},
		"cursor":       func(p *integration.Pagination) { p.CursorParam, p.CursorPath = "after", "paging.next.after" },
		"forward_only": func(p *integration.Pagination) { p.CursorParam = "after" },
	}
	for _, kind := range integration.PaginationKinds() {
		everything.Set("pagination.kind", kind)
		expect := shared
		expect.Kind = kind
		want[kind](&expect)
		f := decodeEndpoint(everything, integration.Endpoint{})
		if !reflect.DeepEqual(f.Endpoint.Pagination, &expect) || len(f.Problems) != 0 {
			t.Errorf("%s: %+v, problems %v", kind, f.Endpoint.Pagination, f.Problems)
		}
		if err := expect.Validate(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	everything.Set("pagination.kind", "")
	if f := decodeEndpoint(everything, integration.Endpoint{}); f.Endpoint.Pagination != nil {
		t.Errorf("no kind: %+v", f.Endpoint.Pagination)
	}
}

func TestThePolicyFormGivesEveryField(t *testing.T) {
	t.Parallel()
	form := url.Values{
		"policy.retries": {"3"}, "policy.reset_header": {"X-Reset"}, "policy.reset_kind": {"moment"}, "policy.rate_per_min": {"60"},
		"policy.concurrency": {"5"}, "policy.follow_redirects": {"on"},
	}
	want := integration.Policy{Retries: 3, ResetHeader: "X-Reset", ResetKind: "moment", RatePerMin: 60, Concurrency: 5, FollowRedirects: true}
	if f := decodeEndpoint(form, integration.Endpoint{}); !reflect.DeepEqual(f.Endpoint.Policy, &want) {
		t.Errorf("policy = %+v", f.Endpoint.Policy)
	}
	if got := decodeIntegrator(form, integration.Integration{}, integration.Integrator{}); !reflect.DeepEqual(got.Form.Integrator.Policy, want) {
		t.Errorf("policy = %+v", got.Form.Integrator.Policy)
	}
	if f := decodeEndpoint(url.Values{}, integration.Endpoint{}); f.Endpoint.Policy != nil {
		t.Errorf("an empty form gives %+v", f.Endpoint.Policy)
	}
}
