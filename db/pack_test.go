package db_test

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/id"
	"tieline/internal/run"
)

// fill gives every field below v a value of its own, so that one that is not stored is noticed.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = time.Date(2026, 3, 1, 12, 0, *n, 0, time.UTC)
		return
	case *map[string]any:
		*at = map[string]any{"k" + strconv.Itoa(*n): "v"}
		return
	case *[]any: // the items of a run stand in the answer that is stored
		return
	}
	switch k := v.Kind(); {
	case k == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" { // else it is not for storing
				fill(t, v.Field(i), n)
			}
		}
	case k == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case k == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), n)
		}
	case k == reflect.String:
		v.SetString("text " + strconv.Itoa(*n))
	case k == reflect.Bool:
		v.SetBool(true)
	case v.CanUint():
		v.SetUint(uint64(*n % 256))
	case v.CanInt():
		v.SetInt(int64(*n))
	default:
		t.Fatalf("a run has a field of the kind %s now: say here how it is filled, and in shape.go how it is stored", v.Type())
	}
}

func TestEveryFieldOfARunIsStored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var r run.Run
		n := 0
		fill(t, reflect.ValueOf(&r).Elem(), &n)
		r.ID, r.Status = id.New(), run.Failed
		dbtest.Run(t, d, r)
		back := must[run.Run](t)(d.Run(t.Context(), everything, r.ID))
		if !reflect.DeepEqual(back, r) {
			t.Errorf("stored\n%+v\nwant\n%+v", back, r)
		}
	})
}
