package request_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/request"
	"tieline/internal/run"
	"tieline/internal/secret"
)

const canary = "canary-7f3a9c21-0123456789"

func one(e integration.Endpoint, parameters ...integration.Parameter) integration.Integration {
	e.Name = "e"
	return integration.Integration{Name: "demo", Parameters: parameters, Endpoints: []integration.Endpoint{e}}
}

func compile(t *testing.T, in integration.Integration) *request.Plan {
	t.Helper()
	plan, err := request.Compile(in, "e")
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestAnUnknownEndpointIsNotFound(t *testing.T) {
	t.Parallel()
	if _, err := request.Compile(one(integration.Endpoint{}), "other"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
}

func TestAPlanServesManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	plan := compile(t, one(integration.Endpoint{
		Method: "POST", URL: "/{id}", Path: []integration.Row{{Name: "id", Value: "{{phone_number}}"}},
		Headers: []integration.Row{{Name: "X", Value: "{{phone_number}}"}},
		Body:    integration.Body{Kind: "json", Content: `{"a":"{{phone_number}}"}`},
		Hard:    []integration.HardRow{{In: "body", Name: "h", Value: "{{phone_number}}"}},
	}))
	var wg sync.WaitGroup
	for n := range 50 {
		wg.Go(func() {
			v := fmt.Sprintf("n%d", n)
			call, failure := plan.Build(values{Host: "x.test", Record: map[string]any{"phone_number": v}}.request())
			want := fmt.Sprintf(`{"a":"%s","h":"%s"}`, v, v)
			if failure != nil || call.Request.URL != "https://x.test/"+v || string(call.Request.Body) != want || call.Request.Headers[0].Value != v {
				t.Errorf("%+v, %v", call.Request, failure)
			}
		})
	}
	wg.Wait()
}

func TestARequestLargerThanTheLimitIsRefusedBeforeItIsBuilt(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("\"", 1<<20)
	for kind, content := range map[string]string{
		"json": `{"a":[` + strings.Repeat(`"{{notes}}",`, 5) + `1]}`, // 2 MiB each when escaped
		"raw":  strings.Repeat("{{notes}}\n", 10),
		"xml":  "<r>" + strings.Repeat("{{notes}}", 2) + "</r>", // 5 MiB each
	} {
		plan := compile(t, one(integration.Endpoint{Method: "POST", URL: "/x", Body: integration.Body{Kind: kind, Content: content}}))
		_, failure := plan.Build(values{Host: "x.test", Record: map[string]any{"notes": big}}.request())
		if failure == nil || failure.Cause != run.TooLarge {
			t.Errorf("%s: %+v", kind, failure)
		}
		if _, failure := plan.Build(values{Host: "x.test", Record: map[string]any{"notes": big[:1<<19]}}.request()); failure != nil {
			t.Errorf("%s: half of it is refused: %+v", kind, failure)
		}
	}
}

func TestEverySecretAndItsFormsAreHandedOverForHiding(t *testing.T) {
	t.Parallel()
	plan := compile(t, one(integration.Endpoint{
		URL: "/x?m={{field.key|md5}}&p={{var.PIN}}", Params: []string{"pw"},
		Headers: []integration.Row{{Name: "X-H", Value: `{{phone_number|hmac_sha256:"field.hk"}}`}},
	}, integration.Parameter{Name: "key"}, integration.Parameter{Name: "hk"},
		integration.Parameter{Name: "pw", Transform: "base64", Prefix: "Pre ", Secret: true}))
	call, failure := plan.Build(values{
		Host: "x.test", Record: map[string]any{"phone_number": "555"},
		Secrets: map[string]string{"field.key": canary, "field.hk": "hk-secret", "field.pw": "pw-secret", "auth.password": "auth-secret"},
		Secreta: map[string]string{"PIN": "pin!"}, Auth: integration.Auth{Kind: "basic", Settings: map[string]string{"username": "bob"}},
	}.request())
	if failure != nil {
		t.Fatal(failure)
	}
	pw := base64.StdEncoding.EncodeToString([]byte("pw-secret"))
	for _, want := range []string{
		canary, "hk-secret", "pw-secret", pw, "Pre " + pw, "pin!", "auth-secret", "bob:auth-secret",
		base64.StdEncoding.EncodeToString([]byte("bob:auth-secret")), call.Request.Headers[0].Value,
	} {
		if !slices.Contains(call.Secrets, want) {
			t.Errorf("%q is not among %q", want, call.Secrets)
		}
	}
	for _, use := range call.Trace {
		if strings.Contains(use.Value, "secret") || strings.Contains(use.Value, canary) || strings.Contains(use.Value, "pin!") {
			t.Errorf("the trace shows %+v", use)
		}
	}
}

func TestSpansCoverEverySecretEvenShortOnes(t *testing.T) {
	t.Parallel()
	const pin = "7q"
	plan := compile(t, one(integration.Endpoint{
		Method: "POST", URL: "/{p}?q={{field.pin}}", Path: []integration.Row{{Name: "p", Value: "a{{field.pin}}"}},
		Query:   []integration.Row{{Name: "r", Value: "{{hard.h}}"}},
		Headers: []integration.Row{{Name: "X", Value: "  {{field.pin}}.{{field.pin}} "}},
		Hard:    []integration.HardRow{{Name: "h", Value: "{{field.pin}}"}, {In: "body", Name: "z", Value: "{{field.pin}}"}},
		Body:    integration.Body{Kind: "json", Content: `{"z":"{{field.pin}}", "a" : "{{field.pin}}"}`},
	}, integration.Parameter{Name: "pin", Secret: true}))
	call, failure := plan.Build(values{Host: "x.test", Secrets: map[string]string{"field.pin": pin}}.request())
	if failure != nil {
		t.Fatal(failure)
	}
	places := map[string]int{}
	hide := func(where string, index int, s string) string {
		b := []byte(s)
		for _, span := range call.Spans {
			if span.Where == where && span.Index == index {
				places[where]++
				for i := span.From; i < span.To; i++ {
					b[i] = '*'
				}
			}
		}
		return string(b)
	}
	shown := hide("url", 0, call.Request.URL) + hide("header", 0, call.Request.Headers[0].Value) + hide("body", 0, string(call.Request.Body))
	if strings.Contains(shown, pin) || !reflect.DeepEqual(places, map[string]int{"url": 3, "header": 2, "body": 2}) {
		t.Errorf("%s, %v of %+v", shown, places, call.Spans)
	}
	if !strings.Contains(string(call.Request.Body), `"z":"7q"`) || strings.Count(string(call.Request.Body), `"z"`) != 1 {
		t.Errorf("body %s", call.Request.Body)
	}
}

func TestASecretGoesToTheIntegratorsHostsAlone(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]run.Cause{
		"https://x.test/a":             "",
		"https://X.TEST:443/a":         "",
		"https://x.test:8443/a":        run.SecretHost,
		"https://x.test.evil.test/a":   run.SecretHost,
		"https://evil.test/x.test":     run.SecretHost,
		"https://evil.test?x.test":     run.SecretHost,
		"${OTHER}/a":                   run.SecretHost,
		"https://{{field.sub}}.test/a": "",
	} {
		plan := compile(t, one(integration.Endpoint{URL: url, Headers: []integration.Row{{Name: "K", Value: "{{field.key}}"}}},
			integration.Parameter{Name: "key"}, integration.Parameter{Name: "sub"}))
		_, failure := plan.Build(values{
			Host: "x.test", Secrets: map[string]string{"field.key": canary}, Fields: map[string]string{"sub": "x"},
			Variables: map[string]string{"OTHER": "https://evil.test"},
		}.request())
		if refusal(failure) != want {
			t.Errorf("%s: %+v, want %q", url, failure, want)
		}
		if failure != nil && strings.Contains(fmt.Sprint(*failure), canary) {
			t.Errorf("%s: the failure shows the secret", url)
		}
	}
}

