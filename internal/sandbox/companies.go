package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
)

// companyCount is how many companies the paged list holds.
const companyCount = 137

// companies is the list of companies.
func companies(w http.ResponseWriter, r *http.Request) {
	psaList(w, r, companyCount, func(n int) object { return company(n, faultOf(r)) })
}

func company(n int, fault string) object {
	trades := []string{"Bakery", "Dental", "Logistics", "Print", "Nursery", "Garage", "Optics"}
	places := []string{"Harbour", "Lantern", "Quarry", "Meadow", "Summit", "Canal"}
	got := object{
		"identifier": fmt.Sprintf("COMP%04d", n), "name": places[n%len(places)] + " " + trades[n%len(trades)] + " " + strconv.Itoa(n),
		"status": object{"id": 1, "name": "Active"}, "lastUpdated": updated(n), "_info": object{"lastUpdated": updated(n)},
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
