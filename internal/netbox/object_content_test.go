package netbox

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	clusterjson "k8s.io/apimachinery/pkg/util/json"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
)

// asStored returns a spec as it is in a list of NetBox.
func asStored(t *testing.T, spec string) StoredObject {
	t.Helper()
	var stored StoredObject
	raw := `{"id":1,"fabric":1,"name":"a","namespace":"n","kubernetes_status":"live","kubernetes_uid":"u",` +
		`"kubernetes_resource_version":"1",` +
		`"sync_error":"","last_updated":null,"labels":{},"annotations":{},"spec":` + spec + `}`
	if err := stored.read([]byte(raw), objectContents, &canonicalJSON{}); err != nil {
		t.Fatal(err)
	}
	return stored
}

// asInCluster returns a spec as the cluster's client decodes it.
func asInCluster(t *testing.T, spec string) map[string]any {
	t.Helper()
	var value map[string]any
	if err := clusterjson.Unmarshal([]byte(spec), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// The second spec of each pair is what PostgreSQL and Python make of the first.
func TestContent_sameValueInAnotherForm(t *testing.T) {
	for inCluster, stored := range map[string]string{
		`{"a":1,"b":{"c":[],"d":{}}}`:      `{ "b": {"d":{}, "c":[]}, "a": 1}`,
		`{"n":1.0}`:                        `{"n":1}`,
		`{"n":1}`:                          `{"n":1.0}`,
		`{"n":1e5}`:                        `{"n":100000.0}`,
		`{"n":1E+2}`:                       `{"n":100}`,
		`{"n":-0.0}`:                       `{"n":0.0}`,
		`{"n":-0}`:                         `{"n":0}`,
		`{"n":0.1}`:                        `{"n":0.1}`,
		`{"n":1.50}`:                       `{"n":1.5}`,
		`{"n":1e23}`:                       `{"n":100000000000000000000000}`,
		`{"n":1e-7}`:                       `{"n":1e-07}`,
		`{"n":0.00000015}`:                 `{"n":1.5e-07}`,
		`{"n":9007199254740993}`:           `{"n":9007199254740993}`,
		`{"n":-9223372036854775808}`:       `{"n":-9223372036854775808}`,
		`{"n":3.0000000000000001}`:         `{"n":3.0}`,
		`{"s":"\u00e9\ud83d\ude00\u0041"}`: `{"s":"é😀A"}`,
		`{"s":"<a>&\u2028"}`:               `{"s":"\u003ca\u003e\u0026` + "\u2028" + `"}`,
		`{"s":null,"t":true,"f":false}`:    `{"t":true,"f":false,"s":null}`,
		`{}`:                               `null`,
	} {
		spec := asInCluster(t, inCluster)
		if ContentOf(spec, nil, nil) != asStored(t, stored).Content {
			t.Errorf("%s: got other content than of %s", inCluster, stored)
		}
		sent, err := json.Marshal(spec)
		if err != nil || ContentOf(spec, map[string]string{}, nil) != asStored(t, string(sent)).Content {
			t.Errorf("%s: got other content than of its JSON, %s (%v)", inCluster, sent, err)
		}
	}
}

func TestContent_otherValue(t *testing.T) {
	seen := map[Content]string{}
	for _, spec := range []string{
		`{}`, `{"a":1}`, `{"a":2}`, `{"a":"1"}`, `{"a":null}`, `{"b":1}`, `{"a":[1]}`, `{"a":[[1]]}`, `{"a":{"1":1}}`,
		`{"a":true}`, `{"a":false}`, `{"a":""}`, `{"a":[]}`, `{"a":{}}`, `{"a":[1,2]}`, `{"a":[2,1]}`, `{"a":12}`,
		`{"a":"12"}`, `{"a":[12]}`, `{"a":["1","2"]}`, `{"a":["12"]}`, `{"a":9007199254740993}`,
		`{"a":9007199254740992}`, `{"a":0.1}`, `{"a":0.10000000000000002}`, `{"a":1,"b":1}`, `{"ab":1}`,
		`{"a":{"b":1}}`, `{"a":-1}`, `{"a":1e300}`, `{"a":1e-300}`, `{"a":"é"}`, `{"a":"e\u0301"}`,
		`[]`, `""`, `[{}]`,
	} {
		content := asStored(t, spec).Content
		if other, same := seen[content]; same {
			t.Errorf("%s: got the same content as of %s", spec, other)
		}
		seen[content] = spec
	}
	one := map[string]string{"a": "b"}
	if ContentOf(nil, one, nil) == ContentOf(nil, nil, one) ||
		ContentOf(nil, one, nil) == ContentOf(map[string]any{"a": "b"}, nil, nil) {
		t.Error("got the same content of labels, annotations and spec")
	}
}

// The content of types that the cluster's client never returns is that of their JSON.
func TestContent_ofOtherTypes(t *testing.T) {
	spec := map[string]any{"i": 1, "u": uint64(math.MaxUint64), "l": []string{"a"}, "m": map[string]string{"a": "\xff"},
		"\xff": "\xff\xff"}
	sent, err := json.Marshal(spec)
	if err != nil || ContentOf(spec, nil, nil) != asStored(t, string(sent)).Content {
		t.Errorf("got other content than of %s (%v)", sent, err)
	}
}

// randomValue returns any JSON value that a cluster may have.
func randomValue(r *rand.Rand, depth int) any {
	switch n := r.IntN(12); {
	case n < 3 && depth > 0:
		object := map[string]any{}
		for range r.IntN(5) {
			object[randomText(r)] = randomValue(r, depth-1)
		}
		return object
	case n < 5 && depth > 0:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, randomValue(r, depth-1))
		}
		return list
	case n < 7:
		return (r.Int64() - r.Int64()) >> r.IntN(64)
	case n < 9:
		f := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			f = float64(r.IntN(2_000_000)-1_000_000) * math.Pow10(r.IntN(50)-25)
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			f = math.Copysign(0, -1)
		}
		return f
	case n == 9:
		return r.IntN(2) == 0
	case n == 10:
		return nil
	}
	return randomText(r)
}

