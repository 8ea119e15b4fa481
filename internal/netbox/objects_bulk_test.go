package netbox

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// interceptVPCs passes every request of a method on VPCs to handle, with its number and body. Other
// requests pass.
func interceptVPCs(s *netboxtest.Server, method string, handle func(n int, body string, next http.Handler,
	w http.ResponseWriter, r *http.Request)) {
	var n atomic.Int64
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method || !strings.Contains(r.URL.Path, "/vpcs/") {
				next.ServeHTTP(w, r)
				return
			}
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			handle(int(n.Add(1)), string(body), next, w, r)
		})
	})
}

// failures returns the names of objects that were not stored, with the reasons.
func failures(stored Stored) string {
	var all []string
	for _, f := range stored.Failed {
		all = append(all, f.Error())
	}
	return strings.Join(all, "; ")
}

func TestCreate_badObjectsDoNotHoldBackTheOthers(t *testing.T) {
	s, o := vpcs(t)
	writes := writesOf(numbered(200)...)
	for _, i := range []int{3, 4, 150} {
		writes[i].Spec = map[string]any{}
	}
	stored, err := o.Create(t.Context(), 1, writes)
	if err != nil || stored.Done != 197 || failures(stored) !=
		"o-4: spec: This field cannot be blank.; o-5: spec: This field cannot be blank.; o-151: spec: This field "+
			"cannot be blank." {
		t.Errorf("got %d stored, %s, %v", stored.Done, failures(stored), err)
	}
	wantRequests(t, s, "POST POST GET")
	if n := len(allObjects(t, o, 1)); n != 197 {
		t.Errorf("got %d objects", n)
	}
}

func TestUpdate_badObjectsDoNotHoldBackTheOthers(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, numbered(200)...)
	writes := writesOf(numbered(200)...)
	for i := range writes {
		writes[i].ID, writes[i].ResourceVersion = int64(i+1), "2"
	}
	writes[7].UID, writes[9].ID = strings.Repeat("u", 37), 999
	s.ResetRequests()
	stored, err := o.Update(t.Context(), 1, writes)
	if err != nil || stored.Done != 198 || !strings.Contains(failures(stored), "o-8: kubernetes_uid: Ensure this "+
		"field has no more than 36 characters.") ||
		!strings.Contains(failures(stored), "o-10: id: Object with ID 999 does not exist") {
		t.Errorf("got %d stored, %s, %v", stored.Done, failures(stored), err)
	}
	if n := s.Count("PATCH", ""); n > 3 {
		t.Errorf("got %d requests", n)
	}
}

// refuseLike46 makes NetBox refuse bulk updates like 4.6: the answer has only the errors of the
// first faulty object, and does not name the object.
func refuseLike46(s *netboxtest.Server, shape string) {
	interceptVPCs(s, http.MethodPatch, func(_ int, _ string, next http.Handler, w http.ResponseWriter,
		r *http.Request) {
		answer := commit(next, r)
		if answer.Code == http.StatusBadRequest {
			answerJSON(w, 400, shape)
			return
		}
		answerJSON(w, answer.Code, answer.Body.String())
	})
}

func TestUpdate_ofANetBoxThatDoesNotTellWhichIsBad(t *testing.T) {
	for _, shape := range []string{`{"kubernetes_uid":["too long"]}`, `{"detail":"no"}`, `["no"]`,
		`{"errors":[{"id":4711,"errors":{"a":["b"]}}]}`} {
		s, o := vpcs(t)
		mustStore(t, o, 1, numbered(200)...)
		refuseLike46(s, shape)
		writes := writesOf(numbered(200)...)
		for i := range writes {
			writes[i].ID, writes[i].ResourceVersion = int64(i+1), "2"
		}
		writes[7].UID, writes[140].UID = strings.Repeat("u", 37), strings.Repeat("u", 37)
		s.ResetRequests()
		stored, err := o.Update(t.Context(), 1, writes)
		if err != nil || stored.Done != 198 || len(stored.Failed) != 2 || stored.Failed[0].Name != "o-8" ||
			stored.Failed[1].Name != "o-141" {
			t.Errorf("%s: got %d stored, %s, %v", shape, stored.Done, failures(stored), err)
		}
		if n := s.Count("PATCH", ""); n > 35 {
			t.Errorf("%s: got %d requests", shape, n)
		}
		updated := 0
		for _, object := range allObjects(t, o, 1) {
			if object.ResourceVersion == "2" {
				updated++
			}
		}
		if updated != 198 {
			t.Errorf("%s: got %d updated objects", shape, updated)
		}
	}
}

func TestUpdate_objectThatIsGoneIsMissedBefore47(t *testing.T) {
	_, o := vpcsOf(t, netboxtest.Options{Version: netboxtest.V46})
	mustStore(t, o, 1, "a", "b")
	writes := writesOf("a", "c")
	writes[0].ID, writes[0].ResourceVersion, writes[1].ID = 1, "2", 999
	stored, err := o.Update(t.Context(), 1, writes)
	if err != nil || stored.Done != 1 || len(stored.Failed) != 1 || stored.Failed[0].Name != "c" {
		t.Errorf("got %+v, %v", stored, err)
	}
}

