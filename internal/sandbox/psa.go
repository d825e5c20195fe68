package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"strconv"
	"strings"
)

// psaBase is the path below which the sandbox answers like ConnectWise PSA.
const psaBase = "/connectwise/v4_6_release/apis/3.0"

// psaRoutes adds the routes of the PSA.
func psaRoutes(mux *http.ServeMux) {
	for route, handler := range map[string]http.HandlerFunc{
		"GET /system/info":                    psaInfo,
		"GET /company/companies":              companies,
		"GET /company/companies/{id}":         psaCompany,
		"PATCH /company/companies/{id}":       psaPatch,
		"POST /company/configurations/bulk":   psaBulk,
		"GET /service/tickets":                psaTickets,
		"POST /service/tickets":               psaCreate("ticket", "summary", "company"),
		"PATCH /service/tickets/{id}":         psaPatch,
		"DELETE /service/tickets/{id}":        psaDelete,
		"POST /time/entries":                  psaCreate("timeEntry", "member", "timeStart"),
		"GET /finance/invoices/{id}/pdf":      psaInvoice,
		"GET /system/documents/{id}/download": psaDocument,
		"GET /company/addressFormats/{id}":    psaAddressFormat,
		"PUT /company/addressFormats/{id}":    psaReplace,
		"PATCH /company/addressFormats/{id}":  psaPatch,
		"DELETE /company/addressFormats/{id}": psaDelete,
	} {
		method, path, _ := strings.Cut(route, " ")
		mux.HandleFunc(method+" "+psaBase+path, psaOnly(handler))
	}
}

// psaOnly lets in who has the credentials, as ConnectWise takes them.
func psaOnly(next http.HandlerFunc) http.HandlerFunc {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(CompanyID+"+"+PublicKey+":"+PrivateKey))
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != want:
			psaError(w, http.StatusUnauthorized, "Unauthorized", "The user is not authorized")
		case r.Header.Get("clientId") != ClientID:
			psaError(w, http.StatusUnauthorized, "InvalidClientId", "The clientId header is missing or not known")
		default:
			next(w, r)
		}
	}
}

// psaError is an error in the vendor's form.
func psaError(w http.ResponseWriter, status int, code, message string, errors ...object) {
	body := object{"code": code, "message": message, "errors": nil}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	answer(w, status, body)
}

func psaInfo(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, object{"version": "v2026.4.1", "isCloud": true, "serverTimeZone": "UTC"})
}

// psaID is the number in the path; else the vendor's 404 is written.
func psaID(w http.ResponseWriter, r *http.Request, what string, most int) (int, bool) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 1 || id > most {
		psaError(w, http.StatusNotFound, "NotFound", what+" "+r.PathValue("id")+" not found")
		return 0, false
	}
	return id, true
}

func psaCompany(w http.ResponseWriter, r *http.Request) {
	if id, ok := psaID(w, r, "Company", companyCount); ok {
		answer(w, http.StatusOK, company(id, faultOf(r)))
	}
}

func psaAddressFormat(w http.ResponseWriter, r *http.Request) {
	if id, ok := psaID(w, r, "AddressFormat", 9); ok {
		answer(w, http.StatusOK, object{"id": id, "name": "Format " + strconv.Itoa(id), "defaultFlag": id == 1})
	}
}

// psaReplace answers what it was sent: what is left out is gone.
func psaReplace(w http.ResponseWriter, r *http.Request) {
	id, ok := psaID(w, r, "Record", 1_000_000)
	if !ok {
		return
	}
	if got, ok := fields(w, r); ok {
		got["id"] = id
		answer(w, http.StatusOK, got)
	}
}

func psaDelete(w http.ResponseWriter, r *http.Request) {
	if _, ok := psaID(w, r, "Record", 1_000_000); ok {
		w.WriteHeader(http.StatusNoContent)
	}
}