func randomText(r *rand.Rand) string {
	letters := []rune("abc\"\\/<>&\n\t\u007f\u00e9\u2028\u2029\ufffd\U0001F600\U0010FFFF {}[],:0")
	text := make([]rune, r.IntN(8))
	for i := range text {
		text[i] = letters[r.IntN(len(letters))]
	}
	return string(text)
}

// Content that is stored and read back is the same. Otherwise each sync would write it again.
func TestContent_whatWasStoredIsReadBack(t *testing.T) {
	for _, version := range []netboxtest.Version{netboxtest.V47, netboxtest.V46, netboxtest.V45, netboxtest.V44} {
		_, o := vpcsOf(t, netboxtest.Options{Version: version})
		r := rand.New(rand.NewPCG(1, 2))
		writes := writesOf(numbered(400)...)
		want := map[string]Content{}
		for i := range writes {
			w := &writes[i]
			w.Spec["value"] = randomValue(r, 4)
			w.Annotations = map[string]string{randomText(r): randomText(r), "n": strconv.Itoa(i)}
			want[w.Name] = ContentOf(w.Spec, w.Labels, w.Annotations)
		}
		if stored, err := o.Create(t.Context(), 1, writes); err != nil || stored.Done != len(writes) {
			t.Fatalf("got %+v, %v", stored, err)
		}
		for _, stored := range allObjects(t, o, 1) {
			if stored.Content != want[stored.Name] {
				t.Errorf("%s: %s has other content after it was read back", version, stored.Name)
			}
		}
	}
}

func FuzzContent(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.50,1e5,"x",null,true,{"b":-0.0}]}`, `{"n":12345678901234567890123}`,
		`{"a":"\ud800"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		var value map[string]any
		if clusterjson.Unmarshal([]byte(spec), &value) != nil || value == nil {
			return
		}
		sent, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		want := ContentOf(value, nil, nil)
		if asStored(t, string(sent)).Content != want {
			t.Errorf("got %q, want %q", sent, spec)
		}
	})
}
