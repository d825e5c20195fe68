package db_test

import (
	"fmt"
	"testing"
	"time"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/catalogue"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

func catalogueOf(title string, operations int) catalogue.Catalogue {
	c := catalogue.Catalogue{Format: catalogue.OpenAPI, Title: title, Servers: []string{"https://x.example.com"}}
	for i := range operations {
		c.Operations = append(c.Operations, catalogue.Operation{
			Group: "AddressFormats", Name: fmt.Sprintf("Put AddressFormat %d", i), Method: "PUT", Path: fmt.Sprintf("/company/100%%_formats/{id}/%d", i), Body: true,
			Endpoint: integration.Endpoint{Name: fmt.Sprintf("put%d", i), Body: integration.Body{Kind: "json", Content: fmt.Sprintf(`{"n":%d}`, i)}},
		})
	}
	return c
}

func keepCatalogue(t *testing.T, d *db.DB, owner string, c catalogue.Catalogue, expires time.Time) string {
	t.Helper()
	packed, err := db.PackCatalogue(c)
	if err != nil {
		t.Fatal(err)
	}
	var id string
	if err := d.Tx(t.Context(), func(tx *db.Tx) error {
		id, err = tx.CreateCatalogue(t.Context(), owner, packed, expires)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestACatalogueIsSearchedAndPickedFrom(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := keepCatalogue(t, d, "u1", catalogueOf("Vendor", 350), time.Now().Add(time.Hour))
		for words, want := range map[string]int{"": 350, "addressformats put": 350, "ADDRESSFORMAT 17": 14, "100%_formats/{id}/349": 1, "nothing": 0, "100x": 0, `\`: 0} {
			found, total, err := d.Operations(t.Context(), id, words, 0, 5)
			if err != nil || total != want || len(found) != min(want, 5) {
				t.Errorf("%q: %d of %d, want %d (%v)", words, len(found), total, want, err)
			}
		}
		page, _, err := d.Operations(t.Context(), id, "", 300, 100)
		if err != nil || len(page) != 50 || page[0].N != 300 || page[0].Path != "/company/100%_formats/{id}/300" || !page[0].Body {
			t.Errorf("the last page has %d from %+v (%v)", len(page), page, err)
		}
		picked, err := d.PickOperations(t.Context(), id, []int{349, 0, 5, 5, 999})
		if err != nil || len(picked) != 3 || picked[2].Endpoint.Name != "put349" || picked[2].Endpoint.Body.Content != `{"n":349}` {
			t.Errorf("picked %+v (%v)", picked, err)
		}
	})
}

func TestACatalogueBelongsToItsReaderUntilItIsUsed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, all := t.Context(), account.Everything()
		id := keepCatalogue(t, d, "u1", catalogueOf("Vendor", 3), time.Now().Add(time.Hour))
		if _, err := d.Catalogue(ctx, all, "u2", id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else finds it: %v", err)
		}
		stored, err := d.Catalogue(ctx, all, "u1", id)
		if err != nil || stored.Head.Title != "Vendor" || stored.Operations != 3 || len(stored.Head.Operations) != 0 {
			t.Fatalf("stored = %+v, %v", stored, err)
		}
		of := dbtest.Integration(t, d, "crm")
		keep := func(id string) {
			t.Helper()
			if err := d.Tx(ctx, func(tx *db.Tx) error { return tx.KeepCatalogue(ctx, id, of.ID) }); err != nil {
				t.Fatal(err)
			}
		}
		keep(id)
		if _, err := d.Catalogue(ctx, all, "u2", id); err != nil {
			t.Errorf("whoever sees the integration does not find it: %v", err)
		}
		newer := keepCatalogue(t, d, "u1", catalogueOf("Vendor", 4), time.Now().Add(time.Hour))
		keep(newer)
		if list, err := d.Catalogues(ctx, all, of.ID); err != nil || len(list) != 1 || list[0].ID != newer {
			t.Errorf("a newer one of the same title leaves %d (%v)", len(list), err)
		}
		for i := range 7 {
			keep(keepCatalogue(t, d, "u1", catalogueOf(fmt.Sprint("Other ", i), 1), time.Now().Add(time.Hour)))
		}
		if list, _ := d.Catalogues(ctx, all, of.ID); len(list) != 5 {
			t.Errorf("%d catalogues stay, want 5", len(list))
		}
		var first string
		for i := range 12 {
			if id := keepCatalogue(t, d, "u3", catalogueOf("Unused", 1), time.Now().Add(time.Hour)); i == 0 {
				first = id
			}
		}
		if _, err := d.Catalogue(ctx, all, "u3", first); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an owner's oldest of more than ten stays: %v", err)
		}
		old := keepCatalogue(t, d, "u4", catalogueOf("Expired", 1), time.Now().Add(-time.Minute))
		if err := d.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteExpired(ctx, time.Now()) }); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Catalogue(ctx, all, "u4", old); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an expired one stays: %v", err)
		}
		if err := d.Tx(ctx, func(tx *db.Tx) error { return tx.DeleteIntegration(ctx, of.ID) }); err != nil {
			t.Fatal(err)
		}
		if list, err := d.Catalogues(ctx, all, of.ID); err != nil || len(list) != 0 {
			t.Errorf("%d stay after their integration (%v)", len(list), err)
		}
	})
}