func TestHostsAreTakenAsTheyAreOrRefused(t *testing.T) {
	t.Parallel()
	for host, ok := range map[string]bool{
		"x.test": true, "x.test:8443": true, "127.0.0.1:9": true, "[::1]:80": true, "xn--bcher-kva.test": true,
		"x.test/": false, "u@x.test": false, "x.test:": false, "x.test:80a": false, "x test": false, "bücher.test": false, "a\\b": false,
		"x.test?": false, "x.test#": false, "::1": false, "x.test%2e": false, "https://x.test": false, "x.test\r\n": false,
	} {
		for _, url := range []string{"https://{{host}}/a", "/a"} {
			_, failure := compile(t, one(integration.Endpoint{URL: url})).Build(values{Host: host}.request())
			if (failure == nil) != ok {
				t.Errorf("%s with %q: %+v", url, host, failure)
			}
		}
	}
}

func TestAPreviewGoesOnAfterEveryProblemAndBuildsNothingToSend(t *testing.T) {
	t.Parallel()
	for _, e := range []integration.Endpoint{
		{},
		{URL: "h"},
		{URL: "https:/"},
		{URL: "https://"},
		{URL: "{{"},
		{URL: "/{{a"},
		{URL: "/{"},
		{URL: "${"},
		{URL: "/x", Method: "POST", Body: integration.Body{Kind: "json", Content: `{"a`}},
		{URL: "/x", Method: "POST", Body: integration.Body{Kind: "xml", Content: `<a b="{{x`}},
		{URL: "/x", Headers: []integration.Row{{}, {Name: "A"}, {Value: "b"}, {Name: "Ä", Value: "{{x}}"}}},
	} {
		call, problems := compile(t, one(e)).Preview(values{Host: "x.test"}.request())
		if call.Request.Method != http.MethodGet && call.Request.Method != http.MethodPost {
			t.Errorf("%+v: method %q", e, call.Request.Method)
		}
		for _, p := range problems {
			if !strings.HasPrefix(p.Field, "endpoints.0.") || p.Message == "" || p.Cause == "" {
				t.Errorf("%+v: problem %+v", e, p)
			}
		}
	}
}

func TestCheckWarnsAtTheFieldAndRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	in := integration.Integration{Name: "demo", Parameters: []integration.Parameter{{Name: "ApiKey"}}, Endpoints: []integration.Endpoint{
		{Name: "a", URL: "/x"},
		{
			Name: "b", URL: "/{{field.apikey}}/{id}", Params: []string{"apiKey"},
			Headers: []integration.Row{{Name: "A", Value: "{{hard.tga}}{{steps.aa.x}}"}, {Name: "{{x}}", Value: "1"}},
			Hard:    []integration.HardRow{{Name: "tag", Value: "{{hard.tag}}"}},
			Query:   []integration.Row{{Name: "q{{x}}", Value: "{{phonenumber}}{{ctx.anything}}${ANY}{{custom.own}}"}},
		},
	}}
	want := map[string]bool{
		"endpoints.1.url unknown_token {{field.ApiKey}}":              false,
		"endpoints.1.params.0 unknown_token ApiKey":                   false,
		"endpoints.1.headers.0.value unknown_token {{hard.tag}}":      false,
		"endpoints.1.headers.0.value unknown_token {{steps.a}}":       false,
		"endpoints.1.headers.1.name header_value header name":         true,
		"endpoints.1.hard.0.value token_position {{hard.tag}}":        true,
		"endpoints.1.query.0.name token_position cannot hold a token": true,
		"endpoints.1.query.0.value unknown_token {{phone_number}}":    false,
		"endpoints.1.query.0.value unknown_token {{custom.own}}":      false,
	}
	problems := request.Check(in)
	for line, refused := range want {
		parts := strings.SplitN(line, " ", 3)
		if !slices.ContainsFunc(problems, func(p run.Problem) bool {
			return p.Field == parts[0] && string(p.Cause) == parts[1] && strings.Contains(p.Message, parts[2]) && request.Refuse(p) == refused
		}) {
			t.Errorf("%s (refused %t) is not among\n%+v", line, refused, problems)
		}
	}
	if len(problems) != len(want) {
		t.Errorf("%d problems, want %d:\n%+v", len(problems), len(want), problems)
	}
}

func TestVariablesThatDoNotExistAreWarnedOf(t *testing.T) {
	t.Parallel()
	in := one(integration.Endpoint{URL: "${CW_BSE}/x", Headers: []integration.Row{{Name: "A", Value: `${OK}{{x|hmac_sha256:"var.KEY"}}`}}})
	got := request.CheckVariables(in, map[string]string{"CW_BASE": "", "OK": "Acme and Globex"})
	want := []string{
		"endpoints.0.url {{var.CW_BASE}}",
		"endpoints.0.headers.0.value The variable OK does not exist for Acme and Globex.",
		"endpoints.0.headers.0.value There is no variable KEY yet.",
	}
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d: %+v", len(got), len(want), got)
	}
	for i, line := range want {
		field, message, _ := strings.Cut(line, " ")
		if got[i].Field != field || !strings.Contains(got[i].Message, message) || got[i].Cause != run.UnknownToken || request.Refuse(got[i]) {
			t.Errorf("problem %d = %+v, want %s", i, got[i], line)
		}
	}
}

func TestTheTokenOfAnAuthEndpointStandsInForTheOwnCredentials(t *testing.T) {
	t.Parallel()
	d := values{Host: "x.test", Auth: integration.Auth{Kind: "bearer"}}.request()
	d.AuthToken = request.Token{Bare: secret.NewText("t1-" + canary), Prefix: "Bearer "}
	d.Secrets["auth.token"] = secret.NewText("other")
	call, failure := compile(t, one(integration.Endpoint{URL: "/x", Headers: []integration.Row{{Name: "A", Source: "auth", Value: "token"}}})).Build(d)
	if failure != nil || len(call.Request.Headers) != 1 || call.Request.Headers[0].Value != "Bearer t1-"+canary {
		t.Errorf("%+v, %v", call.Request, failure)
	}
}

func TestAMultipartRowKeepsItsTypeAndGetsTheBoundary(t *testing.T) {
	t.Parallel()
	call, failure := compile(t, one(integration.Endpoint{
		Method: "POST", URL: "/x", Headers: []integration.Row{{Name: "content-type", Value: "multipart/related"}},
		Body: integration.Body{Kind: "multipart", Rows: []integration.BodyRow{{Name: "a", Value: "1"}}},
	})).Build(values{Host: "x.test"}.request())
	if failure != nil || len(call.Request.Headers) != 1 || !strings.HasPrefix(call.Request.Headers[0].Value, "multipart/related; boundary=tieline-") {
		t.Errorf("%+v, %v", call.Request.Headers, failure)
	}
}
