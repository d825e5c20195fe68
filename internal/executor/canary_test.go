package executor

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/integration"
	"tieline/internal/outbound"
	"tieline/internal/run"
)

// The canaries hold characters that every encoding writes in its own way.
var canaries = map[string]string{
	"field.Key":     `cnry-"key"<&>/é+ 71f3`,
	"auth.password": "cnry:pass/word?&=22b9",
	"var":           "cnry_variable_5e0d44",
	"authToken":     "cnry-one-time-token-9a1",
}

// forms are all the ways in which a vendor may give a value back.
func forms(v string) []string {
	j, _ := json.Marshal(v)
	var x strings.Builder
	_ = xml.EscapeText(&x, []byte(v))
	lower := hex.EncodeToString([]byte(v))
	list := []string{
		v, strings.Trim(string(j), `"`), x.String(), html.EscapeString(v), url.QueryEscape(v), url.PathEscape(v), strings.ToLower(url.QueryEscape(v)),
		strings.ReplaceAll(url.QueryEscape(v), "+", "%20"), lower, strings.ToUpper(lower),
	}
	for _, pad := range []string{"", "a", "ab", "user:"} {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
			list = append(list, encoding.EncodeToString([]byte(pad+v)), encoding.EncodeToString([]byte(pad+v+"tail")))
		}
	}
	return list
}

// cores are what may not be in a record: each form, and of base64 the part that does not hang on its neighbours.
func cores(v string) []string {
	list := forms(v)[:10]
	for shift := range 3 {
		whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + v))
		core := whole[4 : len(whole)-4]
		list = append(list, core, strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	return list
}

func canaryJob(t *testing.T, b *bench, host string, e integration.Endpoint) Job {
	t.Helper()
	j := b.job(t, host, e, integration.Parameter{Name: "Key", Secret: true})
	j.Integrator.Auth = integration.Auth{Kind: "basic", Settings: map[string]string{"username": "api"}}
	b.seal(t, &j, "field.Key", canaries["field.Key"])
	b.seal(t, &j, "auth.password", canaries["auth.password"])
	b.variable(t, &j, account.Variable{Name: "SECRET"}, canaries["var"])
	j.Tokens = map[string]any{"authToken": canaries["authToken"], "note": "seen " + canaries["var"]}
	j.Input, j.HasInput = map[string]any{"copy": canaries["auth.password"]}, true
	j.Record = Record{Type: "lead " + canaries["var"], ID: canaries["var"], Data: map[string]any{"x": canaries["field.Key"]}}
	j.Run.Key, j.Run.CorrelationID, j.Run.RecordType = canaries["var"], "call "+canaries["var"], j.Record.Type
	return j
}