// psaPatch does a patch on a record that is not kept. Like the vendor it answers 200 to a nested path and changes
// nothing.
func psaPatch(w http.ResponseWriter, r *http.Request) {
	id, ok := psaID(w, r, "Record", 1_000_000)
	if !ok {
		return
	}
	var patch []struct {
		Op, Path string
		Value    any
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&patch); err != nil {
		psaError(w, http.StatusBadRequest, "InvalidRequest", "The body is not a list of patch operations.")
		return
	}
	record := object{"id": id, "name": "Record " + strconv.Itoa(id), "summary": "As it was"}
	for _, p := range patch {
		switch {
		case p.Op != "add" && p.Op != "replace" && p.Op != "remove":
			psaError(w, http.StatusBadRequest, "InvalidObject", "patch operation is invalid", object{
				"code": "InvalidOperation", "message": "The operation " + strconv.Quote(p.Op) + " is not known.", "resource": "patchOperation", "field": "op",
			})
			return
		case strings.Contains(p.Path, "/"):
		case p.Op == "remove":
			delete(record, p.Path)
		default:
			record[p.Path] = p.Value
		}
	}
	answer(w, http.StatusOK, record)
}

// psaCreate takes a new record that has the needed fields.
func psaCreate(resource string, needed ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		got, ok := fields(w, r)
		if !ok {
			return
		}
		var missing []object
		for _, name := range needed {
			if got[name] == nil || got[name] == "" {
				missing = append(missing, object{"code": "MissingRequiredField", "message": "The " + name + " field is required.", "resource": resource, "field": name})
			}
		}
		if len(missing) > 0 {
			psaError(w, http.StatusBadRequest, "InvalidObject", resource+" object is invalid", missing...)
			return
		}
		got["id"] = 7001
		answer(w, http.StatusCreated, got)
	}
}

// psaBulk takes the configurations that have a name and refuses the others, each by itself.
func psaBulk(w http.ResponseWriter, r *http.Request) {
	var list []object
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&list); err != nil || len(list) > 1000 {
		psaError(w, http.StatusBadRequest, "InvalidRequest", "The body is not a list of at most 1000 configurations.")
		return
	}
	results := []object{}
	for i, one := range list {
		result := object{"success": true, "originalIndex": i, "statusCode": http.StatusCreated, "data": object{"id": 900 + i}, "error": nil}
		if one["name"] == nil {
			result["success"], result["statusCode"], result["data"] = false, http.StatusBadRequest, nil
			result["error"] = object{"code": "InvalidObject", "message": "configuration object is invalid", "errors": []object{
				{"code": "MissingRequiredField", "message": "The name field is required.", "resource": "configuration", "field": "name"},
			}}
		}
		results = append(results, result)
	}
	answer(w, http.StatusMultiStatus, object{"payload": results, "_info": object{}})
}

func psaTickets(w http.ResponseWriter, r *http.Request) {
	psaList(w, r, ticketCount, func(n int) object {
		return object{
			"id": n, "summary": "Ticket " + strconv.Itoa(n), "status": object{"id": n%3 + 1, "name": []string{"New", "In progress", "Closed"}[n%3]},
			"company": object{"id": n%companyCount + 1}, "closedFlag": n%3 == 2, "lastUpdated": updated(n),
		}
	})
}

// ticketCount is how many tickets there are.
const ticketCount = 63

func psaInvoice(w http.ResponseWriter, r *http.Request) {
	id, ok := psaID(w, r, "Invoice", 99_999)
	if !ok {
		return
	}
	body, _, _ := render(fmt.Sprintf("INV%07d", id), ".pdf")
	document(w, "application/pdf", body)
}

// psaDocument gives documents 1 to 9: even numbers are pictures, odd ones PDF files.
func psaDocument(w http.ResponseWriter, r *http.Request) {
	id, ok := psaID(w, r, "Document", 9)
	if !ok {
		return
	}
	if id%2 == 1 {
		body, _, _ := render(fmt.Sprintf("INV%07d", id), ".pdf")
		document(w, "application/octet-stream", body)
		return
	}
	var body bytes.Buffer
	_ = png.Encode(&body, picture("INV0000002"))
	document(w, "application/octet-stream", body.Bytes())
}

func document(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}