func TestCreate_committedAndLostIsNotRepeated(t *testing.T) {
	for name, lose := range losses {
		s, o := vpcs(t)
		interceptVPCs(s, http.MethodPost, func(_ int, _ string, next http.Handler, w http.ResponseWriter,
			r *http.Request) {
			commit(next, r)
			lose(w)
		})
		stored, err := o.Create(t.Context(), 1, writesOf(numbered(300)...))
		if err != nil || stored.Done != 300 || len(allObjects(t, o, 1)) != 300 {
			t.Errorf("%s: got %+v, %v", name, stored, err)
		}
		if n := s.Count("POST", ""); n != 2 {
			t.Errorf("%s: got %d requests", name, n)
		}
	}
}

func TestCreate_carriedOutLateIsStillOne(t *testing.T) {
	for _, refusal := range []string{"", `{"detail":"taken","errors":[{"index":0,"errors":{"name":["taken"]}},` +
		`{"index":1,"errors":{"name":["taken"]}}]}`} {
		s, o := vpcs(t)
		var late *http.Request
		interceptVPCs(s, http.MethodPost, func(n int, _ string, next http.Handler, w http.ResponseWriter,
			r *http.Request) {
			switch n {
			case 1:
				late = copyRequest(t, r)
				cut(w)
			case 2: // when the first is carried out at last
				commit(next, late)
			}
			if refusal != "" {
				answerJSON(w, 400, refusal)
				return
			}
			next.ServeHTTP(w, r)
		})
		stored, err := o.Create(t.Context(), 1, writesOf("a", "b"))
		if err != nil || stored.Done != 2 || len(stored.Failed) != 0 || namesOf(allObjects(t, o, 1)) != "a b" {
			t.Errorf("got %+v, %v", stored, err)
		}
	}
}

// takenAnswers are NetBox's refusals of objects that exist already: for each object by index, for
// the whole request, or from the database.
var takenAnswers = map[string]func(w http.ResponseWriter){
	"400 by index": func(w http.ResponseWriter) {
		answerJSON(w, 400, `{"detail":"2 of 3 objects could not be created.","errors":[{"index":0,`+
			`"errors":{"__all__":["taken"]}},{"index":1,"errors":{"__all__":["taken"]}}]}`)
	},
	"400 by position": func(w http.ResponseWriter) {
		answerJSON(w, 400, `[{"non_field_errors":["taken"]},{"non_field_errors":["taken"]},{}]`)
	},
	"400 of the whole": func(w http.ResponseWriter) { answerJSON(w, 400, `{"__all__":["taken"]}`) },
	"500": func(w http.ResponseWriter) {
		answerJSON(w, 500, `{"error":"duplicate key value","exception":"IntegrityError","netbox_version":"4.7.3",`+
			`"python_version":"3.12.1"}`)
	},
}

// Another sync creates a and b after we have read the list and before we write. Only c is ours.
func TestCreate_createdByAnotherMeanwhileIsNoFailure(t *testing.T) {
	for name, answer := range takenAnswers {
		s, o := vpcs(t)
		mustStore(t, o, 1, "a", "b")
		interceptVPCs(s, http.MethodPost, func(_ int, body string, next http.Handler, w http.ResponseWriter,
			r *http.Request) {
			if strings.Contains(body, `"name":"a"`) || strings.Contains(body, `"name":"b"`) {
				answer(w)
				return
			}
			next.ServeHTTP(w, r)
		})
		stored, err := o.Create(t.Context(), 1, writesOf("a", "b", "c"))
		if err != nil || stored.Done != 3 || len(stored.Failed) != 0 || namesOf(allObjects(t, o, 1)) != "a b c" {
			t.Errorf("%s: got %d stored, %s, %v", name, stored.Done, failures(stored), err)
		}
	}
}

func TestCreate_refusalThatCannotBeJudgedIsAFailure(t *testing.T) {
	s, o := vpcs(t)
	interceptVPCs(s, http.MethodGet, func(_ int, _ string, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
	})
	writes := writesOf("a", "b")
	writes[0].Spec = map[string]any{}
	stored, err := o.Create(t.Context(), 1, writes)
	if err == nil || stored.Done != 1 || failures(stored) != "a: spec: This field cannot be blank." {
		t.Errorf("got %d stored, %s, %v", stored.Done, failures(stored), err)
	}
}

func TestCreate_takenByAnotherContentIsAFailure(t *testing.T) {
	_, o := vpcs(t)
	mustStore(t, o, 1, "a")
	writes := writesOf("a", "b")
	writes[0].ResourceVersion = "2"
	stored, err := o.Create(t.Context(), 1, writes)
	if err != nil || stored.Done != 1 || !strings.HasPrefix(failures(stored), "a: ") {
		t.Errorf("got %+v, %v", stored, err)
	}
}

