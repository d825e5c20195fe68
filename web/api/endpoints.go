package api

import (
	"net/http"
	"strconv"

	"tieline/internal/document"
	"tieline/internal/fault"
	"tieline/internal/integration"
)

type endpointJSON struct {
	Revision int64                `json:"revision"`
	Endpoint integration.Endpoint `json:"endpoint"`
	Warnings []warning            `json:"warnings,omitzero"`
	Changed  *bool                `json:"changed,omitempty"`
}

// endpointInput is an endpoint; the answer of a GET may be sent back as it came.
type endpointInput struct {
	Endpoint *integration.Endpoint `json:"endpoint"`
}

func noEndpoint(name string) error {
	return fault.New(fault.NotFound, "There is no endpoint "+strconv.Quote(name)+".")
}

func (s *server) endpoint(c call) error {
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return err
	}
	found, ok := stored.Document.Endpoint(c.Param("endpoint"))
	if !ok {
		return noEndpoint(c.Param("endpoint"))
	}
	c.etag(stored.Revision)
	return c.json(http.StatusOK, endpointJSON{Revision: stored.Revision, Endpoint: found})
}

func (s *server) putEndpoint(c call) error {
	base, err := c.base()
	if err != nil {
		return err
	}
	data, err := c.read()
	if err != nil {
		return err
	}
	var in endpointInput
	if err := document.Decode(data, &in); err != nil {
		return err
	}
	if in.Endpoint == nil {
		return fault.At("endpoint", "The endpoint is missing.")
	}
	name, was := c.Param("endpoint"), c.Param("endpoint")
	if in.Endpoint.Name == "" {
		in.Endpoint.Name = name
	}
	stored, err := s.db.Integration(c.ctx(), c.who.Scope, c.Param("name"))
	if err != nil {
		return err
	}
	if _, exists := stored.Document.Endpoint(name); !exists && base == 0 {
		was = ""
		if in.Endpoint.Name != name {
			return fault.At("name", "The address names "+strconv.Quote(name)+".")
		}
	}
	saved, err := s.control.SaveEndpoint(c.ctx(), c.who, c.Param("name"), base, was, *in.Endpoint)
	if err != nil {
		return matched(err, base != 0)
	}
	status := http.StatusOK
	if was == "" {
		status = http.StatusCreated
		c.created("/integrations/" + c.Param("name") + "/endpoints/" + in.Endpoint.Name)
	}
	stands, _ := saved.Integration.Endpoint(in.Endpoint.Name)
	c.etag(saved.Revision)
	return c.json(status, endpointJSON{Revision: saved.Revision, Endpoint: stands, Warnings: showWarnings(saved.Warnings), Changed: &saved.Changed})
}

func (s *server) deleteEndpoint(c call) error {
	if _, err := s.control.DeleteEndpoint(c.ctx(), c.who, c.Param("name"), c.Param("endpoint")); err != nil {
		return err
	}
	return c.none()
}
