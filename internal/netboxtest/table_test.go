package netboxtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const vpcsPath = "/api/plugins/hedgehog/vpcs/"

// TestTable_keepsItsOrdersSorted makes random writes, rolls some of them back, and compares each
// order with one that is sorted from scratch.
func TestTable_keepsItsOrdersSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	models := pluginModels()
	st := newStore(models)
	table := st.table(models["vpcs"])
	orders := [][]string{{"id"}, {"fabric", "id"}, {"-last_updated", "-id"}, {"last_updated"}, {"-fabric", "name"}}
	write := func() {
		id := 1 + random.Int64N(40)
		if random.IntN(3) == 0 {
			table.drop(id)
			return
		}
		o := &object{id: id, values: map[string]any{"fabric": jsonInt(random.IntN(4)), "namespace": "default",
			"name": strconv.Itoa(random.IntN(9))}}
		if random.IntN(5) > 0 {
			o.updated = time.Unix(random.Int64N(6), 0)
		}
		table.put(o)
	}
	for range 300 {
		tx, before := st.begin(), slices.Clone(table.sorted("id"))
		for range random.IntN(20) {
			write()
		}
		commit := random.IntN(2) == 0
		tx.end(commit)
		if !commit && !slices.Equal(before, table.sorted("id")) {
			t.Fatal("the rows differ after a transaction was rolled back")
		}
		columns := orders[random.IntN(len(orders))]
		want := []*object{}
		for _, o := range table.rows {
			want = append(want, o)
		}
		sortRows(want, columns)
		if got := table.sorted(columns...); !slices.Equal(got, want) {
			t.Fatalf("%v: got %d rows, want %d, or their order differs", columns, len(got), len(want))
		}
		fabric := random.Int64N(4)
		want = keep(table.sorted("id"), func(o *object) bool { return o.fabric == fabric })
		if got := table.inFabric(fabric); !slices.Equal(got, want) {
			t.Fatalf("fabric %d: got %d rows, want %d", fabric, len(got), len(want))
		}
	}
}

func jsonInt(n int) any { return plainJSON(n) }

// vpcOf returns the fields of the i-th of many objects. Each fabric has fifty.
func vpcOf(i int) map[string]any {
	return map[string]any{"fabric": 1 + i/50, "name": fmt.Sprintf("vpc-%d", i), "spec": map[string]any{"vlan": i},
		"kubernetes_uid": fmt.Sprintf("uid-%d", i)}
}

func TestAddObjects_canBeReadChangedAndDeleted(t *testing.T) {
	s := start(t, Options{ObjectFilter: FilterFields})
	for i := range 3 {
		s.AddFabric(map[string]any{"name": fmt.Sprint("f", i)})
	}
	if first := s.AddObjects("vpcs", 150, vpcOf); first != 1 {
		t.Errorf("got the id %d for the first object", first)
	}
	list := do(t, s, "GET", vpcsPath+"?fabric=2&ordering=-id&limit=2", "").must(t, 200)
	first := list.results()[0].(map[string]any)
	if stringOf(list.key("count")) != "50" || first["name"] != "vpc-99" || first["namespace"] != "default" ||
		string(encodeJSON(first["spec"])) != `{"vlan":99}` || first["display"] != "vpc-99 (f1)" {
		t.Errorf("got the list %s", list.raw)
	}
	do(t, s, "PATCH", vpcsPath+"7/", `{"spec":{"vlan":0}}`).must(t, 200)
	if got := do(t, s, "GET", vpcsPath+"?ordering=-last_updated,-id&limit=1", "").must(t,
		200); !strings.Contains(got.raw, `"name":"vpc-6"`) ||
		!strings.Contains(got.raw, `"spec":{"vlan":0}`) || !strings.Contains(got.raw, `"kubernetes_uid":"uid-6"`) {
		t.Errorf("got %s", got.raw)
	}
	do(t, s, "POST", vpcsPath, `{"fabric":1,"name":"vpc-0","spec":{"a":1}}`).must(t, 500) // taken
	do(t, s, "DELETE", vpcsPath+"1/", "").must(t, 204)
	do(t, s, "POST", vpcsPath, `{"fabric":1,"name":"vpc-0","spec":{"a":1}}`).must(t, 201)
	s.DeleteFabric(3)
	if got := do(t, s, "GET", vpcsPath+"?ordering=id", "").must(t, 200); stringOf(got.key("count")) != "100" {
		t.Errorf("got %v objects after the deletion of a fabric with fifty", got.key("count"))
	}
}

// PostgreSQL sorts nulls first in descending order.
func TestList_nullsFirstWhereTheLatestIsFirst(t *testing.T) {
	s := start(t, Options{})
	for name, updated := range map[string]any{"new": time.Unix(2000, 0), "old": time.Unix(1000, 0), "null": nil} {
		s.AddFabric(map[string]any{"name": name, "last_updated": updated})
	}
	for ordering, want := range map[string]string{"-last_updated,-id": "null new old", "last_updated": "old new null"} {
		var names []string
		for _, f := range do(t, s, "GET", fabricsPath+"?ordering="+ordering, "").must(t, 200).results() {
			names = append(names, stringOf(f.(map[string]any)["name"]))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("ordering=%s: got %s, want %s", ordering, got, want)
		}
	}
}

// The cost of a page depends on the page, not on the size of the table.
func TestList_pagesOfManyObjectsAreFast(t *testing.T) {
	s := start(t, Options{ObjectFilter: FilterSet})
	const objects = 100_000
	for i := range objects / 50 {
		s.AddFabric(map[string]any{"name": fmt.Sprint("f", i)})
	}
	s.AddObjects("vpcs", objects, vpcOf)
	for _, query := range []string{"?fabric_id=7&ordering=-last_updated,-id", "?ordering=-last_updated,-id&limit=50"} {
		get := func() { do(t, s, "GET", vpcsPath+query+"&fields=id,name", "").must(t, 200) }
		get() // sorts
		if allocated := testing.AllocsPerRun(3, get); allocated > objects/10 {
			t.Errorf("%s: got %.0f allocations for a page of 50", query, allocated)
		}
	}
}
