package href

import (
	"net/url"
	"testing"
)

func TestEveryPartIsOneSegmentUnderTheRoot(t *testing.T) {
	t.Parallel()
	r := Root("/x")
	for got, want := range map[string]string{
		r.Home():                            "/x/",
		Root("").Home():                     "/",
		r.Customer("a/../b", ""):            "/x/customers/a%2F..%2Fb",
		r.Endpoint("crm", "find", "test"):   "/x/integrations/crm/endpoints/find?tab=test",
		r.Login("/runs?a=b"):                "/x/login?next=%2Fruns%3Fa%3Db",
		r.Runs("status", "failed", "q", ""): "/x/runs?status=failed",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestOnlyLocalPathsMayBeFollowed(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/": true, "/runs?x=1#y": true, "/a//b": true, "": false, "runs": false, "//evil.test": false, `/\evil.test`: false,
		"https://evil.test": false, "/\t/evil.test": false, "/a\nb": false, "javascript:alert(1)": false, "/%zz": false,
	} {
		if got := Local(path); got != want {
			t.Errorf("Local(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestAnotherPageKeepsTheFilterAndDropsTheCursor(t *testing.T) {
	t.Parallel()
	q := url.Values{"status": {"failed"}, "cursor": {"abc"}, "q": {""}}
	if got := Page("/runs", q, "limit", "50"); got != "/runs?limit=50&status=failed" {
		t.Error(got)
	}
	if got := Page("/runs", q, "cursor", "def"); got != "/runs?cursor=def&status=failed" {
		t.Error(got)
	}
	if got := Page("/runs", url.Values{}, "cursor", ""); got != "/runs" {
		t.Error(got)
	}
}
