package sandbox

import (
	"strings"
	"testing"
)

func TestThePSAAnswersLikeConnectWise(t *testing.T) {
	t.Parallel()
	base := serve(t)
	in := map[string]string{"Authorization": psa["Authorization"], "clientId": ClientID, "Content-Type": "application/json"}
	for _, tc := range []struct {
		name   string
		asked  asked
		status int
		want   string
	}{
		{"info", asked{path: psaBase + "/system/info", header: psa}, 200, `"version"`},
		{"info without credentials", asked{path: psaBase + "/system/info"}, 401, "Unauthorized"},
		{"company", asked{path: psaBase + "/company/companies/7", header: psa}, 200, `"id":7,`},
		{"company unknown", asked{path: psaBase + "/company/companies/999", header: psa}, 404, `{"code":"NotFound","errors":null,"message":"Company 999 not found"}`},
		{"conditions", asked{path: psaPath + "?conditions=identifier%3D%27COMP0009%27", header: psa}, 200, `"id":9,"identifier":"COMP0009"`},
		{"two conditions", asked{path: psaPath + "?conditions=lastUpdated+%3E+%5B2026-01-06T00%3A00%3A00Z%5D+and+id+%3C+122", header: psa}, 200, `[{"_info":{"lastUpdated":"2026-01-06T01:00:00Z"},"id":121,`},
		{"conditions by path", asked{path: psaBase + "/service/tickets?conditions=company%2Fid%20%3D%205", header: psa}, 200, `[{"closedFlag":false,"company":{"id":5},"id":4,`},
		{"conditions that are none", asked{path: psaPath + "?conditions=name%20%3D%20%27a", header: psa}, 400, "InvalidConditions"},
		{"ticket", asked{method: "POST", path: psaBase + "/service/tickets", header: in, body: `{"summary":"s","company":{"id":1}}`}, 201, `"id":7001`},
		{"ticket without company", asked{method: "POST", path: psaBase + "/service/tickets", header: in, body: `{"summary":"s"}`}, 400, "The company field is required."},
		{"patch", asked{method: "PATCH", path: psaBase + "/service/tickets/4", header: in, body: `[{"op":"replace","path":"summary","value":"X"}]`}, 200, `"summary":"X"`},
		{"nested patch", asked{method: "PATCH", path: psaBase + "/service/tickets/4", header: in, body: `[{"op":"replace","path":"company/identifier","value":"X"}]`}, 200, `"summary":"As it was"`},
		{"patch that is none", asked{method: "PATCH", path: psaBase + "/service/tickets/4", header: in, body: `[{"op":"move","path":"a"}]`}, 400, "InvalidOperation"},
		{"put", asked{method: "PUT", path: psaBase + "/company/addressFormats/4", header: in, body: `{"name":"X"}`}, 200, `{"id":4,"name":"X"}`},
		{"delete", asked{method: "DELETE", path: psaBase + "/service/tickets/4", header: psa}, 204, ""},
		{"bulk", asked{method: "POST", path: psaBase + "/company/configurations/bulk", header: in, body: `[{"name":"a"},{}]`}, 207, `"originalIndex":1,"statusCode":400`},
		{"invoice", asked{path: psaBase + "/finance/invoices/3/pdf", header: psa}, 200, "%PDF-1.4"},
		{"picture", asked{path: psaBase + "/system/documents/2/download", header: psa}, 200, "PNG"},
	} {
		resp, body := ask(t, base, tc.asked)
		if resp.StatusCode != tc.status || !strings.Contains(body, tc.want) {
			t.Errorf("%s: %d %.200s, want %d %s", tc.name, resp.StatusCode, body, tc.status, tc.want)
		}
	}
}

// A forward-only walk sees every record once; the Link header is there on the last page too, and empty.
func TestForwardOnlyPagesEndInAnEmptyLink(t *testing.T) {
	t.Parallel()
	base := serve(t)
	header := map[string]string{"Authorization": psa["Authorization"], "clientId": ClientID, "pagination-type": "forward-only"}
	seen, path := 0, psaPath+"?pageSize=50"
	for range 5 {
		resp, body := ask(t, base, asked{path: path, header: header})
		seen += strings.Count(body, `"identifier"`)
		links, there := resp.Header["Link"]
		if !there {
			t.Fatal("a page without a Link header")
		}
		if links[0] == "" {
			break
		}
		address, _, _ := strings.Cut(strings.TrimPrefix(links[0], "<"), ">")
		path = strings.TrimPrefix(address, base)
	}
	if seen != companyCount {
		t.Errorf("%d companies were seen, want %d", seen, companyCount)
	}
}
