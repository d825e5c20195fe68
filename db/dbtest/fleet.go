package dbtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"tieline/db"
	"tieline/internal/account"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// Fleet is what the runs of a benchmark belong to: customers, each with its integrators.
type Fleet struct {
	Customers []account.Customer
	Endpoints [][2]string // ids: integration, endpoint
	in        []db.StoredIntegration
	use       [][]integration.Integrator // customer, integration
}

// NewFleet stores three integrations, and so many customers that use each of them.
func NewFleet(b testing.TB, d *db.DB, customers int) *Fleet {
	b.Helper()
	f := &Fleet{}
	for _, name := range []string{"hubspot", "autotask", "messages"} {
		in := Integration(b, d, name)
		f.in = append(f.in, in)
		var ids [2]string
		for k, e := range in.Document.Endpoints {
			endpointID, err := d.EndpointID(b.Context(), account.Everything(), in.ID, e.Name)
			if err != nil {
				b.Fatal(err)
			}
			ids[k] = endpointID
		}
		f.Endpoints = append(f.Endpoints, ids)
	}
	for n := range customers {
		c := Customer(b, d, fmt.Sprintf("customer-%02d", n))
		f.Customers = append(f.Customers, c)
		var list []integration.Integrator
		for _, in := range f.in {
			list = append(list, Integrator(b, d, in, c))
		}
		f.use = append(f.use, list)
	}
	return f
}

// Run is a plausible run at a moment: most succeed, some fail for one of a few causes.
func (f *Fleet) Run(r *rand.Rand, at time.Time) run.Run {
	c, i, e := r.IntN(len(f.Customers)), r.IntN(len(f.in)), r.IntN(2)
	in, customer, g := f.in[i], f.Customers[c], f.use[c][i]
	result := strconv.Itoa(100_000 + r.IntN(900_000))
	phone := fmt.Sprintf("+1555%07d", r.IntN(10_000_000))
	x := run.Run{
		ID: id.At(at), Status: run.Succeeded, Result: &result, IntegrationID: in.ID, Integration: in.Document.Name,
		Revision: in.Revision, EndpointID: f.Endpoints[i][e], Endpoint: in.Document.Endpoints[e].Name, Method: "GET",
		IntegratorID: g.ID, IntegratorVersion: 1, Integrator: g.Label, CustomerID: customer.ID, Customer: customer.Slug,
		Trigger: "call", Key: phone, RecordType: "lead", RecordID: strconv.Itoa(r.IntN(10_000_000)), HTTPStatus: 200,
		Duration: time.Duration(20+r.IntN(300)) * time.Millisecond, CreatedBy: "dialler", CreatedAt: at, FinishedAt: at,
		Attempts: []run.Attempt{{Number: 1, StartedAt: at, Exchanges: []run.Exchange{{
			Page: 1, StartedAt: at, Peer: "192.0.2.10:443",
			Request:  run.Request{Method: "GET", URL: "https://crm.example/contacts?phone=" + phone[1:], Headers: []run.Header{{Name: "Accept", Value: "application/json"}}},
			Response: &run.Response{Status: 200, Headers: []run.Header{{Name: "Content-Type", Value: "application/json"}}, Size: 1024, Complete: true},
		}}}},
		Tokens: []run.TokenUse{{Name: "phone_number", Value: phone, Source: "event", Where: "url"}},
	}
	if r.IntN(20) == 0 {
		causes := []run.Cause{run.HTTPStatus, run.ReadTimeout, run.LoginPage, run.KeyMissing, run.Unauthorized}
		x.Status, x.Result = run.Failed, nil
		x.Failure = &run.Failure{Cause: causes[r.IntN(len(causes))], Summary: "the third party answered 500"}
	}
	return x
}

// Needle is the record id of 20 of the runs that Fill stores.
const Needle = "needle500"

// Fill stores n runs, 20 or more, spread over the last 30 days, oldest first, as a server would have done.
func (f *Fleet) Fill(b testing.TB, d *db.DB, n int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same runs every time
	start := time.Now().Add(-30 * 24 * time.Hour)
	step := 30 * 24 * time.Hour / time.Duration(n)
	const batch = 2000
	for from := 0; from < n; from += batch {
		packed := make([]db.PackedRun, 0, batch)
		for k := from; k < min(from+batch, n); k++ {
			x := f.Run(r, start.Add(time.Duration(k)*step))
			if k%(n/20) == 7 { // as many in every fleet: what is asked for does not grow with the log
				x.RecordID = Needle
			}
			p, err := db.PackRun(x)
			if err != nil {
				b.Fatal(err)
			}
			packed = append(packed, p)
		}
		err := d.Tx(b.Context(), func(tx *db.Tx) error {
			for _, p := range packed {
				if err := tx.InsertRun(b.Context(), p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
