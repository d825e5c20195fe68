package sandbox

import (
	"fmt"
	"mime"
	"net/http"
)

// sendSMS answers 200 whatever happens, as many SMS providers do; the code is in the body.
func sendSMS(w http.ResponseWriter, r *http.Request) {
	got, ok := fields(w, r)
	if !ok {
		return
	}
	text := func(name string) string {
		if got[name] == nil {
			return ""
		}
		return fmt.Sprint(got[name])
	}
	phone := digits(text("Phone"))
	switch {
	case text("ApiKey") != SMSKey || text("SecretKey") != SMSSecret:
		answer(w, http.StatusOK, object{"CodeResult": "101", "ErrorMessage": "Authorization failed"})
	case len(phone) < 8 || len(phone) > 15:
		answer(w, http.StatusOK, object{"CodeResult": "118", "ErrorMessage": "The phone number is not valid"})
	case text("Content") == "":
		answer(w, http.StatusOK, object{"CodeResult": "119", "ErrorMessage": "The content is empty"})
	case faultOf(r) == "empty":
		w.WriteHeader(http.StatusOK)
	case faultOf(r) == "renamed":
		answer(w, http.StatusOK, object{"code_result": "100", "identifier": "S-" + phone[len(phone)-4:]})
	case faultOf(r) == "null":
		answer(w, http.StatusOK, object{"CodeResult": "100", "SMSID": nil})
	default:
		answer(w, http.StatusOK, object{"CodeResult": "100", "CountRegenerate": 0, "SMSID": "S-" + phone[len(phone)-4:]})
	}
}

func isForm(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "application/x-www-form-urlencoded"
}
