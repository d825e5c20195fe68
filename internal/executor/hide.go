package executor

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"tieline/internal/outbound"
	"tieline/internal/redact"
	"tieline/internal/request"
	"tieline/internal/run"
)

// hides keeps the redactors of recent sets of secrets: a customer's secrets are the same from call to call,
// and working out all their encodings is the dear part. The zero value is ready.
type hides struct {
	mu    sync.Mutex
	known map[string]*redact.Redactor
}

const hidesKept = 256

// of is the redactor for two lists of secrets.
func (h *hides) of(first, second []string) *redact.Redactor {
	all := slices.Concat(first, second)
	slices.Sort(all)
	all = slices.Compact(all)
	key := strings.Join(all, "\x00")
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := h.known[key]; ok {
		return r
	}
	if h.known == nil || len(h.known) >= hidesKept {
		h.known = make(map[string]*redact.Redactor, hidesKept)
	}
	r := redact.New(all)
	h.known[key] = r
	return r
}

// hiderOf is the redactor for a call. One with secrets that hold for this request alone is not kept: the next call
// has others.
func (c *call) hiderOf(built request.Call) *redact.Redactor {
	if len(built.Made) > 0 {
		return redact.New(slices.Concat(c.secrets, built.Secrets))
	}
	return c.e.hides.of(c.secrets, built.Secrets)
}

// documentBytes is how much is stored of a document that was handed on: enough to know it by. What came after is
// told by its size and SHA-256.
const documentBytes = 16 << 10

// hidden is an exchange as it may be stored: secrets hidden, then bodies cut.
func (c *call) hidden(sent run.Exchange, built request.Call, answer []redact.Span, failure *run.Failure) run.Exchange {
	keep := outbound.KeptBytes
	switch {
	case c.handed:
		keep = documentBytes
	case c.walk != nil:
		keep = max(pageKept, min(keep, walkKept-c.walk.kept))
	}
	x := c.hiding().Exchange(sent, append(moved(built, sent.Request), answer...), keep)
	if c.walk != nil && x.Response != nil {
		c.walk.kept += len(x.Response.Body) + len(x.Request.Body)
	}
	for i := range x.Hops {
		if sent.Hops[i].From == sent.Request.URL {
			x.Hops[i].From = x.Request.URL
		}
	}
	if failure == nil {
		x.Error = ""
	}
	return x
}

// moved finds the spans of a built request again in the request as sent: headers stand in another order there,
// and the URL may have been written in another form.
func moved(built request.Call, sent run.Request) []redact.Span {
	spans := make([]redact.Span, 0, len(built.Spans))
	for _, s := range built.Spans {
		switch s.Where {
		case "header":
			s = movedHeader(s, built.Request.Headers, sent.Headers)
		case "url":
			s = movedURL(s, built.Request.URL, sent.URL)
		}
		if s.To > s.From {
			spans = append(spans, s)
		}
	}
	return spans
}

// movedHeader follows a header to its place on the wire: the same occurrence of the same name.
func movedHeader(s redact.Span, built, sent []run.Header) redact.Span {
	h := built[s.Index]
	nth := 0
	for _, other := range built[:s.Index] {
		if strings.EqualFold(other.Name, h.Name) {
			nth++
		}
	}
	for i, other := range sent {
		if !strings.EqualFold(other.Name, h.Name) {
			continue
		}
		if nth > 0 {
			nth--
			continue
		}
		s.Index = i
		if other.Value != h.Value { // blanks at its ends are not sent
			s.From, s.To = 0, len(other.Value)
		}
		return s
	}
	return redact.Span{}
}

// movedURL follows a span to the URL as sent. Where the URL was rewritten beyond recognition, everything after
// the host is hidden.
func movedURL(s redact.Span, built, sent string) redact.Span {
	if built == sent {
		return s
	}
	shift := len(sent) - len(built)
	if from := s.From + shift; from >= 0 && strings.HasSuffix(sent, built[s.From:]) {
		s.From, s.To = from, s.To+shift
		return s
	}
	s.From, s.To = 0, len(sent)
	if i := strings.Index(sent, "://"); i >= 0 {
		if j := strings.IndexByte(sent[i+3:], '/'); j >= 0 {
			s.From = i + 3 + j
		}
	}
	return s
}

func hiddenTokens(hide *redact.Redactor, uses []run.TokenUse) []run.TokenUse {
	list := slices.Clone(uses)
	for i := range list {
		if !list[i].Masked {
			list[i].Value = hide.Text(list[i].Value)
		}
		list[i].Shadowed = hide.Text(list[i].Shadowed)
	}
	return list
}

func hiddenFailure(hide *redact.Redactor, f *run.Failure) *run.Failure {
	if f == nil {
		return nil
	}
	shown := *f
	shown.Summary, shown.Evidence, shown.Hint = hide.Text(f.Summary), hide.Text(f.Evidence), hide.Text(f.Hint)
	if hide.Text(f.Subject) != f.Subject {
		shown.Subject = "" // a masked address could not be allowed by it anyway
	}
	return &shown
}

// result fills in what the call gave.
func (c *call) result(hide *redact.Redactor) {
	r := &c.run
	if c.reading.Result != nil {
		text := hide.Text(*c.reading.Result)
		r.Result = &text
	}
	notes := append([]string{}, c.reading.Warnings...)
	if c.reading.Note != "" {
		notes = append([]string{c.reading.Note}, notes...)
	}
	r.ResultNote = hide.Text(strings.Join(notes, " "))
	if len(c.reading.Outputs) > 0 {
		r.Outputs, _ = hide.Value(c.reading.Outputs).(map[string]any)
	}
	r.Count = c.reading.Count
	if c.reading.Items != nil {
		r.Items, _ = hide.Value(c.reading.Items).([]any)
	}
}

// asked is what a call was asked with, in the form in which it is stored.
type asked struct {
	Tokens   map[string]any `json:"tokens,omitempty"`
	Input    any            `json:"input,omitempty"`
	HasInput bool           `json:"has_input,omitempty"`
	Record   *askedRecord   `json:"record,omitempty"`
}

type askedRecord struct {
	Type string         `json:"type,omitempty"`
	ID   string         `json:"id,omitempty"`
	Data map[string]any `json:"data,omitempty"`
}

// input is the call as asked, redacted, as JSON.
func (c *call) input() []byte {
	a := asked{HasInput: c.job.HasInput}
	a.Tokens, _ = c.hide.Value(c.job.Tokens).(map[string]any)
	if c.job.HasInput {
		a.Input = c.hide.Value(c.job.Input)
	}
	if rec := c.job.Record; rec.Type != "" || rec.ID != "" || len(rec.Data) > 0 {
		data, _ := c.hide.Value(rec.Data).(map[string]any)
		a.Record = &askedRecord{Type: c.hide.Text(rec.Type), ID: c.hide.Text(rec.ID), Data: data}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(a); err != nil {
		return []byte(`{}`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
