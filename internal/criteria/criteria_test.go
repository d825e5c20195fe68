package criteria

import (
	"reflect"
	"strings"
	"testing"

	"tieline/internal/fault"
)

func TestConditionsGoBothWays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Row{
		`company/identifier = 'ACME' and lastUpdated > [2026-01-01T00:00:00Z]`: {
			{"", "company/identifier", "=", "text", "ACME"}, {"and", "lastUpdated", ">", "date", "2026-01-01T00:00:00Z"},
		},
		`name = "O'Neil" or id in (1,2,3)`:                      {{"", "name", "=", "text", "O'Neil"}, {"or", "id", "in", "number", "1, 2, 3"}},
		`summary not contains 'x y' and closedFlag = False`:     {{"", "summary", "not contains", "text", "x y"}, {"and", "closedFlag", "=", "bool", "false"}},
		`status/name not in ('New','Done') and owner != null`:   {{"", "status/name", "not in", "text", "New, Done"}, {"and", "owner", "!=", "null", ""}},
		`name like 'A%' and hours >= 1.5`:                       {{"", "name", "like", "text", "A%"}, {"and", "hours", ">=", "number", "1.5"}},
		`lastUpdated > [{{state.last_success_at}}]`:             {{"", "lastUpdated", ">", "date", "{{state.last_success_at}}"}},
		`name = '{{who|default:"a"}} b' and id = {{record.id}}`: {{"", "name", "=", "text", `{{who|default:"a"}} b`}, {"and", "id", "=", "number", "{{record.id}}"}},
		`caption = 'Tom' and value = 10`:                        {{"", "caption", "=", "text", "Tom"}, {"and", "value", "=", "number", "10"}},
		`phone = '${PHONE}'`:                                    {{"", "phone", "=", "text", "${PHONE}"}},
	} {
		rows, ok := Parse(text)
		if !ok || !reflect.DeepEqual(rows, want) {
			t.Errorf("%s\n gives %+v %v\n want  %+v", text, rows, ok, want)
		}
		again, err := Text(want)
		if err != nil || again != text {
			t.Errorf("%+v\n gives %s %v\n want  %s", want, again, err, text)
		}
	}
}

func TestHowPeopleWriteItIsReadToo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`company/identifier='ACME' and lastUpdated > [2026-01-01T00:00:00Z]`: `company/identifier = 'ACME' and lastUpdated > [2026-01-01T00:00:00Z]`,
		`Name LIKE "a%" AND closedFlag=true`:                                 `Name like 'a%' and closedFlag = True`,
		"a=1\n  and b!=2":                                                    `a = 1 and b != 2`,
		`id in ( 1, 2 )`:                                                     `id in (1,2)`,
	} {
		rows, ok := Parse(text)
		if got, err := Text(rows); !ok || err != nil || got != want {
			t.Errorf("%s gives %s (%v, %v)", text, got, ok, err)
		}
	}
}

func TestWhatRowsCannotSayStaysText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`(a = 1 or b = 2) and c = 3`, `not (a = 1)`, `a = 'x`, `a = [2026`, `a`, `a =`, `a = 1 and`, `a = 1 b = 2`, `a ~ 1`, `a in 1`, `a in (1,'x')`, `a in ('x,y')`,
		`a = 'it\'s'`, `a = b`, `a = [soon]`, `a > null`, `'a' = 1`, `a = {{x`,
	} {
		if rows, ok := Parse(text); ok {
			t.Errorf("%s is read as %+v", text, rows)
		}
	}
	if rows, ok := Parse("  "); !ok || len(rows) != 0 {
		t.Error("an empty condition has no rows")
	}
}

func TestRowsThatCannotBeWrittenSayWhere(t *testing.T) {
	t.Parallel()
	for key, row := range map[string]Row{
		"name":  {Field: "a b", Op: "=", Kind: "text"},
		"op":    {Field: "a", Op: "~", Kind: "text"},
		"kind":  {Field: "a", Op: "contains", Kind: "number", Value: "1"},
		"value": {Field: "a", Op: "=", Kind: "number", Value: "1 or id > 0"},
	} {
		_, err := Text([]Row{{Field: "ok", Op: "=", Kind: "number", Value: "1"}, row})
		if fields, _ := fault.FieldsOf(err); fields["conditions.1."+key] == "" {
			t.Errorf("%s: %v", key, fields)
		}
	}
	for _, value := range []string{`a'b"c`, `ends in \`} {
		if text, err := Text([]Row{{Field: "a", Op: "=", Kind: "text", Value: value}}); err == nil {
			t.Errorf("%q is written as %s", value, text)
		}
	}
	for kind, value := range map[string]string{"date": "2026-13-01] or [x", "bool": "maybe", "null": "", "": "x"} {
		if text, err := Text([]Row{{Field: "a", Op: ">", Kind: kind, Value: value}}); err == nil {
			t.Errorf("%s %q is written as %s", kind, value, text)
		}
	}
}

// Whatever is read is written so that it reads the same again.
func FuzzParse(f *testing.F) {
	f.Add(`company/identifier='ACME' and lastUpdated > [2026-01-01T00:00:00Z] or id in (1,2)`)
	f.Add(`a = "{{x|default:\"y\"}}" and b = [{{state.x}}]`)
	f.Fuzz(func(t *testing.T, text string) {
		rows, ok := Parse(text)
		if !ok {
			return
		}
		written, err := Text(rows)
		if err != nil {
			t.Fatalf("%q is read as %+v and cannot be written: %v", text, rows, err)
		}
		again, ok := Parse(written)
		if !ok || len(again) != len(rows) {
			t.Fatalf("%q becomes %q, which reads %+v", text, written, again)
		}
		for i := range rows {
			if strings.TrimSpace(rows[i].Value) != strings.TrimSpace(again[i].Value) || rows[i].Field != again[i].Field {
				t.Fatalf("%q becomes %q: %+v, %+v", text, written, rows[i], again[i])
			}
		}
	})
}
