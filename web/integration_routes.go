package web

import (
	"tieline/internal/account"
)

// integrationRoutes are the pages of integrations, integrators and endpoints.
func (s *site) integrationRoutes() []route {
	list, uses, calls := integrations{s}, integrators{s}, endpoints{s}
	const one = "/integrations/:integration"
	const use, call = one + "/integrators/:id", one + "/endpoints/:endpoint"
	return []route{
		{get, "/integrations", account.View, list.list},
		{get, "/integrations/new", account.EditIntegrations, list.newForm},
		{post, "/integrations/new", account.EditIntegrations, list.create},
		{get, "/integrations/import", account.EditIntegrations, list.importForm},
		{post, "/integrations/import", account.EditIntegrations, list.importDocument},
		{get, one, account.View, list.show},
		{post, one, account.EditIntegrations, list.saveSettings},
		{post, one + "/enable", account.EditIntegrations, list.enable},
		{post, one + "/duplicate", account.EditIntegrations, list.duplicate},
		{post, one + "/delete", account.EditIntegrations, list.remove},
		{post, one + "/restore", account.EditIntegrations, list.restore},
		{get, one + "/export", account.View, list.export},

		{get, one + "/integrators/new", account.EditIntegrators, uses.newForm},
		{post, one + "/integrators/new", account.EditIntegrators, uses.create},
		{get, use, account.View, uses.show},
		{post, use, account.EditIntegrators, uses.update},
		{post, use + "/enable", account.EditIntegrators, uses.enable},
		{post, use + "/delete", account.EditIntegrators, uses.remove},

		{get, one + "/endpoints/new", account.EditIntegrations, calls.newForm},
		{post, one + "/endpoints/new", account.EditIntegrations, calls.save},
		{get, call, account.View, calls.show},
		{post, call, account.EditIntegrations, calls.save},
		{post, call + "/preview", account.Test, calls.preview},
		{post, call + "/test", account.Test, calls.test},
		{post, call + "/enable", account.EditIntegrations, calls.enable},
		{post, call + "/delete", account.EditIntegrations, calls.remove},
		{post, call + "/move", account.EditIntegrations, calls.move},
		{post, call + "/restore", account.EditIntegrations, list.restore},
	}
}
