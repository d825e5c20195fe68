package integration

// Pagination says how the next page of a list is asked for. Items are counted before any filter; next links stay
// on the host of the first page.
type Pagination struct {
	Kind        string `json:"kind"`                   // one of PaginationKinds
	PageParam   string `json:"page_param,omitempty"`   // page: the query parameter; default page
	Start       *int   `json:"start,omitempty"`        // the number of the first page (default 1) or the first offset (default 0)
	OffsetParam string `json:"offset_param,omitempty"` // offset: the query parameter; default offset
	SizeParam   string `json:"size_param,omitempty"`   // the query parameter that holds Size, where there is one
	Size        int    `json:"size,omitempty"`         // items asked for in a page
	NextPath    string `json:"next_path,omitempty"`    // next_link: where in the answer the address of the next page stands
	CursorParam string `json:"cursor_param,omitempty"` // cursor: the query parameter that takes the cursor
	CursorPath  string `json:"cursor_path,omitempty"`  // cursor: where in the answer the next cursor stands
	MaxPages    int    `json:"max_pages,omitempty"`    // 1-1000; default 100
	Expected    int    `json:"expected,omitempty"`     // a page with fewer items than this is the last; default Size
}

// PaginationKinds are the ways to ask for the next page.
func PaginationKinds() []string {
	return []string{"page", "offset", "next_link", "link_header", "cursor", "forward_only"}
}
