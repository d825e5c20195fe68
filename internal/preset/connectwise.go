package preset

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"tieline/internal/integration"
)

// connectwise.txt.gz is the text form (listing.go) of every operation of ConnectWise PSA 2026.4, compressed. It is
// made from a table of facts by
//
//go:generate go run ../../cmd/catalogue -table operations.tsv -out connectwise.txt.gz

//go:embed connectwise.txt.gz
var packed []byte

// ConnectWise is the catalogue of ConnectWise PSA. It is unpacked when it is first asked for and then kept.
var ConnectWise = sync.OnceValue(func() *Catalogue {
	all, err := unpack(packed)
	if err != nil {
		panic(fmt.Sprintf("preset: the embedded catalogue: %v", err)) // a test reads it
	}
	c := NewCatalogue(all)
	c.accept = "application/vnd.connectwise.com+json; version=2026.4"
	c.pages = &integration.Pagination{Kind: "forward_only", SizeParam: "pageSize", Size: 1000}
	return c
})

func unpack(packed []byte) ([]Operation, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return DecodeOperations(string(text))
}

// CatalogueOf is the catalogue of an integration by the key of its preset; nil where there is none.
func CatalogueOf(key string) *Catalogue {
	if key == "connectwise" {
		return ConnectWise()
	}
	return nil
}
