package sandbox

import (
	"net/http"
	"strings"
)

// people of the CRM are desks of companies that do not exist.
var desks = []struct{ id, company, desk, email, phone, status string }{
	{KnownContact, "Harbour Bakery", "Front desk", "frontdesk@harbour-bakery.test", KnownPhone, "customer"},
	{"502", "Harbour Bakery", "Billing", ContactEmail, "+15551234568", "customer"},
	{"503", "Lantern Dental", "Reception", "reception@lantern-dental.test", "+15557654321", "lead"},
	{"504", "Quarry Logistics", "Dispatch", "dispatch@quarry-logistics.test", "+15550001122", "customer"},
}

func desk(i int, fault string) object {
	d := desks[i]
	id := "id"
	if fault == "renamed" {
		id = "identifier"
	}
	got := object{
		id: d.id, "company": d.company, "name": d.desk, "email": d.email, "phone": d.phone, "status": d.status,
		"properties": object{"firstname": d.desk, "lastname": d.company, "email": d.email, "phone": d.phone},
	}
	if fault == "null" {
		got["id"], got["email"] = nil, nil
	}
	return got
}

// contacts finds contacts by phone number; digits alone are compared.
func contacts(w http.ResponseWriter, r *http.Request) {
	if !knowsCRM(w, r) {
		return
	}
	fault := faultOf(r)
	list := []object{}
	want := digits(r.URL.Query().Get("phone"))
	for i, d := range desks {
		if fault != "empty" && (want == "" || strings.HasSuffix(digits(d.phone), want) || strings.HasSuffix(want, digits(d.phone))) {
			list = append(list, desk(i, fault))
		}
	}
	key := "results"
	if fault == "renamed" {
		key = "data"
	}
	answer(w, http.StatusOK, object{"total": len(list), key: list})
}

func contact(w http.ResponseWriter, r *http.Request) {
	if !knowsCRM(w, r) {
		return
	}
	for i, d := range desks {
		if d.id == r.PathValue("id") {
			if faultOf(r) == "empty" {
				w.WriteHeader(http.StatusOK)
				return
			}
			answer(w, http.StatusOK, desk(i, faultOf(r)))
			return
		}
	}
	answer(w, http.StatusNotFound, object{"error": object{"code": "not_found", "message": "There is no contact with this id."}})
}

func knowsCRM(w http.ResponseWriter, r *http.Request) bool {
	switch r.Header.Get("ApiKey") {
	case CRMKey:
		return true
	case "":
		refuse(w, "The header ApiKey is missing")
	default:
		refuse(w, "The API key is not known")
	}
	return false
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// leads accepts a lead and says what it got.
func leads(w http.ResponseWriter, r *http.Request) {
	got, ok := fields(w, r)
	if !ok {
		return
	}
	switch faultOf(r) {
	case "empty":
		w.WriteHeader(http.StatusOK)
	case "renamed":
		answer(w, http.StatusCreated, object{"identifier": "L-9001", "received": got})
	case "null":
		answer(w, http.StatusCreated, object{"success": true, "id": nil, "received": got})
	default:
		answer(w, http.StatusCreated, object{"success": true, "id": "L-9001", "received": got})
	}
}
