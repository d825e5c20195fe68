package integration

import (
	"strings"
	"testing"
)

func TestWritesToConnectWiseAreWarnedAbout(t *testing.T) {
	t.Parallel()
	patch := func(path string) Endpoint {
		return Endpoint{Name: "x", Method: "PATCH", URL: "/a/1", Body: Body{Kind: "json", Content: `[{"op":"replace","path":"` + path + `","value":1}]`}}
	}
	list := Endpoint{Name: "x", URL: "/a", Query: []Row{{Name: "orderBy", Value: "id"}}, Pagination: &Pagination{Kind: "forward_only"}}
	for _, c := range []struct {
		e          Endpoint
		field, say string
	}{
		{Endpoint{Name: "x", Method: "PUT", URL: "/a/1"}, "endpoints.0.method", "empties every field"},
		{patch("/summary"), "endpoints.0.body.content", "slash"},
		{patch("company/identifier"), "endpoints.0.body.content", "changes nothing"},
		{patch("customFields"), "endpoints.0.body.content", "sent whole"},
		{patch("Summary"), "endpoints.0.body.content", "case-sensitive"},
		{list, "endpoints.0.query", "orderBy"},
		{patch("summary"), "", ""},
		{Endpoint{Name: "x", Method: "POST", URL: "/a"}, "", ""},
	} {
		for _, preset := range []string{"connectwise", ""} {
			got := Integration{Name: "cw", Preset: preset, Endpoints: []Endpoint{c.e}}.Warnings()
			if c.field == "" || preset == "" {
				if len(got) != 0 {
					t.Errorf("%s %s (preset %q): %+v", c.e.Method, c.e.Body.Content, preset, got)
				}
				continue
			}
			if len(got) != 1 || got[0].Field != c.field || !strings.Contains(got[0].Message, c.say) {
				t.Errorf("%s %s: %+v, want %s: %s", c.e.Method, c.e.Body.Content, got, c.field, c.say)
			}
		}
	}
}
