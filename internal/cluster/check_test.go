package cluster

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/clustertest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
)

const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

func TestCheck_tokens(t *testing.T) {
	kinds := fabric.Kinds()
	for name, test := range map[string]struct {
		token     string
		known     bool
		forbidden []fabric.Kind
		class     Class
		says      string
	}{
		"full": {clustertest.FullToken, true, nil, "", ""},
		"partial": {clustertest.PartialToken, true, kinds[7:], ClassForbidden,
			`list connections.wiring.githedgehog.com, servers.wiring.githedgehog.com, `},
		"most": {"most-token", true, kinds[:1], ClassForbidden, "list vpcs.vpc.githedgehog.com in"},
		"nobody": {clustertest.NobodyToken, true, kinds, ClassForbidden, `list any of the twelve kinds of a fabric ` +
			`in namespace "fabric-1"`},
		"unknown": {"guessed", false, nil, ClassUnauthenticated, "does not accept the token"},
		"none":    {"", false, nil, ClassUnauthenticated, "anonymous"},
	} {
		// If a server refuses access reviews, the check tries lists.
		for _, reviewed := range []bool{true, false} {
			if !reviewed {
				name += ", without reviews"
			}
			t.Run(name, func(t *testing.T) {
				s := standin(t, clustertest.Options{})
				s.SetInstalled(kinds[2], false)
				s.SetToken("most-token", kinds[1:]...)
				if !reviewed {
					s.Answer(reviews, func(w http.ResponseWriter, r *http.Request) {
						if strings.HasSuffix(r.Header.Get("Authorization"), "-token") {
							clustertest.Refuse(w, 403, "Forbidden", "selfsubjectaccessreviews is forbidden")
							return
						}
						clustertest.Refuse(w, 403, "Forbidden", `User "system:anonymous" cannot create resource`)
					})
					if test.class == ClassForbidden && len(test.forbidden) == len(kinds) {
						test.forbidden = without(kinds, kinds[2]) // a list of an absent kind is not refused
						test.says = "list vpcs.vpc.githedgehog.com, externals.vpc.githedgehog.com, externalpeerings."
					}
				}
				report := connect(t, s, func(c *Config) { c.Token = test.token }).Check(t.Context())
				got := *report
				got.Err = nil
				want := Report{Reachable: true, Authenticated: test.known, Authorized: test.class == "",
					Forbidden: test.forbidden}
				if test.token != "guessed" {
					want.ServerVersion = clustertest.Version
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("report %+v, want %+v", got, want)
				}
				if test.class == "" {
					if report.Err != nil {
						t.Error(report.Err)
					}
					return
				}
				failed := wantClass(t, report.Err, test.class, test.says)
				if test.class == ClassForbidden && (failed.Kind == "VPC") != (len(test.forbidden) == 1) {
					t.Errorf("kind %q", failed.Kind)
				}
			})
		}
	}
}

func without(kinds []fabric.Kind, one fabric.Kind) (rest []fabric.Kind) {
	for _, k := range kinds {
		if k != one {
			rest = append(rest, k)
		}
	}
	return rest
}

func TestCheck_asksOncePerKind(t *testing.T) {
	s := standin(t, clustertest.Options{})
	connect(t, s).Check(t.Context())
	if version, review := s.Count(http.MethodGet, "/version"), s.Count(http.MethodPost, reviews); version != 1 ||
		review != 12 {
		t.Errorf("got %d requests for the version and %d reviews, want 1 and 12", version, review)
	}
}

func TestCheck_versionThatTheTokenMayNotRead(t *testing.T) {
	s := standin(t, clustertest.Options{})
	s.Answer("/version", refusal(403, "Forbidden", `User "full" cannot get path "/version"`))
	report := connect(t, s).Check(t.Context())
	if !report.Authorized || report.ServerVersion != "" || report.Err != nil {
		t.Errorf("report %+v", report)
	}
}

func TestCheck_reviewsFail(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		class  Class
	}{
		"out of order": {refusal(500, "InternalError", "etcd is gone"), ClassOther},
		"another API":  {page(200, "application/json", `{"kind": "Pod", "apiVersion": "v1"}`), ClassNotKubernetes},
	} {
		t.Run(name, func(t *testing.T) {
			s := standin(t, clustertest.Options{})
			s.Answer(reviews, test.answer)
			report := connect(t, s).Check(t.Context())
			wantClass(t, report.Err, test.class)
			if !report.Reachable || report.Authenticated || report.Authorized || report.Forbidden != nil {
				t.Errorf("report %+v", report)
			}
		})
	}
}

// On a server without access reviews, the check tries lists.
func TestCheck_noReviews(t *testing.T) {
	for _, answer := range []http.HandlerFunc{
		http.NotFound, refusal(404, "NotFound", "none"), refusal(405, "MethodNotAllowed", "none"),
	} {
		s := standin(t, clustertest.Options{})
		s.Answer(reviews, answer)
		if report := connect(t, s).Check(t.Context()); !report.Authorized || report.Err != nil {
			t.Errorf("report %+v", report)
		}
	}
}
