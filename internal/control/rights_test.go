package control_test

import (
	"context"
	"testing"

	"tieline/db"
	"tieline/db/dbtest"
	"tieline/internal/account"
	"tieline/internal/audit"
	"tieline/internal/control"
	"tieline/internal/fault"
	"tieline/internal/id"
	"tieline/internal/integration"
	"tieline/internal/run"
)

// deed is one method of the plane. prepare makes what it needs and gives the method as one call.
type deed struct {
	name    string
	action  account.Action
	quiet   bool // leaves no audit entry: it changes nothing, or a run is its trace
	prepare func(t *testing.T, w *world) func(ctx context.Context, who account.Actor) error
}

type act = func(context.Context, account.Actor) error

// deeds are all methods that ask for a right.
func deeds() []deed {
	onCustomer := func(do func(w *world, c account.Customer) act) func(*testing.T, *world) act {
		return func(t *testing.T, w *world) act { return do(w, w.customer(t)) }
	}
	onIntegration := func(do func(w *world, s control.Saved) act) func(*testing.T, *world) act {
		return func(t *testing.T, w *world) act { return do(w, w.integration(t)) }
	}
	onStage := func(do func(w *world, s stage) act) func(*testing.T, *world) act {
		return func(t *testing.T, w *world) act { return do(w, w.stage(t)) }
	}
	onUser := func(do func(w *world, u account.User) act) func(*testing.T, *world) act {
		return func(t *testing.T, w *world) act { return do(w, w.user(t, account.Support)) }
	}
	return []deed{
		{name: "CreateCustomer", action: account.EditCustomers, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.CreateCustomer(ctx, who, account.Customer{Name: "New " + id.New(), Enabled: true})
				return err
			}
		}},
		{name: "UpdateCustomer", action: account.EditCustomers, prepare: onCustomer(func(w *world, c account.Customer) act {
			return func(ctx context.Context, who account.Actor) error {
				c.Notes = "changed"
				_, err := w.UpdateCustomer(ctx, who, c.Slug, c)
				return err
			}
		})},
		{name: "EnableCustomer", action: account.EditCustomers, prepare: onCustomer(func(w *world, c account.Customer) act {
			return func(ctx context.Context, who account.Actor) error { return w.EnableCustomer(ctx, who, c.Slug, false) }
		})},
		{name: "DeleteCustomer", action: account.EditCustomers, prepare: onCustomer(func(w *world, c account.Customer) act {
			return func(ctx context.Context, who account.Actor) error { return w.DeleteCustomer(ctx, who, c.Slug) }
		})},
		{name: "CreateIntegration", action: account.EditIntegrations, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.CreateIntegration(ctx, who, definition("crm-"+id.New()[24:]))
				return err
			}
		}},
		{name: "ReplaceIntegration", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				s.Integration.Description = "changed"
				_, err := w.ReplaceIntegration(ctx, who, s.Integration.Name, s.Integration, control.Replace{Base: s.Revision})
				return err
			}
		})},
		{name: "ReplaceIntegration dry", action: account.EditIntegrations, quiet: true, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				s.Integration.Description = "changed"
				_, err := w.ReplaceIntegration(ctx, who, s.Integration.Name, s.Integration, control.Replace{DryRun: true})
				return err
			}
		})},
		{name: "SaveSettings", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				s.Integration.Description = "changed"
				_, err := w.SaveSettings(ctx, who, s.Integration.Name, s.Revision, s.Integration)
				return err
			}
		})},
		{name: "SaveEndpoint", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				e := s.Integration.Endpoints[0]
				e.Description = "changed"
				_, err := w.SaveEndpoint(ctx, who, s.Integration.Name, s.Revision, e.Name, e)
				return err
			}
		})},
		{name: "SaveTrigger", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.SaveTrigger(ctx, who, s.Integration.Name, "find", s.Revision, -1, integration.Trigger{Kind: "event", Event: "call.ended"})
				return err
			}
		})},
		{name: "DeleteTrigger", action: account.EditIntegrations, prepare: func(t *testing.T, w *world) act {
			s := w.triggered(t)
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.DeleteTrigger(ctx, who, s.Integration.Name, "find", s.Revision, 0)
				return err
			}
		}},
		{name: "TryEvent", action: account.View, quiet: true, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.TryEvent(ctx, who, s.Integration.Name, run.Event{Type: "call.ended"})
				return err
			}
		})},
		{name: "SaveMapping", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.SaveMapping(ctx, who, s.Integration.Name, s.Revision, "", mappingOf("lead"))
				return err
			}
		})},
		{name: "DeleteMapping", action: account.EditIntegrations, prepare: onMapping(func(w *world, name string) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.DeleteMapping(ctx, who, name, "lead")
				return err
			}
		})},
		{name: "DuplicateMapping", action: account.EditIntegrations, prepare: onMapping(func(w *world, name string) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.DuplicateMapping(ctx, who, name, "lead")
				return err
			}
		})},
		{name: "RestoreMapping", action: account.EditIntegrations, prepare: onMapping(func(w *world, name string) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.RestoreMapping(ctx, who, name, 2, "lead")
				return err
			}
		})},
		{name: "TryMapping", action: account.Test, quiet: true, prepare: onMapping(func(w *world, name string) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.TryMapping(ctx, who, control.MappingTry{CallRequest: control.CallRequest{Integration: name}, Mapping: "lead"})
				return err
			}
		})},
		{name: "MappingDefaults", action: account.Test, quiet: true, prepare: onMapping(func(w *world, name string) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.MappingDefaults(ctx, who, name, "lead")
				return err
			}
		})},
		{name: "DeleteEndpoint", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.DeleteEndpoint(ctx, who, s.Integration.Name, "find")
				return err
			}
		})},
		{name: "MoveEndpoint", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.MoveEndpoint(ctx, who, s.Integration.Name, "find", 1)
				return err
			}
		})},
		{name: "EnableEndpoint", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.EnableEndpoint(ctx, who, s.Integration.Name, "find", false)
				return err
			}
		})},
		{name: "EnableIntegration", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.EnableIntegration(ctx, who, s.Integration.Name, false)
				return err
			}
		})},
		{name: "RestoreRevision", action: account.EditIntegrations, prepare: func(t *testing.T, w *world) act {
			s := w.integration(t)
			_, err := w.EnableIntegration(t.Context(), owner, s.Integration.Name, false)
			must(t, err)
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.RestoreRevision(ctx, who, s.Integration.Name, 1, "")
				return err
			}
		}},
		{name: "DuplicateIntegration", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.DuplicateIntegration(ctx, who, s.Integration.Name, "")
				return err
			}
		})},
		{name: "DeleteIntegration", action: account.EditIntegrations, prepare: onIntegration(func(w *world, s control.Saved) act {
			return func(ctx context.Context, who account.Actor) error {
				return w.DeleteIntegration(ctx, who, s.Integration.Name)
			}
		})},
		{name: "CreateIntegrator", action: account.EditIntegrators, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.CreateIntegrator(ctx, who, s.saved.Integration.Name, control.IntegratorInput{Integrator: integration.Integrator{
					CustomerID: s.customer.ID, BaseURL: "http://" + w.host(), AllowHTTP: true, Enabled: true,
				}})
				return err
			}
		})},
		{name: "UpdateIntegrator", action: account.EditIntegrators, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				s.integrator.Label = "changed"
				_, err := w.UpdateIntegrator(ctx, who, control.IntegratorInput{Integrator: s.integrator})
				return err
			}
		})},
		{name: "EnableIntegrator", action: account.EditIntegrators, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.EnableIntegrator(ctx, who, s.integrator.ID, false)
				return err
			}
		})},
		{name: "DeleteIntegrator", action: account.EditIntegrators, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				return w.DeleteIntegrator(ctx, who, s.integrator.ID)
			}
		})},
		{name: "CreateVariable", action: account.EditIntegrations, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.CreateVariable(ctx, who, control.VariableInput{Variable: account.Variable{Name: variableName(), Value: "x"}})
				return err
			}
		}},
		{name: "UpdateVariable", action: account.EditIntegrations, prepare: func(t *testing.T, w *world) act {
			v := w.variable(t)
			return func(ctx context.Context, who account.Actor) error {
				v.Value = "changed"
				_, err := w.UpdateVariable(ctx, who, control.VariableInput{Variable: v})
				return err
			}
		}},
		{name: "DeleteVariable", action: account.EditIntegrations, prepare: func(t *testing.T, w *world) act {
			v := w.variable(t)
			return func(ctx context.Context, who account.Actor) error { return w.DeleteVariable(ctx, who, v.ID) }
		}},
		{name: "AllowAddress", action: account.ManageOutbound, prepare: onCustomer(func(w *world, c account.Customer) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.AllowAddress(ctx, who, account.AllowEntry{CustomerID: c.ID, Target: "10.1.2.0/24", Ports: "443"})
				return err
			}
		})},
		{name: "AllowSubject", action: account.ManageOutbound, prepare: onCustomer(func(w *world, c account.Customer) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.AllowSubject(ctx, who, c.ID, "10.1.2.3:443", "")
				return err
			}
		})},
		{name: "RemoveAddress", action: account.ManageOutbound, prepare: func(t *testing.T, w *world) act {
			e, err := w.AllowAddress(t.Context(), owner, account.AllowEntry{CustomerID: w.customer(t).ID, Target: "10.1.2.3"})
			must(t, err)
			return func(ctx context.Context, who account.Actor) error { return w.RemoveAddress(ctx, who, e.ID) }
		}},
		{name: "CreateUser", action: account.ManageUsers, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, _, err := w.CreateUser(ctx, who, control.UserInput{User: account.User{Email: "n" + id.New() + "@acme.test", Name: "New", Role: account.Builder}})
				return err
			}
		}},
		{name: "UpdateUser", action: account.ManageUsers, prepare: onUser(func(w *world, u account.User) act {
			return func(ctx context.Context, who account.Actor) error {
				u.Name = "Changed"
				_, err := w.UpdateUser(ctx, who, u)
				return err
			}
		})},
		{name: "DeleteUser", action: account.ManageUsers, prepare: onUser(func(w *world, u account.User) act {
			return func(ctx context.Context, who account.Actor) error { return w.DeleteUser(ctx, who, u.ID) }
		})},
		{name: "UserLink", action: account.ManageUsers, prepare: onUser(func(w *world, u account.User) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.UserLink(ctx, who, u.ID)
				return err
			}
		})},
		{name: "CreateAPIKey", action: account.ManageUsers, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, _, err := w.CreateAPIKey(ctx, who, account.APIKey{Name: "key " + id.New(), Role: account.Builder})
				return err
			}
		}},
		{name: "RevokeAPIKey", action: account.ManageUsers, prepare: func(t *testing.T, w *world) act {
			k, _, err := w.CreateAPIKey(t.Context(), owner, account.APIKey{Name: "key " + id.New(), Role: account.Builder})
			must(t, err)
			return func(ctx context.Context, who account.Actor) error { return w.RevokeAPIKey(ctx, who, k.ID) }
		}},
		{name: "SetRetention", action: account.ManageSettings, prepare: func(t *testing.T, w *world) act {
			before, err := w.Retention(t.Context())
			must(t, err)
			return func(ctx context.Context, who account.Actor) error {
				before.RowDays++
				return w.SetRetention(ctx, who, before)
			}
		}},
		{name: "RetentionPreview", action: account.ManageSettings, quiet: true, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.RetentionPreview(ctx, who, control.Retention{RowDays: 1})
				return err
			}
		}},
		{name: "Call", action: account.Call, quiet: true, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Call(ctx, who, s.call("find"))
				return err
			}
		})},
		{name: "Test", action: account.Test, quiet: true, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Test(ctx, who, control.TestRequest{CallRequest: s.call("find")})
				return err
			}
		})},
		{name: "Preview", action: account.Test, quiet: true, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Preview(ctx, who, control.TestRequest{CallRequest: s.call("find")})
				return err
			}
		})},
		{name: "TestDefaults", action: account.Test, quiet: true, prepare: onStage(func(w *world, s stage) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.TestDefaults(ctx, who, s.saved.Integration.Name, "find")
				return err
			}
		})},
		{name: "Retry", action: account.ActOnRuns, prepare: func(t *testing.T, w *world) act {
			r := w.failed(t, w.stage(t))
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Retry(ctx, who, r.ID, control.RetryRequest{})
				return err
			}
		}},
		{name: "Skip", action: account.ActOnRuns, prepare: func(t *testing.T, w *world) act {
			r := w.failed(t, w.stage(t))
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Skip(ctx, who, r.ID, "not needed")
				return err
			}
		}},
		{name: "Dismiss", action: account.ActOnRuns, prepare: func(t *testing.T, w *world) act {
			r := w.failed(t, w.stage(t))
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Dismiss(ctx, who, r.ID, "seen")
				return err
			}
		}},
		{name: "Bulk", action: account.ActOnRuns, prepare: func(t *testing.T, w *world) act {
			r := w.failed(t, w.stage(t))
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.Bulk(ctx, who, control.BulkRequest{IDs: []string{r.ID}, Action: "dismiss"})
				return err
			}
		}},
		{name: "CreateView", action: account.OwnAccount, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.CreateView(ctx, who, account.SavedView{Name: "New " + id.New(), Query: "status=failed"}, false)
				return err
			}
		}},
		{name: "CreateView for everybody", action: account.ManageSettings, prepare: func(_ *testing.T, w *world) act {
			return func(ctx context.Context, who account.Actor) error {
				_, err := w.CreateView(ctx, who, account.SavedView{Name: "New " + id.New(), Query: "status=failed"}, true)
				return err
			}
		}},
		{name: "UpdateView", action: account.ManageSettings, prepare: func(t *testing.T, w *world) act {
			v := w.view(t)
			return func(ctx context.Context, who account.Actor) error {
				v.Query = "status=unknown"
				_, err := w.UpdateView(ctx, who, v, true)
				return err
			}
		}},
		{name: "DeleteView", action: account.ManageSettings, prepare: func(t *testing.T, w *world) act {
			v := w.view(t)
			return func(ctx context.Context, who account.Actor) error { return w.DeleteView(ctx, who, v.ID) }
		}},
	}
}