func TestBulk_outcomeThatCannotBeReadIsUnverified(t *testing.T) {
	s, o := vpcs(t)
	interceptVPCs(s, http.MethodPost, func(_ int, _ string, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		answerHTML(w, 500, "")
	})
	interceptVPCs(s, http.MethodGet, func(_ int, _ string, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		answerHTML(w, 500, "")
	})
	stored, err := o.Create(t.Context(), 1, writesOf("a"))
	wantError[*UnverifiedError](t, err)
	if stored.Done != 0 {
		t.Errorf("got %+v", stored)
	}
	wantRequests(t, s, "POST GET")
}

func TestBulk_requestThatIsTooLargeIsHalved(t *testing.T) {
	s, o := vpcs(t)
	interceptVPCs(s, http.MethodPost, func(_ int, body string, next http.Handler, w http.ResponseWriter,
		r *http.Request) {
		if len(body) > 10_000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		next.ServeHTTP(w, r)
	})
	stored, err := o.Create(t.Context(), 1, writesOf(numbered(200)...))
	if err != nil || stored.Done != 200 {
		t.Errorf("got %+v, %v", stored, err)
	}
}

func TestDelete_objects(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, numbered(250)...)
	objects := allObjects(t, o, 1)
	s.ResetRequests()
	stored, err := o.Delete(t.Context(), 1, objects[:249])
	if err != nil || stored.Done != 249 || namesOf(allObjects(t, o, 1)) != "o-250" {
		t.Errorf("got %+v, %v", stored, err)
	}
	if n := s.Count("DELETE", ""); n != 2 {
		t.Errorf("got %d requests", n)
	}
	// An object that is already gone counts as deleted.
	if stored, err = o.Delete(t.Context(), 1, objects[248:]); err != nil || stored.Done != 2 ||
		len(stored.Failed) != 0 {
		t.Errorf("got %+v, %v", stored, err)
	}
}

func TestDelete_objectsOfThePublishedPluginIsTriedOnce(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, "a")
	interceptVPCs(s, http.MethodDelete, func(_ int, _ string, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
		pluginBug(w)
	})
	stored, err := o.Delete(t.Context(), 1, allObjects(t, o, 1))
	if e := wantError[*rest.ServerError](t, err); !PluginBug(e) || stored.Done != 0 || s.Count("DELETE", "") != 1 {
		t.Errorf("got %+v, %v", stored, err)
	}
}

func TestBulk_errorsThatConcernAllAreReturned(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   func(error) bool
		posts  int
	}{
		"403": {func(w http.ResponseWriter) { answerJSON(w, 403, `{"detail":"no"}`) }, is[*rest.ForbiddenError], 1},
		"404 without the plugin": {func(w http.ResponseWriter) {
			w.Header().Set("API-Version", "4.7")
			w.WriteHeader(404)
		}, is[*rest.PluginMissingError], 1},
		"500 for ever":   {func(w http.ResponseWriter) { answerHTML(w, 500, "") }, is[*rest.ServerError], maxFutile},
		"no answer ever": {cut, is[*rest.TransportError], maxFutile / lostWeight},
		"foreign 403 on and on": {func(w http.ResponseWriter) { w.WriteHeader(403) },
			is[*rest.UnexpectedAnswerError], 60},
	} {
		s, o := vpcs(t)
		interceptVPCs(s, http.MethodPost, func(_ int, _ string, _ http.Handler, w http.ResponseWriter,
			_ *http.Request) {
			c.answer(w)
		})
		_, err := o.Create(t.Context(), 1, writesOf(numbered(1000)...))
		if !c.want(err) {
			t.Errorf("%s: got the error %T %v", name, err, err)
		}
		if n := s.Count("POST", ""); n > c.posts {
			t.Errorf("%s: got %d requests, want at most %d", name, n, c.posts)
		}
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// A removal of unknown outcome counts as done if the fabric is gone with all its objects.
func TestDelete_ofObjectsWhoseFabricIsGone(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, "a", "b")
	objects := allObjects(t, o, 1)
	s.Intercept(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				answerJSON(w, 500, `{"error":"x"}`)
			} else {
				answerJSON(w, 400, unknownFabric)
			}
		})
	})
	if stored, err := o.Delete(t.Context(), 1, objects); err != nil || stored.Done != 2 {
		t.Errorf("got %+v, %v", stored, err)
	}
}

// A repair of an object that a user edited does not change its version.
func TestUpdate_ofContentOnlyWithUnknownOutcome(t *testing.T) {
	s, o := vpcs(t)
	mustStore(t, o, 1, "a")
	repair := writesOf("a")
	repair[0].ID, repair[0].Spec = 1, map[string]any{"of": "another"}
	n := 0
	s.Intercept(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 1 {
				answerJSON(w, 500, `{"error":"x"}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	if stored, err := o.Update(t.Context(), 1, repair); err != nil || stored.Done != 1 {
		t.Errorf("got %+v, %v", stored, err)
	}
	if got := allObjects(t, o, 1); got[0].Content != ContentOf(repair[0].Spec, repair[0].Labels, nil) {
		t.Error("the object was not repaired")
	}
}
