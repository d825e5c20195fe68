package program

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tieline/internal/mapping"
)

func TestMain(m *testing.M) {
	if IsHelper(os.Args) {
		Serve(os.Stdin, os.Stdout)
	}
	os.Setenv("TIELINE_CANARY", "canary-of-the-environment")
	os.Exit(m.Run())
}

func pool(t *testing.T) *Pool {
	t.Helper()
	p := New(os.Args[0])
	t.Cleanup(p.Close)
	return p
}

func TestAProgramGivesWhatItMakes(t *testing.T) {
	t.Parallel()
	p := pool(t)
	for _, c := range []struct{ source, input, want string }{
		{`{a: .b}`, `{"b":1}`, `{"a":1}`},
		{`.`, `{"n":12345678901234567890,"d":1.10}`, `{"d":1.10,"n":12345678901234567890}`},
		{`.[]`, `[1,2]`, `[1,2]`},
		{`empty`, `{}`, ``},
		{`@sh`, `"a b"`, `"'a b'"`},
		{`"\u0000"`, `{}`, `"\u0000"`},
		{`env | length`, `{}`, `0`},
		{`$ENV.TIELINE_CANARY`, `{}`, `null`},
		{`halt`, `{}`, ``},
	} {
		got, err := p.Run(c.source, []byte(c.input))
		if err != nil || string(got) != c.want {
			t.Errorf("%s of %s = %s, %v; want %s", c.source, c.input, got, err, c.want)
		}
	}
}

// TestAHostileProgramEndsItsHelperAndNothingElse runs programs that want all time and all memory there is: each
// ends within its time, the memory that its process held at its peak is measured, and the pool goes on.
func TestAHostileProgramEndsItsHelperAndNothingElse(t *testing.T) {
	t.Parallel()
	const most = 128<<20 + 16<<20 // what the kernel lets the heap have, and what the test binary holds beside it
	p := pool(t)
	var peak int64
	var mu sync.Mutex
	p.logf = func(n int64) { mu.Lock(); peak = max(peak, n); mu.Unlock() }
	for _, source := range []string{
		`[range(1e9)]`, `def f: f; f`, `"a"*1e9`, `[limit(1e9; repeat(.))]`, `def f: [f]; f`,
		`reduce range(1e9) as $i (""; . + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")`, `[range(1e6)] | [.,.,.,.,.,.,.,.,.] | tojson * 1000`,
		`reduce range(1e7) as $i (.; [.])`, `def f: {a: f}; f`, `[recurse(.)]`, `("(a{0,100}){0,10}b" as $r | ("a" * 1000000) | test($r))`, `getpath([range(1e8)|"a"])`,
		`setpath([range(1e6)|"a"]; 1)`, `setpath([99999999]; 1)`, `reduce range(1e6) as $i (null; {a: .}) | tojson`,
		`[range(3e6)] | implode`, `[range(1e7)|tostring]|add`, `"a" * 500000 | gsub(""; "b") `, `[limit(5e6; repeat("x"))] | group_by(.)`,
		`2 | until(false; . * .)`, `@json "\([range(1e8)])"`,
	} {
		began := time.Now()
		out, err := p.Run(source, []byte(`{"a":"b"}`))
		took := time.Since(began)
		mu.Lock()
		t.Logf("%-60s %7d bytes, %v, %v, peak so far %d MiB", source, len(out), err, took.Round(time.Millisecond), peak>>20)
		mu.Unlock()
		if took > Timeout+time.Second {
			t.Errorf("%s took %v", source, took)
		}
		if err == nil && len(out) > mapping.MaxBytes {
			t.Errorf("%s gave %d bytes", source, len(out))
		}
		if out, err := p.Run(`.a`, []byte(`{"a":1}`)); err != nil || string(out) != "1" {
			t.Fatalf("after %s the pool gives %s, %v", source, out, err)
		}
	}
	if peak == 0 || peak > most {
		t.Errorf("a helper held %d MiB", peak>>20)
	}
}

func TestAProgramHasNoInputsFilesOrModules(t *testing.T) {
	t.Parallel()
	p := pool(t)
	for _, source := range []string{`input`, `[inputs]`, `import "a" as a; .`, `include "/etc/passwd"; .`, `modulemeta`, `get_search_list`, `$__prog_args`} {
		out, err := p.Run(source, []byte(`"a"`))
		if _, ok := errors.AsType[*mapping.ProgramError](err); !ok {
			t.Errorf("%s = %s, %v; want an error of the program", source, out, err)
		}
	}
	out, err := p.Run(`input_filename`, []byte(`{}`))
	if string(out) != "null" && err == nil {
		t.Errorf("input_filename = %s", out)
	}
}

func TestAnErrorOfAProgramKeepsItsHelper(t *testing.T) {
	t.Parallel()
	p := pool(t)
	_, err := p.Run(`.a.b`, []byte(`{"a":"text"}`))
	if e, ok := errors.AsType[*mapping.ProgramError](err); !ok || !strings.Contains(e.Message, "expected an object") {
		t.Fatalf("%v", err)
	}
	if _, err := p.Run(`"x" * 3000000`, []byte(`{}`)); !errors.Is(err, mapping.ErrOutput) {
		t.Fatalf("%v", err)
	}
	if _, err := p.Run(`.`, make([]byte, maxSend+1)); !errors.Is(err, ErrInput) {
		t.Fatalf("%v", err)
	}
}

// BenchmarkAWarmHelper is what a program costs a run.
func BenchmarkAWarmHelper(b *testing.B) {
	p := New(os.Args[0])
	defer p.Close()
	for b.Loop() {
		if _, err := p.Run(`{properties: .}`, []byte(`{"email":"a@b.test","phone":"+15551234567"}`)); err != nil {
			b.Fatal(err)
		}
	}
}
