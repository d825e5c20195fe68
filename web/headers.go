package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers are what every answer carries.
func (s *site) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		if s.cookies.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// under takes the path of the base URL off, so that routes do not know it. Proxies that take it off
// themselves are fine too.
func under(root string, next http.Handler) http.Handler {
	if root == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == root {
			http.Redirect(w, r, root+"/", http.StatusPermanentRedirect)
			return
		}
		if strings.HasPrefix(r.URL.Path, root+"/") {
			http.StripPrefix(root, next).ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses what other sites make browsers send. The base URL's origin is trusted by name, because a
// proxy may rewrite the Host that browsers asked for.
func (s *site) sameOrigin(base *url.URL, next http.Handler) (http.Handler, error) {
	guard := http.NewCrossOriginProtection()
	if base != nil {
		if err := guard.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
			return nil, err
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This was sent from another site, and is refused.", http.StatusForbidden)
	}))
	return guard.Handler(next), nil
}

// address finds where a request comes from: the socket, or what trusted proxies say.
func address(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		options = append(options, echo.TrustIPRange(ipNet(p)))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func prefixes(list []netip.Prefix) string {
	if len(list) == 0 {
		return "none"
	}
	words := make([]string, 0, len(list))
	for _, p := range list {
		words = append(words, p.String())
	}
	return strings.Join(words, ", ")
}
