package netbox

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// The secrets of these tests. Several need escaping, in different formats.
const (
	secretV1      = "5ec4e7aaaabbbbccccddddeeeeffff0000111122"
	secretV2      = "nbt_keyOfTheToken.SecretPartOfTheV2Token"
	secretHeader  = `gatekeeper<&"s3cret">/+=`
	secretSent    = `sent-account "token"/+&<1>`
	secretInStore = `stored-account-token-2`
)

// fragments returns the strings that must not appear anywhere, in any encoding.
func fragments() []string {
	var all []string
	for _, s := range []string{secretV1, secretV2, "SecretPartOfTheV2Token", secretHeader, secretSent, secretInStore,
		"gatekeeper", "s3cret", "sent-account", "stored-account"} {
		asJSON, _ := json.Marshal(s)
		all = append(all, s, strings.Trim(string(asJSON), `"`), url.QueryEscape(s), html.EscapeString(s))
	}
	return all
}

func wantNoSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range fragments() {
		if strings.Contains(text, s) {
			t.Errorf("%s contains %q: %s", where, s, text)
			return
		}
	}
}

// echoes are servers whose answers repeat what they received or stored.
var echoes = map[string]func(w http.ResponseWriter, r *http.Request, got string){
	"HTML 500": func(w http.ResponseWriter, _ *http.Request, got string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(500)
		_, _ = io.WriteString(w, "<pre>"+html.EscapeString(got)+"</pre>")
	},
	"text 400": func(w http.ResponseWriter, _ *http.Request, got string) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(400)
		_, _ = io.WriteString(w, got)
	},
	"JSON 500": func(w http.ResponseWriter, _ *http.Request, got string) {
		raw, _ := json.Marshal(map[string]string{"exception": "ValueError: " + got, "error": got})
		answerJSON(w, 500, string(raw))
	},
	"JSON 400": func(w http.ResponseWriter, _ *http.Request, got string) {
		raw, _ := json.Marshal(map[string]any{"kubernetes_token": []string{got},
			"custom_fields": map[string]any{"a": got}, "__all__": map[string]any{"x": got}})
		answerJSON(w, 400, string(raw))
	},
	"JSON 403": func(w http.ResponseWriter, _ *http.Request, got string) {
		raw, _ := json.Marshal(map[string]string{"detail": got})
		answerJSON(w, 403, string(raw))
	},
	"JSON 404": func(w http.ResponseWriter, _ *http.Request, got string) {
		raw, _ := json.Marshal(map[string]string{"detail": got})
		answerJSON(w, 404, string(raw))
	},
	"Location on this host": func(w http.ResponseWriter, r *http.Request, got string) {
		if r.URL.Query().Has("seen") {
			answerJSON(w, 500, `{}`)
			return
		}
		w.Header().Set("Location", "/api/?seen="+url.QueryEscape(got))
		w.WriteHeader(302)
	},
	"Location on another host": func(w http.ResponseWriter, _ *http.Request, got string) {
		w.Header().Set("Location", "http://other.example.com/?seen="+url.QueryEscape(got))
		w.WriteHeader(302)
	},
	"unreadable fabric": func(w http.ResponseWriter, _ *http.Request, _ string) {
		answerJSON(w, 200, `{"kubernetes_token": "`+secretInStore+`", "id": "no number"}`)
	},
	"unreadable list": func(w http.ResponseWriter, _ *http.Request, _ string) {
		answerJSON(w, 200, `{"results": [{"kubernetes_token" : "`+secretInStore+`"}]}`)
	},
	"fabric cut in its token": func(w http.ResponseWriter, _ *http.Request, _ string) {
		answerJSON(w, 200, `{"id": 1, "kubernetes_token":"stored-account-tok`)
	},
	"fabric as text": func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, `{'kubernetes_token': '`+secretInStore+`'}`)
	},
}

