package response

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"tieline/internal/integration"
	"tieline/internal/redact"
	"tieline/internal/run"
)

// FuzzResponseKey: a path that was written is read back, and a key of any kind never panics.
func FuzzResponseKey(f *testing.F) {
	for _, s := range []string{"data.0.id", `a\.b.c`, "success=true", "count>=5", "", ".", `\`, "a..b", "x!y", `a\=b=c`, "=5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if segments := splitPath(key); len(segments) > 0 {
			again := splitPath(joinPath(segments))
			if joinPath(segments) != "" && !reflect.DeepEqual(again, segments) {
				t.Fatalf("%q: %q is read back as %q", key, segments, again)
			}
		}
		k := parseKey(key)
		if k.rule != nil && k.rule.Path != k.path {
			t.Fatalf("%q: rule at %q, path %q", key, k.rule.Path, k.path)
		}
		doc, bad := parseJSON(`{"data":[{"id":1}],"success":true,"a.b":{"c":null}}`)
		if bad != nil {
			t.Fatal(bad.what)
		}
		res := resolve(doc, k.segments)
		if res.node == nil || len(res.done)+len(res.rest) != len(k.segments) {
			t.Fatalf("%q resolves to %+v", key, res)
		}
	})
}

// FuzzRead: no answer makes reading panic, what it says stays short, and it is text.
func FuzzRead(f *testing.F) {
	for _, body := range []string{
		`{"a":[1,2,{"b":null}]}`, "<a><b c='1'>x</b><b/></a>", "id,name\n1,x\n", "a=1;b=2", "\xff\xfe{\x00}\x00", "%PDF-1.4",
		"<html><form action=login>", `{"error":{"code":1}}`, "{'a':1}", "", "null", `"{\"a\":1}"`, "[[[[", "\x1f\x8b", "<?xml version='1.0' encoding='latin1'?><a>\xe9</a>",
	} {
		f.Add(body, "application/json", "json", "a.0.b", "none", 200, true)
		f.Add(body, "text/html; charset=iso-8859-1", "", "a=1", "records", 401, false)
	}
	hide := redact.New([]string{"a-secret-value"})
	f.Fuzz(func(t *testing.T, body, contentType, kind, key, contract string, status int, complete bool) {
		x := run.Exchange{Request: run.Request{Method: "GET", URL: "https://h/p"}, Response: &run.Response{
			Status: status, Body: []byte(body), Size: int64(len(body)), Complete: complete,
			Headers: []run.Header{{Name: "Content-Type", Value: contentType}, {Name: "Retry-After", Value: key}, {Name: "WWW-Authenticate", Value: key}, {Name: "Location", Value: body}},
		}}
		endpoint := integration.Endpoint{Contract: contract, Response: integration.Response{
			Type: kind, Key: key, Items: key, Identifier: key, Delimiter: ";", Outputs: []integration.Output{{Name: "o", Path: key}},
		}}
		got, failure := Read(x, Asked{Endpoint: endpoint, Hide: hide})
		if failure != nil {
			if !failure.Cause.Valid() || failure.Summary == "" || failure.Hint == "" {
				t.Fatalf("incomplete: %+v", failure)
			}
			if n := len(failure.Summary) + len(failure.Evidence) + len(failure.Hint); n > 8000+12*len(key) {
				t.Fatalf("%d bytes of explanation", n)
			}
			if all := failure.Summary + failure.Evidence + failure.Hint; visible(all) != all {
				t.Fatalf("not printable: %+v", failure)
			}
		}
		if got.Result != nil && (!utf8.ValidString(*got.Result) || strings.Contains(*got.Result, "\x00")) {
			t.Fatalf("the result is no text: %q", *got.Result)
		}
		if _, err := Tree([]byte(body), contentType, endpoint.Response); err != nil && !errors.Is(err, ErrNoTree) {
			t.Fatal(err)
		}
	})
}

// FuzzJSON: what encoding/json takes is taken with the same meaning, and nothing else is.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1.5e3,-0,"\u00e9\ud83d\ude00"]}`, `[]`, `{}`, `nul`, `01`, `1.`, `-`, `"\x"`, `{"a":1,}`, ` true `, `"\ud800"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.Count(s, "{")+strings.Count(s, "[") > maxDepth {
			return
		}
		got, bad := parseJSON(s)
		dec := json.NewDecoder(strings.NewReader(s))
		dec.UseNumber()
		var want any
		valid := json.Valid([]byte(s))
		if valid != (bad == nil) {
			t.Fatalf("%q: valid = %v, %+v", s, valid, bad)
		}
		if !valid {
			return
		}
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(s, "\":") && !reflect.DeepEqual(got.value(), want) { // names may come twice
			t.Fatalf("%q: %#v, want %#v", s, got.value(), want)
		}
	})
}
