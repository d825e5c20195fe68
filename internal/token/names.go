package token

import (
	"slices"
	"strings"
)

// Namespace is the part of a name before its first dot, or Event for bare names.
type Namespace string

// The namespaces, a closed list. Event, Now, Host and Input may stand alone; the others need a name below.
const (
	Event  Namespace = "event"
	Field  Namespace = "field"
	Var    Namespace = "var"
	Auth   Namespace = "auth"
	Hard   Namespace = "hard"
	Input  Namespace = "input"
	Ctx    Namespace = "ctx"
	State  Namespace = "state"
	Steps  Namespace = "steps"
	Run    Namespace = "run"
	Now    Namespace = "now"
	Host   Namespace = "host"
	Option Namespace = "option"
)

// newToken resolves a written name to namespace and path. The message is empty when the name is fine.
func newToken(name string) (*Token, string) {
	segments := strings.Split(name, ".")
	if slices.Contains(segments, "") {
		return nil, "The name " + name + " has an empty part between its dots."
	}
	head, rest := Namespace(segments[0]), segments[1:]
	t := &Token{Name: name, Namespace: Event, Path: segments}
	switch head {
	case Now, Host:
		if len(rest) > 0 {
			return nil, "{{" + segments[0] + "}} has nothing below it. Write {{event." + name + "}} for a value of the event."
		}
		t.Namespace, t.Path = head, nil
	case Event:
		t.Path = rest
		if len(rest) > 0 {
			t.Name = strings.Join(rest, ".")
			if shadowsNamespace(rest) {
				t.Name = name
			}
		}
	case Input:
		t.Namespace, t.Path = head, rest
	case Field, Var, Auth, Hard, Ctx, State, Steps, Run, Option:
		// Alone they are bare names: a lead has a field that is called "state".
		if len(rest) > 0 {
			t.Namespace, t.Path = head, rest
		}
	}
	return t, ""
}

// shadowsNamespace tells whether a path of the event would mean something else without "event.".
func shadowsNamespace(path []string) bool {
	ns := Namespace(path[0])
	switch ns {
	case Now, Host, Input, Event:
		return true
	case Field, Var, Auth, Hard, Ctx, State, Steps, Run, Option:
		return len(path) > 1
	}
	return false
}

// AuthNames are the names below auth.: the token, and what a signature of the same request covers.
func AuthNames() []string { return []string{"token", "timestamp", "nonce"} }

// check says what is wrong with a whole token, or gives "".
func (t *Token) check() string {
	switch t.Namespace {
	case Auth:
		if !slices.Contains(AuthNames(), strings.TrimPrefix(t.Name, "auth.")) {
			return "{{" + t.Name + "}} does not exist. There are {{auth.token}}, and for signatures {{auth.timestamp}} and {{auth.nonce}}."
		}
	case Run:
		if t.Name != "run.id" {
			return "{{" + t.Name + "}} does not exist. The only name there is {{run.id}}."
		}
	case Event, Field, Var, Hard, Input, Ctx, State, Steps, Now, Host, Option:
	}
	if t.Raw() && t.Namespace != Field && t.Namespace != Var && t.Namespace != Hard {
		return "The filter raw is allowed for field., var. and hard. only, not for {{" + t.Name + "}}: its value comes from outside."
	}
	return ""
}

// Walk follows a path through objects and lists. A key that holds dots itself is found when it is the rest of
// the path.
func Walk(root any, path []string) (any, bool) {
	if len(path) == 0 {
		return root, true
	}
	switch node := root.(type) {
	case map[string]any:
		if next, ok := node[path[0]]; ok {
			if v, ok := next.(Value); ok {
				next = v.Data
			}
			if found, ok := Walk(next, path[1:]); ok {
				return found, true
			}
		}
		if len(path) > 1 {
			if found, ok := node[strings.Join(path, ".")]; ok {
				return found, true
			}
		}
	case []any:
		i, ok := index(path[0])
		if ok && i < len(node) {
			return Walk(node[i], path[1:])
		}
	}
	return nil, false
}

func index(s string) (int, bool) {
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