func TestSecrets_inNoErrorAndNoExchange(t *testing.T) {
	for _, token := range []string{secretV1, secretV2} {
		for name, echo := range echoes {
			t.Run(fmt.Sprintf("%s, v2 %t", name, token == secretV2), func(t *testing.T) {
				answered := 0
				s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
					answered++
					body, _ := io.ReadAll(r.Body)
					sent := map[string]any{}
					_ = json.Unmarshal(body, &sent)
					// Headers and body, as received and in pieces.
					echo(w, r, fmt.Sprint(r.Header.Get("Authorization"), r.Header.Get("X-Gateway-Key"),
						sent["kubernetes_token"], " ", string(body), r.Header))
				})
				c := newClient(t, s.URL, withoutCheck, func(c *rest.Config) {
					c.APIToken, c.Headers = token, map[string]string{"X-Gateway-Key": secretHeader}
					c.ObserveExchange = func(_ context.Context, e rest.Exchange) {
						wantNoSecret(t, "exchange",
							fmt.Sprintf("%+v", e))
					}
				})
				c.entityTags.Store(true)
				for operation, err := range operations(t, c) {
					if err == nil {
						continue // such as a DELETE that is answered with 200
					}
					wantNoSecret(t, operation, err.Error())
					wantNoSecret(t, operation, fmt.Sprintf("%+v", err))
				}
				if answered < 7 {
					t.Errorf("got %d answers", answered)
				}
			})
		}
	}
}

// operations runs every operation once and returns the errors.
func operations(t *testing.T, c *Client) map[string]error {
	t.Helper()
	read := &Read{}
	read.Fabric.ID, read.Fabric.Created, read.Fabric.LastUpdated = 1, recordedTime, recordedTime
	create := alphaCreate()
	create.Set["kubernetes_token"], create.Planned["kubernetes_token"] = secretSent, secretSent
	errs := map[string]error{}
	_, errs["create"] = c.Fabrics().Create(t.Context(), create)
	_, errs["update"] = c.Fabrics().Update(t.Context(), changeOf(read, "kubernetes_token", secretSent))
	_, errs["delete"] = c.Fabrics().Delete(t.Context(), deleteOf(read))
	_, errs["get"] = c.Fabrics().Get(t.Context(), 1)
	_, errs["refresh"] = c.Fabrics().Refresh(t.Context(), 1, Revision{})
	_, errs["find"] = c.Fabrics().FindByName(t.Context(), "alpha")
	_, errs["status"] = c.Status(t.Context())
	return errs
}

func TestSecrets_storedTokenIsMaskedFromThenOn(t *testing.T) {
	fields := recordedFields(t)
	fields["kubernetes_token"] = secretInStore
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	first := true
	s := startServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if first {
			first = false
			answerJSON(w, 200, string(raw))
			return
		}
		answerJSON(w, 403, `{"detail":"the cluster refused `+secretInStore+`"}`)
	})
	c := newClient(t, s.URL, withoutCheck)
	if read := mustGet(t, c, 1010); read.Fabric.KubernetesToken != secretInStore {
		t.Errorf("got the token %q", read.Fabric.KubernetesToken)
	}
	_, err = c.Fabrics().Get(t.Context(), 1010)
	if e := wantError[*rest.ForbiddenError](t, err); e.Detail != "the cluster refused (redacted)" {
		t.Errorf("got the detail %q", e.Detail)
	}
}

func TestSecrets_differencesOfATokenAreNotShown(t *testing.T) {
	s, c, read := alphaRead(t)
	s.UpdateFabric(1, map[string]any{"kubernetes_token": secretInStore})
	_, err := c.Fabrics().Update(t.Context(), changeOf(read, "kubernetes_token", secretSent))
	if wantError[*ConflictError](t, err); strings.Contains(err.Error(), "service-account-token-1") {
		t.Errorf("got %v", err)
	}
	wantNoSecret(t, "conflict", err.Error())
}
