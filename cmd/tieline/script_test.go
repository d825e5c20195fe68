package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tieline": main})
}

// TestTheBinary runs every script of testdata/script against the real program: serve starts it in the
// background, api speaks to it with $KEY, stop ends it with SIGTERM and kill with SIGKILL.
func TestTheBinary(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[processKey{}] = &process{}
			env.Setenv("TIELINE_DATA_DIR", filepath.Join(env.WorkDir, "data"))
			env.Setenv("TIELINE_LOG_LEVEL", "error")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve, "stop": stopServing, "kill": killServing, "api": askAPI, "json": wantJSON,
			"key": makeKey, "page": getPage, "missing": wantMissing,
		},
	})
}

type processKey struct{}

// process is the program serving in the background of one script, and the last answer it gave.
type process struct {
	*server
	answer []byte
}

func of(ts *testscript.TestScript) *process { return ts.Value(processKey{}).(*process) }

// serve [flags]: starts the program on a free port and waits until it is ready; sets $URL and $ADDRESS.
// Negated it must refuse to start. Its log is data.log.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	env := []string{"TIELINE_LOG_LEVEL=info"}
	for _, name := range []string{"TIELINE_KEY", "TIELINE_CONFIG", "TIELINE_ADMIN_EMAIL", "TIELINE_ADMIN_PASSWORD"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	s, err := launch(ts.Getenv("TIELINE_DATA_DIR"), env, args...)
	switch {
	case neg && err == nil:
		s.kill()
		ts.Fatalf("it serves at %s", s.url)
	case neg:
		_, _ = fmt.Fprintln(ts.Stderr(), err)
		return
	case err != nil:
		ts.Fatalf("%v", err)
	}
	of(ts).server = s
	ts.Defer(s.kill)
	ts.Setenv("URL", s.url)
	ts.Setenv("ADDRESS", strings.TrimPrefix(s.url, "http://"))
}

// stop ends the program with SIGTERM; it must exit by itself with status 0.
func stopServing(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(of(ts).stop()) }

// kill ends the program with SIGKILL.
func killServing(ts *testscript.TestScript, _ bool, _ []string) { of(ts).kill() }

// key ROLE [flags]: makes an API key with the command line beside the server and puts it into $KEY.
func makeKey(ts *testscript.TestScript, _ bool, args []string) {
	key, err := of(ts).tool(append([]string{"apikey", "create", "--name", "script", "--role"}, args...)...)
	ts.Check(err)
	if strings.ContainsAny(key, " \n") {
		ts.Fatalf("stdout holds more than the key:\n%s", key)
	}
	ts.Setenv("KEY", key)
}

// api STATUS METHOD PATH [FILE]: speaks to the API with $KEY; the answer is printed and kept for json.
func askAPI(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: api STATUS METHOD PATH [FILE]")
	}
	var body string
	if len(args) > 3 {
		body = expand(ts, ts.ReadFile(args[3]))
	}
	ask(ts, args[0], args[1], args[2], ts.Getenv("KEY"), body)
}

// page STATUS PATH: fetches a page without a key.
func getPage(ts *testscript.TestScript, _ bool, args []string) {
	ask(ts, args[0], http.MethodGet, args[1], "", "")
}

func ask(ts *testscript.TestScript, status, method, path, key, body string) {
	p := of(ts)
	a, err := p.ask(method, path, key, []byte(body))
	ts.Check(err)
	p.answer = a.body
	_, _ = fmt.Fprintf(ts.Stdout(), "%d\n%s\n", a.status, a.body)
	if strconv.Itoa(a.status) != status {
		ts.Fatalf("%s %s: status %d, want %s\n%s", method, path, a.status, status, a.body)
	}
}

// json PATH WANT: compares a value of the last answer; PATH is dotted. json PATH -> NAME keeps it in $NAME.
func wantJSON(ts *testscript.TestScript, neg bool, args []string) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(of(ts).answer))
	decoder.UseNumber()
	ts.Check(decoder.Decode(&value))
	got, err := dig(value, args[0])
	if err != nil {
		ts.Fatalf("%s: %v in %s", args[0], err, of(ts).answer)
	}
	if len(args) == 3 && args[1] == "->" {
		ts.Setenv(args[2], got)
		return
	}
	if want := strings.Join(args[1:], " "); (got == want) == neg {
		ts.Fatalf("%s is %q, want %q (negated: %v)\n%s", args[0], got, want, neg, of(ts).answer)
	}
}

func dig(value any, path string) (string, error) {
	for part := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[part]
			if !ok {
				return "", errors.New("nothing at " + part)
			}
			value = next
		case []any:
			n, err := strconv.Atoi(part)
			if err != nil || n >= len(v) {
				return "", errors.New("no item " + part)
			}
			value = v[n]
		default:
			return "", errors.New("nothing below " + part)
		}
	}
	if s, ok := value.(string); ok {
		return s, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// missing TEXT FILE…: none of the files (or files below the folders) holds the text.
func wantMissing(ts *testscript.TestScript, _ bool, args []string) {
	needle := []byte(args[0])
	for _, root := range args[1:] {
		files := 0
		err := filepath.WalkDir(ts.MkAbs(root), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			if bytes.Contains(content, needle) {
				ts.Fatalf("%s holds %q", path, args[0])
			}
			return nil
		})
		ts.Check(err)
		if files == 0 {
			ts.Fatalf("there are no files below %s", root)
		}
	}
}

// expand puts environment variables of the script into a file's text, as ${NAME}; tokens of ours are {{…}}.
func expand(ts *testscript.TestScript, text string) string {
	return os.Expand(text, func(name string) string {
		if value := ts.Getenv(name); value != "" {
			return value
		}
		return "${" + name + "}"
	})
}