// view is a view that everybody has.
func (w *world) view(t *testing.T) account.SavedView {
	t.Helper()
	v, err := w.CreateView(t.Context(), owner, account.SavedView{Name: "View " + id.New(), Query: "status=failed"}, true)
	must(t, err)
	return v
}

func variableName() string { return "V" + hexUpper(id.New()) }

func hexUpper(text string) string {
	out := []byte(nil)
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'f':
			out = append(out, c-'a'+'A')
		case c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	return string(out)
}

func (w *world) variable(t *testing.T) account.Variable {
	t.Helper()
	v, err := w.CreateVariable(t.Context(), owner, control.VariableInput{Variable: account.Variable{Name: variableName(), Value: "x"}})
	must(t, err)
	return v
}

func (w *world) trail(t *testing.T) []audit.Entry {
	t.Helper()
	entries, _, err := w.d.AuditEntries(t.Context(), account.Everything(), db.AuditFilter{Limit: 1})
	must(t, err)
	return entries
}

func TestEachMethodAsksForItsRightAndLeavesAnEntry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, deed := range deeds() {
			for _, role := range append(account.Roles(), account.Role("nobody")) {
				do := deed.prepare(t, w)
				before, hits := w.trail(t), w.vendor.hits()
				err := do(t.Context(), as(role))
				after := w.trail(t)
				entered := len(after) > 0 && (len(before) == 0 || after[0].ID != before[0].ID)
				switch {
				case !role.May(deed.action):
					if fault.KindOf(err) != fault.Forbidden || err == nil {
						t.Errorf("%s by %s: %v, want Forbidden", deed.name, role, err)
					}
					if entered || w.vendor.hits() != hits {
						t.Errorf("%s by %s was refused and did something", deed.name, role)
					}
				case err != nil:
					t.Errorf("%s by %s: %v", deed.name, role, err)
				case entered == deed.quiet:
					t.Errorf("%s by %s: audit entry %v, want %v", deed.name, role, entered, !deed.quiet)
				case entered && after[0].ActorName != as(role).Name:
					t.Errorf("%s by %s was entered for %q", deed.name, role, after[0].ActorName)
				}
			}
		}
	})
}
