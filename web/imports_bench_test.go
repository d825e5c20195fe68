package web_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// vendorOf makes an OpenAPI document of so many operations, as large as real ones of that many: every path has the
// five usual operations, every schema thirty properties and refers to others.
func vendorOf(operations int) []byte {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.1","info":{"title":"Large vendor","version":"1"},"servers":[{"url":"https://large.example.com/v4/apis"}],"components":{"securitySchemes":{"basic":{"type":"http","scheme":"basic"}},"schemas":{`)
	things := operations / 5
	for i := range things {
		fmt.Fprintf(&b, `"Thing%d":{"type":"object","required":["name"],"properties":{"id":{"type":"integer","readOnly":true},"name":{"type":"string","maxLength":50}`, i)
		for p := range 26 {
			fmt.Fprintf(&b, `,"property%d":{"type":"string","nullable":true,"description":"What property %d of thing %d is for, as vendors write it."}`, p, p, i)
		}
		fmt.Fprintf(&b, `,"parent":{"$ref":"#/components/schemas/Thing%d"},"next":{"$ref":"#/components/schemas/Thing%d"}}},`, i/2, (i+1)%things)
	}
	b.WriteString(`"End":{"type":"object"}}},"paths":{`)
	query := `{"name":"conditions","in":"query","schema":{"type":"string"}},{"name":"page","in":"query","schema":{"type":"integer"}},{"name":"pageSize","in":"query","schema":{"type":"integer"}},{"name":"fields","in":"query","schema":{"type":"string"}}`
	id := `{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}`
	for i := range things {
		one := fmt.Sprintf(`{"$ref":"#/components/schemas/Thing%d"}`, i)
		answer := func(schema string) string {
			return `"responses":{"200":{"description":"OK","content":{"application/json":{"schema":` + schema + `}}}}`
		}
		body := `"requestBody":{"content":{"application/json":{"schema":` + one + `}}}`
		fmt.Fprintf(&b, `"/area%d/things%d":{"get":{"tags":["Things%d"],"summary":"Get List of Thing%d","operationId":"getThings%d","parameters":[%s],%s},`, i%12, i, i, i, i, query, answer(`{"type":"array","items":`+one+`}`))
		fmt.Fprintf(&b, `"post":{"tags":["Things%d"],"summary":"Post Thing%d","operationId":"postThings%d",%s,%s}},`, i, i, i, body, answer(one))
		fmt.Fprintf(&b, `"/area%d/things%d/{id}":{"get":{"tags":["Things%d"],"summary":"Get Thing%d","operationId":"getThingsById%d","parameters":[%s],%s},`, i%12, i, i, i, i, id, answer(one))
		fmt.Fprintf(&b, `"put":{"tags":["Things%d"],"summary":"Put Thing%d","operationId":"putThingsById%d","parameters":[%s],%s,%s},`, i, i, i, id, body, answer(one))
		fmt.Fprintf(&b, `"delete":{"tags":["Things%d"],"summary":"Delete Thing%d","operationId":"deleteThingsById%d","parameters":[%s],"responses":{"204":{"description":"gone"}}}},`, i, i, i, id)
	}
	b.WriteString(`"/end":{}}}`)
	return []byte(b.String())
}

// highest notes the most memory that the process has in use until stop is called, in MiB.
func highest() (stop func() float64) {
	runtime.GC()
	var most atomic.Uint64
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if in := m.HeapInuse + m.StackInuse; in > most.Load() {
				most.Store(in)
			}
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() float64 {
		close(done)
		<-over
		return float64(most.Load()) / (1 << 20)
	}
}

// BenchmarkImport uploads documents through the page until their operations are listed. The goals are 5 s for 1,800
// operations, and 10 s and 300 MiB (of server and client in one process) for 3,100.
func BenchmarkImport(b *testing.B) {
	for _, operations := range []int{1800, 3100} {
		document := vendorOf(operations)
		b.Run(fmt.Sprintf("operations=%d", operations), func(b *testing.B) {
			k := newDesk(b)
			stop := highest()
			b.ResetTimer()
			for b.Loop() {
				if list := k.read("large.json", document); !strings.Contains(list.text, fmt.Sprintf("%d operations", operations)) {
					b.Fatal("the operations are not listed")
				}
			}
			b.ReportMetric(stop(), "MiB-in-use")
			b.ReportMetric(float64(len(document))/(1<<20), "MiB-document")
		})
	}
}

// BenchmarkImportSearch asks for the region that is drawn anew while somebody types. The goal is 50 ms.
func BenchmarkImportSearch(b *testing.B) {
	k := newDesk(b)
	list := k.read("large.json", vendorOf(3100))
	for _, words := range []string{"put+thing17", "things"} {
		b.Run(words, func(b *testing.B) {
			for b.Loop() {
				k.region(list.url.Path+"?q="+words, "div#operations").must(http.StatusOK)
			}
		})
	}
}
