// Package layers holds the import rule of the repository as a test: data flows one way, and a package may
// import only packages that stand above it in the list below.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// order lists our packages from the top down; packages on one line may import those of the lines above, and
// of their own line only where they stand further right. A package that is not listed fails the test.
var order = [][]string{
	{"internal/fault", "internal/id", "internal/token", "internal/secret", "internal/sign"},
	{"internal/account", "internal/audit", "internal/integration", "internal/catalogue", "internal/run"},
	{
		"internal/condition", "internal/criteria", "internal/redact", "internal/openapi", "internal/document", "internal/preset",
		"internal/response", "internal/mapping", "internal/request", "internal/imports", "internal/sandbox",
	},
	{"internal/program", "internal/outbound", "internal/pace", "internal/executor"},
	{"db", "db/pgserver", "db/dbtest"},
	{"internal/dispatch", "internal/signin", "internal/control", "internal/worker"},
	{"internal/config", "internal/logging"},
	{"static", "views/href", "views/ui", "views"},
	{"web/api", "web", "web/shots"},
	{"cmd/tieline", "cmd/bench", "cmd/catalogue"},
}

// narrow are packages that may import less of ours than their place allows.
var narrow = map[string][]string{
	"db":               {"internal/fault", "internal/id", "internal/token", "internal/secret", "internal/account", "internal/audit", "internal/integration", "internal/catalogue", "internal/run"},
	"internal/config":  {"internal/fault", "internal/secret"},
	"internal/logging": {"internal/fault", "internal/secret"},
	"internal/sandbox": {},
	"db/pgserver":      {},
	"static":           {},
	"views/href":       {},
	"views/ui":         {"views/href", "static"},
	"views": {
		"internal/fault", "internal/id", "internal/token", "internal/secret", "internal/account", "internal/audit",
		"internal/integration", "internal/catalogue", "internal/run", "views/href", "views/ui", "static",
	},
}

// outside says where a foreign module may be imported; a prefix ends with a slash or is the whole path.
var outside = map[string][]string{
	"github.com/labstack/echo/v4":         {"web", "web/api"},
	"github.com/gorilla/sessions":         {"web"},
	"github.com/a-h/templ":                {"views", "views/ui", "views/href", "web"},
	"database/sql":                        {"db", "db/pgserver", "db/dbtest"},
	"modernc.org/sqlite":                  {"db"},
	"github.com/jackc/pgx/v5":             {"db", "db/pgserver", "db/dbtest"},
	"github.com/pressly/goose/v3":         {"db"},
	"github.com/google/uuid":              {"internal/id"},
	"github.com/alecthomas/kong":          {"internal/config", "cmd/tieline"},
	"github.com/prometheus/client_golang": {"web"},
	"github.com/itchyny/gojq":             {"internal/mapping"},
	"os/exec":                             {"internal/program", "db/pgserver", "web/shots", "cmd/bench"},
}

func rankOf(pkg string) (line, column int) {
	for l, names := range order {
		if c := slices.Index(names, pkg); c >= 0 {
			return l, c
		}
	}
	return -1, -1
}

type file struct {
	path    string
	pkg     string
	imports []string
}

// sources parses every Go file of the repository that is not a test.
func sources(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..")
	var files []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "node_modules" || name == "testdata" || name == "data" || strings.HasPrefix(name, ".") && name != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		f := file{path: path, pkg: filepath.ToSlash(rel)}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, name)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d source files were found", len(files))
	}
	return files
}

func TestAPackageImportsOnlyPackagesAboveIt(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		line, column := rankOf(f.pkg)
		if line < 0 {
			t.Errorf("%s: package %s has no place in the order of layers", f.path, f.pkg)
			continue
		}
		for _, name := range f.imports {
			ours, ok := strings.CutPrefix(name, "tieline/")
			if !ok {
				continue
			}
			toLine, toColumn := rankOf(ours)
			if toLine < 0 || toLine > line || toLine == line && toColumn >= column {
				t.Errorf("%s: %s may not import %s", f.path, f.pkg, ours)
			}
			if only, bound := narrow[f.pkg]; bound && !slices.Contains(only, ours) {
				t.Errorf("%s: %s may import only words and nouns, not %s", f.path, f.pkg, ours)
			}
		}
	}
}

func TestForeignModulesStayInTheirRooms(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		for _, name := range f.imports {
			for module, rooms := range outside {
				if (name == module || strings.HasPrefix(name, module+"/")) && !slices.Contains(rooms, f.pkg) {
					t.Errorf("%s: %s may not import %s", f.path, f.pkg, name)
				}
			}
		}
	}
}

// TestOnlyTheAuthorisationLayerBuildsScopes keeps the makers of an account.Scope where people are recognised.
func TestOnlyTheAuthorisationLayerBuildsScopes(t *testing.T) {
	t.Parallel()
	rooms := []string{"internal/account", "internal/signin", "db", "cmd/tieline", "cmd/bench", "db/dbtest"}
	for _, f := range sources(t) {
		if slices.Contains(rooms, f.pkg) {
			continue
		}
		source, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, maker := range []string{"account.Everything(", "account.Only("} {
			if strings.Contains(string(source), maker) {
				t.Errorf("%s: %s is for the authorisation layer alone", f.path, strings.TrimSuffix(maker, "("))
			}
		}
	}
}
