package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// companyCount is how many companies the paged list holds.
const companyCount = 137

// companies is a bare array with a Link header, authenticated as ConnectWise does it.
func companies(w http.ResponseWriter, r *http.Request) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(CompanyID+"+"+PublicKey+":"+PrivateKey))
	switch {
	case r.Header.Get("Authorization") != want:
		answer(w, http.StatusUnauthorized, object{"code": "Unauthorized", "message": "The user is not authorized"})
		return
	case r.Header.Get("clientId") != ClientID:
		answer(w, http.StatusUnauthorized, object{"code": "InvalidClientId", "message": "The clientId header is missing or not known"})
		return
	}
	fault := faultOf(r)
	page, size := number(r, "page", 1, 1_000_000), number(r, "pageSize", 25, 1000)
	list := []object{}
	for n := (page-1)*size + 1; n <= min(page*size, companyCount) && fault != "empty"; n++ {
		list = append(list, company(n, fault))
	}
	if page*size < companyCount && fault != "empty" {
		w.Header().Set("Link", links(r, page, size))
	}
	answer(w, http.StatusOK, list)
}

func company(n int, fault string) object {
	trades := []string{"Bakery", "Dental", "Logistics", "Print", "Nursery", "Garage", "Optics"}
	places := []string{"Harbour", "Lantern", "Quarry", "Meadow", "Summit", "Canal"}
	got := object{
		"identifier": fmt.Sprintf("COMP%04d", n), "name": places[n%len(places)] + " " + trades[n%len(trades)] + " " + strconv.Itoa(n),
		"status": object{"id": 1, "name": "Active"}, "_info": object{"lastUpdated": "2026-01-15T08:00:00Z"},
	}
	switch fault {
	case "renamed":
		got["recordId"] = n
	case "null":
		got["id"], got["name"] = nil, nil
	default:
		got["id"] = n
	}
	return got
}

func number(r *http.Request, name string, otherwise, limit int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, limit)
}

func links(r *http.Request, page, size int) string {
	last := (companyCount + size - 1) / size
	link := func(n int, rel string) string {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		q.Set("pageSize", strconv.Itoa(size))
		return "<http://" + r.Host + r.URL.Path + "?" + q.Encode() + `>; rel="` + rel + `"`
	}
	return strings.Join([]string{link(page+1, "next"), link(last, "last")}, ", ")
}