func TestNoFormOfASecretIsInAnyRecordedRun(t *testing.T) {
	t.Parallel()
	post := integration.Endpoint{
		Method: "POST", URL: "/a/{{field.Key}}?q={{field.Key|base64}}&v=${SECRET}",
		Headers: []integration.Row{{Name: "X-Key", Value: "${SECRET}"}, {Name: "X-Hash", Value: "{{field.Key|sha256}}"}},
		Body:    integration.Body{Kind: "json", Content: `{"k":"{{field.Key}}","t":"{{authToken}}","n":"{{note}}"}`},
	}
	form := integration.Endpoint{Method: "POST", URL: "/", Body: integration.Body{Kind: "form", Rows: []integration.BodyRow{{Name: "k", Value: "{{field.Key}}"}, {Name: "t", Value: "{{authToken}}"}}}}
	xmlBody := integration.Endpoint{Method: "POST", URL: "/", Body: integration.Body{Kind: "xml", Content: `<a b="{{field.Key}}">{{field.Key}}{{authToken}}</a>`}}
	unknown := post
	unknown.Headers = append([]integration.Row{{Name: "X-U", Value: "{{nothing}}"}}, post.Headers...)
	followed := post
	followed.Policy = &integration.Policy{FollowRedirects: true}
	slow := post
	slow.Policy = &integration.Policy{TimeoutS: 1}
	all := func() string {
		var b strings.Builder
		for _, v := range canaries {
			for _, f := range forms(v) {
				b.WriteString(f + "\n")
			}
		}
		return b.String()
	}()
	echoHeaders := func(w http.ResponseWriter, r *http.Request) {
		n := 0
		for _, v := range canaries {
			for _, f := range forms(v) {
				if !strings.ContainsAny(f, "\n") {
					w.Header().Set(fmt.Sprintf("X-Echo-%d", n), "before "+f+" after")
					n++
				}
			}
		}
		w.Header().Set("X-Authorization-Seen", r.Header.Get("Authorization"))
	}
	vendors := map[string]http.HandlerFunc{
		"text": func(w http.ResponseWriter, r *http.Request) {
			echoHeaders(w, r)
			_, _ = io.WriteString(w, all)
		},
		"json": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"id": canaries["var"], "all": all, "body": string(body), "headers": r.Header, "url": r.URL.String()})
		},
		"error": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer error_description="the key `+canaries["var"]+` is not known"`)
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]any{"message": "the key " + canaries["var"] + " " + canaries["field.Key"] + " at " + r.URL.String()})
		},
		"straddling the cut": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", outbound.KeptBytes-9)+canaries["var"]+" and more")
		},
		"broken json": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"a": "`+canaries["var"]+`", b: `+canaries["var"]+`}`)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/end" {
				_, _ = io.WriteString(w, all)
				return
			}
			http.Redirect(w, r, "/end?key="+url.QueryEscape(canaries["field.Key"])+"&v="+canaries["var"], http.StatusTemporaryRedirect)
		},
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"hang":  hang,
	}
	for vendorName, handler := range vendors {
		for endpointName, e := range map[string]integration.Endpoint{"json": post, "form": form, "xml": xmlBody, "unknown token": unknown, "followed": followed, "slow": slow} {
			if vendorName == "hang" && endpointName != "slow" {
				continue
			}
			for _, key := range []string{"", "id", "missing.path"} {
				t.Run(vendorName+"/"+endpointName+"/"+key, func(t *testing.T) {
					t.Parallel()
					b := newBench(t, outbound.Options{})
					host, _ := vendor(t, handler)
					e := e // each key changes its own
					e.Response = integration.Response{Key: key, Outputs: []integration.Output{{Name: "o", Path: "all"}, {Name: canaries["var"], Path: "id"}}}
					if key == "" {
						e.Response = integration.Response{}
					}
					returned := b.run(t, canaryJob(t, b, host, e))
					kept := []run.Run{returned, b.recorder.only(t)}
					kept = append(kept, b.recorder.started...)
					for _, r := range kept {
						search(t, everything(t, r)+b.log.String())
					}
				})
			}
		}
	}
}

// search fails for every form of a canary in what was kept, as it is and after the escapes that JSON puts around it.
func search(t *testing.T, kept string) {
	t.Helper()
	for name, v := range canaries {
		for _, f := range cores(v) {
			escaped, _ := json.Marshal(f)
			for _, shape := range []string{f, strings.Trim(string(escaped), `"`)} {
				if i := strings.Index(kept, shape); i >= 0 {
					t.Errorf("%s in the form %q is in …%s…", name, f, kept[max(0, i-60):min(len(kept), i+len(shape)+40)])
					return
				}
			}
		}
	}
}

func TestAShortSecretIsHiddenWhereItStands(t *testing.T) {
	t.Parallel()
	b := newBench(t, outbound.Options{})
	host, _ := vendor(t, func(http.ResponseWriter, *http.Request) {})
	j := b.job(t, host, integration.Endpoint{
		Method: "POST", URL: "/p/{{field.Pin}}?z={{field.Pin}}&é=1", Headers: []integration.Row{{Name: "Z-Last", Value: "{{field.Pin}}"}, {Name: "A-First", Value: "{{field.Pin}}"}, {Name: "A-First", Value: "plain"}},
		Body: integration.Body{Kind: "json", Content: `{"p":"{{field.Pin}}"}`},
	}, integration.Parameter{Name: "Pin", Secret: true})
	b.seal(t, &j, "field.Pin", "zq7")
	got := b.run(t, j)
	if all := everything(t, got); strings.Contains(all, "zq7") {
		t.Errorf("the secret is in %s", all)
	}
	x := got.Attempts[0].Exchanges[0].Request
	if !strings.Contains(fmt.Sprint(x.Headers), "{A-First plain}") || !strings.HasPrefix(x.URL, "http://"+host+"/p/") {
		t.Errorf("too much is hidden: %s %v", x.URL, x.Headers)
	}
}
