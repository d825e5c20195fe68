package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tieline/internal/account"
	"tieline/internal/control"
)

func TestWhoIsBoundToCustomersSeesNobodyElsesPeopleAndKeys(t *testing.T) {
	t.Parallel()
	k := newDesk(t)
	mine, other := k.customer("acme"), k.customer("globex")
	foreign, _, err := k.control.CreateUser(t.Context(), k.owner, control.UserInput{User: account.User{
		Email: "foreign@globex.test", Name: "Foreign Person", Role: account.Support, CustomerIDs: []string{other.ID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, customers := range map[string][]string{"foreign-key": {other.ID}, "key-for-all": nil, "own-key": {mine.ID}} {
		if _, _, err := k.control.CreateAPIKey(t.Context(), k.owner, account.APIKey{Name: name, Role: account.Builder, CustomerIDs: customers}); err != nil {
			t.Fatal(err)
		}
	}
	k.person(account.Admin, mine.ID)
	people := k.open("/users").must(http.StatusOK)
	if strings.Contains(people.text, foreign.Email) || strings.Contains(people.text, "owner@msp.test") || !strings.Contains(people.text, "admin@msp.test") {
		t.Error("the list of people shows others than the customer's own")
	}
	keys := k.open("/apikeys").must(http.StatusOK)
	if strings.Contains(keys.text, "foreign-key") || strings.Contains(keys.text, "key-for-all") || !strings.Contains(keys.text, "own-key") {
		t.Error("the list of keys shows others than the customer's own")
	}
	for _, id := range []string{foreign.ID, k.owner.ID} {
		k.open("/users/" + id).must(http.StatusNotFound)
		k.send(http.MethodPost, "/users/"+id+"/link", url.Values{}, nil).must(http.StatusNotFound)
	}
}
