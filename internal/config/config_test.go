package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type cli struct {
	Common
	Serve
}

func parse(t *testing.T, env map[string]string, file string, args ...string) (cli, *kong.Context, error) {
	t.Helper()
	var c cli
	resolver, err := Resolver(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, file)
	if err != nil {
		return c, nil, err
	}
	parser, err := kong.New(&c, kong.Resolvers(resolver))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := parser.Parse(args)
	return c, ctx, err
}

func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFlagWinsOverTheVariableAndTheVariableOverTheFile(t *testing.T) {
	t.Parallel()
	file := write(t, "tieline.conf", "# settings\nlisten = 127.0.0.1:1\ndata-dir = \"/file\"\nlog-level = warn\n", 0o600)
	env := map[string]string{"TIELINE_LISTEN": "127.0.0.1:2", "TIELINE_DATA_DIR": "/env", "TIELINE_ALLOW_OUTBOUND": "127.0.0.0/8,10.0.0.0/8"}
	c, _, err := parse(t, env, file, "--listen", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3" || c.DataDir != "/env" || c.LogLevel != "warn" || len(c.AllowOutbound) != 2 {
		t.Errorf("listen %q, data-dir %q, log-level %q, allow-outbound %v", c.Listen, c.DataDir, c.LogLevel, c.AllowOutbound)
	}
}

func TestALineThatIsNoSettingIsRefusedByName(t *testing.T) {
	t.Parallel()
	_, _, err := parse(t, nil, write(t, "tieline.conf", "lissten = x\n", 0o600))
	if err == nil || !strings.Contains(err.Error(), `"lissten" is not a setting`) {
		t.Errorf("err = %v", err)
	}
	_, _, err = parse(t, nil, write(t, "tieline.conf", "listen\n", 0o600))
	if err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("err = %v", err)
	}
}

func TestSecretsComeFromFilesAndAreMaskedWhenShown(t *testing.T) {
	t.Parallel()
	secret := write(t, "token", "a-metrics-token-of-many-letters\n", 0o600)
	env := map[string]string{
		"TIELINE_METRICS_TOKEN_FILE": secret,
		"TIELINE_DATABASE":           "postgres://tieline:hunter22secret@db.example/tieline",
		"TIELINE_LISTEN_FILE":        secret, // no secret: the file is not read
	}
	c, ctx, err := parse(t, env, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.MetricsToken != "a-metrics-token-of-many-letters" || c.Listen != "127.0.0.1:8080" {
		t.Errorf("metrics-token %q, listen %q", c.MetricsToken, c.Listen)
	}
	var out bytes.Buffer
	if err := Show(&out, ctx.Flags()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter22secret") || strings.Contains(out.String(), "metrics-token-of") {
		t.Errorf("a secret is shown:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "metrics-token = a-me...ters\n") || !strings.Contains(out.String(), "listen = 127.0.0.1:8080\n") {
		t.Errorf("shown:\n%s", out.String())
	}
}

func TestTheKeyIsMadeOnceBesideTheDataFolderAndNeverReplaced(t *testing.T) {
	t.Parallel()
	c := Common{DataDir: filepath.Join(t.TempDir(), "data")}
	if _, err := c.Keyring(true); err == nil || !strings.Contains(err.Error(), "put the key back") {
		t.Errorf("a key was made over ciphertext: %v", err)
	}
	first, err := c.Keyring(false)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Keyring(true)
	if err != nil {
		t.Fatal(err)
	}
	if first.KeyID() != second.KeyID() {
		t.Error("the second start has another key")
	}
	info, err := os.Stat(c.DataDir + ".key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	if err := os.Chmod(c.DataDir+".key", 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Keyring(true); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a readable key file was taken: %v", err)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--base-url", "portal.example"},
		{"--base-url", "https://portal.example/?x=1"},
		{"--admin-email", "owner@acme.test"},
		{"--trusted-proxies", "10.0.0.0"},
		{"--log-level", "loud"},
	} {
		if _, _, err := parse(t, nil, "", args...); err == nil || !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := (Common{Database: "mysql://x"}).DatabaseURL(); err == nil {
		t.Error("mysql:// was taken")
	}
}

func TestTheKeyIsNeverPutIntoTheDataFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for from, named := range map[string]string{dir: ".", filepath.Join(dir, "sub"): ".."} {
		t.Chdir(from)
		got := Common{DataDir: named}.KeyPath()
		if whole, err := filepath.Abs(got); err != nil || whole != want+".key" {
			t.Errorf("the key of %q in %s is %s, %v", named, from, whole, err)
		}
	}
}
