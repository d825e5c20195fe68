package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is the program serving in a process of its own, with its data in dir.
type server struct {
	cmd   *exec.Cmd
	dir   string
	url   string // http://127.0.0.1:port
	setup string // the one-time link, "" where there is an owner
	env   []string
}

var (
	readyLine = regexp.MustCompile(`Tieline is ready: (\S+)/`)
	setupLine = regexp.MustCompile(`(http://\S+/setup\?token=\S+)`)
)

// launch starts the program and waits until it says that it is ready. The log goes to <dir>.log.
func launch(dir string, env []string, args ...string) (*server, error) {
	path, err := exec.LookPath("tieline")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, env: append(append(os.Environ(), "TIELINE_DATA_DIR="+dir), env...)}
	if !slices.Contains(args, "--allow-outbound") {
		args = append([]string{"--allow-outbound", "127.0.0.0/8"}, args...)
	}
	args = append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)
	s.cmd = exec.CommandContext(context.Background(), path, args...)
	s.cmd.Env = s.env
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.listen(out)
	if s.url == "" {
		err := s.cmd.Wait()
		content, _ := os.ReadFile(s.logFile())
		return s, fmt.Errorf("it did not start (%w):\n%s", err, content)
	}
	return s, nil
}

// listen reads the first lines of stdout, up to the one that ends the greeting.
func (s *server) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
			continue
		}
		if m := setupLine.FindStringSubmatch(lines.Text()); m != nil {
			s.setup = m[1]
		}
		if strings.HasPrefix(lines.Text(), "Press Ctrl-C") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

func (s *server) logFile() string { return s.dir + ".log" }

// stop ends the program with SIGTERM; it must exit by itself with status 0.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(40 * time.Second):
		return errors.New("it did not stop")
	}
}

// kill ends the program with SIGKILL.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// tool runs another command of the program on the same data and gives its stdout.
func (s *server) tool(args ...string) (string, error) {
	path, err := exec.LookPath("tieline")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(context.Background(), path, args...)
	cmd.Env = s.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("tieline %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// answer is what came back for one request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends one request; key is an API key or "".
func (s *server) ask(method, path, key string, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, content}, err
}

// serving starts the program for a test and stops it at its end.
func serving(t *testing.T, args ...string) *server {
	t.Helper()
	s, err := launch(filepath.Join(t.TempDir(), "data"), []string{"TIELINE_LOG_LEVEL=info"}, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// key makes an API key of a role beside the running server.
func (s *server) key(t *testing.T, role string) string {
	t.Helper()
	key, err := s.tool("apikey", "create", "--name", "test", "--role", role)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// must sends one request and fails the test when the status is another.
func (s *server) must(t *testing.T, status int, method, path, key, body string) answer {
	t.Helper()
	a, err := s.ask(method, path, key, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if a.status != status {
		t.Fatalf("%s %s: status %d, want %d\n%s", method, path, a.status, status, a.body)
	}
	return a
}
