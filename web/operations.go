package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tieline/internal/fault"
	"tieline/internal/integration"
	"tieline/internal/preset"
	"tieline/views"
)

// operations is the search in what a third party can do, from which a new endpoint begins.
type operations struct{ *site }

// shownOperations is how many operations a search shows at most.
const shownOperations = 30

func (h operations) list(c echo.Context) error {
	of, err := endpoints(h).of(c)
	if err != nil {
		return err
	}
	catalogue := preset.CatalogueOf(of.Document.Preset)
	if catalogue == nil {
		return noCatalogue()
	}
	v := views.OperationsView{
		Page: h.page(c, "Pick an operation – "+of.Document.Title(), "integrations"), Of: of.Document,
		Text: strings.TrimSpace(c.QueryParam("q")), All: catalogue.Len(), Asked: true,
	}
	if len(v.Text) > 200 {
		return fault.New(fault.Invalid, "A search has at most 200 characters.")
	}
	var found []preset.Operation
	found, v.Total = catalogue.Search(v.Text, shownOperations)
	for _, o := range found {
		v.Found = append(v.Found, views.FoundOperation{Display: o.Label(), Method: o.Method, Path: o.Path, Paginated: o.Paginated})
	}
	return render(c, http.StatusOK, views.OperationsPage(v), "operations")
}

func noCatalogue() error {
	return fault.New(fault.NotFound, "There is no catalogue of operations for this integration.")
}

// offer is the search on the form of a new endpoint; nil where the integration has no catalogue.
func (h operations) offer(p views.Page, of integration.Integration) *views.OperationsView {
	catalogue := preset.CatalogueOf(of.Preset)
	if catalogue == nil {
		return nil
	}
	return &views.OperationsView{Page: p, Of: of, All: catalogue.Len()}
}

// picked is a new endpoint for an operation of the integration's catalogue.
func picked(of integration.Integration, method, path string) (integration.Endpoint, error) {
	catalogue := preset.CatalogueOf(of.Preset)
	if catalogue == nil {
		return integration.Endpoint{}, noCatalogue()
	}
	o, ok := catalogue.Find(method, path)
	if !ok {
		return integration.Endpoint{}, fault.New(fault.NotFound, "The catalogue has no operation of this method and path. Letter case and a slash at the end count.")
	}
	return catalogue.Propose(o, func(name string) bool {
		_, taken := of.Endpoint(name)
		return taken
	}), nil
}
