package imports

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tieline/internal/catalogue"
	"tieline/internal/fault"
)

// recording is a HAR 1.2 file, as far as calls can be made of it.
type recording struct {
	Log struct {
		Entries []entry `json:"entries"`
	} `json:"log"`
}

type entry struct {
	Kind    string `json:"_resourceType"`
	Request struct {
		Method   string      `json:"method"`
		URL      string      `json:"url"`
		Headers  []nameValue `json:"headers"`
		PostData *struct {
			MimeType string      `json:"mimeType"`
			Text     string      `json:"text"`
			Params   []nameValue `json:"params"`
		} `json:"postData"`
	} `json:"request"`
	Response struct {
		Content struct {
			MimeType string `json:"mimeType"`
		} `json:"content"`
	} `json:"response"`
}

type nameValue struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	FileName    string `json:"fileName"`
	ContentType string `json:"contentType"`
}

// har reads a recording of a browser: every call once, grouped by host. Pages, pictures, styles and scripts are
// left out.
func har(data []byte) (catalogue.Catalogue, error) {
	c := catalogue.Catalogue{Format: catalogue.HAR, Title: "Recording"}
	var r recording
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &r); err != nil {
		return c, fault.New(fault.Invalid, "This is not a HAR recording: "+problem(err))
	}
	if len(r.Log.Entries) > catalogue.MaxOperations {
		return c, fault.New(fault.Invalid, fmt.Sprintf("The recording has %d calls; at most %d are read.", len(r.Log.Entries), catalogue.MaxOperations))
	}
	b := newBuilder(&c, mainHost(r.Log.Entries))
	if b.main != "" {
		c.Servers = append(c.Servers, b.main)
		_, c.Title, _ = strings.Cut(b.main, "://")
	}
	seen, left := map[string]bool{}, 0
	for i, e := range r.Log.Entries {
		server, path, _ := split(e.Request.URL)
		key := e.Request.Method + " " + server + path
		switch {
		case still(e):
			left++
			continue
		case seen[key]:
			continue
		}
		seen[key] = true
		s := e.sample(fmt.Sprintf("entry %d", i+1))
		_, s.group, _ = strings.Cut(server, "://")
		b.add(s)
	}
	if left > 0 {
		c.Note("", fmt.Sprintf("%d pages, pictures, styles, scripts and the like were left out.", left))
	}
	if len(c.Operations) == 0 {
		return c, fault.New(fault.Invalid, "The recording holds no call that could become an endpoint.")
	}
	return c, nil
}

// problem is a JSON error for people.
func problem(err error) string {
	text := strings.TrimPrefix(err.Error(), "json: ")
	return strings.TrimSuffix(catalogue.Line(text, 200), ".") + "."
}

// mainHost is the server that most calls went to.
func mainHost(entries []entry) string {
	counts := map[string]int{}
	best := ""
	for _, e := range entries {
		if still(e) {
			continue
		}
		server, _, _ := split(e.Request.URL)
		if counts[server]++; best == "" || counts[server] > counts[best] {
			best = server
		}
	}
	return best
}

// still tells whether an entry is a part of a page and no call.
func still(e entry) bool {
	if !strings.HasPrefix(e.Request.URL, "http") || e.Request.Method == http.MethodOptions || e.Request.Method == http.MethodConnect {
		return true
	}
	if slices.Contains([]string{"document", "stylesheet", "image", "media", "font", "script", "websocket", "manifest", "ping", "preflight"}, e.Kind) {
		return true
	}
	if e.Kind == "xhr" || e.Kind == "fetch" {
		return false
	}
	media := strings.ToLower(e.Response.Content.MimeType)
	for _, part := range []string{"text/html", "text/css", "javascript", "font"} {
		if strings.Contains(media, part) && e.Request.Method == http.MethodGet {
			return true
		}
	}
	return e.Request.Method == http.MethodGet && (strings.HasPrefix(media, "image/") || strings.HasPrefix(media, "video/") || strings.HasPrefix(media, "audio/"))
}

func (e entry) sample(place string) sample {
	s := sample{method: e.Request.Method, address: e.Request.URL, place: place, answer: strings.ToLower(e.Response.Content.MimeType)}
	for _, h := range e.Request.Headers {
		s.headers = append(s.headers, field{name: h.Name, value: h.Value})
	}
	post := e.Request.PostData
	switch {
	case post == nil:
	case strings.Contains(post.MimeType, "multipart"):
		s.kind = "multipart"
	case strings.Contains(post.MimeType, "urlencoded") && len(post.Params) > 0:
		s.kind = "form"
	default:
		s.body = post.Text
	}
	if s.kind == "" {
		return s
	}
	for _, p := range post.Params {
		name, value := plain(p.Name), p.Value
		if s.kind == "form" {
			value = plain(value)
		}
		s.fields = append(s.fields, field{name: name, value: value, file: p.FileName, media: p.ContentType})
	}
	return s
}
