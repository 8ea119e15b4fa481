package netbox

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

func TestObjectTable_givesBackWhatWasPut(t *testing.T) {
	table := newObjectTable()
	objects := []StoredObject{
		{ID: 7, Fabric: 1, Namespace: "hedgehog", Name: "vpc-1", Status: ObjectLive,
			UID:             "0b6f7b3e-0000-4000-8000-00000000000f",
			ResourceVersion: "123456789", Content: Content{1, 15: 2}, LastUpdated: time.Date(2026, 11, 23, 21, 23, 25,
				949311000, time.UTC)},
		{ID: 9, Fabric: 1},
		{ID: 1 << 40, Fabric: 1, Namespace: "n\x00é", Name: strings.Repeat("x", 300), Status: "odd", UID: "not a uid",
			ResourceVersion: "z", SyncError: "an error"},
	}
	for _, uid := range []string{"0B6F7B3E-0000-4000-8000-00000000000F", "0b6f7b3e0000400080000000000000ff",
		"-0b6f7b3e0000-4000-8000-00000000000f"} {
		objects = append(objects, StoredObject{ID: objects[len(objects)-1].ID + 1, Fabric: 1, UID: uid})
	}
	for _, i := range []int{3, 1, 0, 5, 2, 4} {
		table.put(&objects[i])
	}
	if got := table.of(1); !slices.Equal(got, objects) {
		t.Errorf("got %+v", got)
	}
	moved := objects[0]
	moved.Fabric, moved.Name = 2, "moved"
	table.put(&moved)
	objects[1].Name = "renamed"
	table.put(&objects[1])
	table.drop(objects[2].ID)
	table.drop(4711)
	if got, want := table.of(1), append([]StoredObject{objects[1]}, objects[3:]...); !slices.Equal(got, want) {
		t.Errorf("got %+v after the changes", got)
	}
	if got := table.of(2); len(got) != 1 || got[0] != moved || table.len() != 5 || table.has(objects[2].ID) {
		t.Errorf("got %+v in the other fabric, and %d in all", got, table.len())
	}
	if table.drop(moved.ID); len(table.fabrics) != 1 || len(table.of(2)) != 0 {
		t.Errorf("got %d fabrics, want 1", len(table.fabrics))
	}
}

// large returns an object of the size that is usual in clusters.
func large(id, fabrics int) *StoredObject {
	return &StoredObject{
		ID: int64(id + 1), Fabric: int64(id%fabrics + 1), Namespace: "hedgehog", Name: "leaf-" + strconv.Itoa(id) +
			"--connection", Status: ObjectLive,
		UID:             fmt.Sprintf("0b6f7b3e-0000-4000-8000-%012d", id),
		ResourceVersion: strconv.Itoa(1_000_000 + id), LastUpdated: recordedTime.Add(time.Duration(id) * time.Second),
	}
}

// TestObjectTable_memory measures 500,000 objects of twelve kinds and 10,000 fabrics.
func TestObjectTable_memory(t *testing.T) {
	const objects, kinds, fabrics, limit = 500_000, 12, 10_000, 200
	tables := make([]*objectTable, kinds)
	before := heap()
	for kind := range tables {
		tables[kind] = newObjectTable()
		for id := range objects / kinds {
			tables[kind].put(large(id, fabrics))
		}
		tables[kind].compact()
	}
	each := (heap() - before) / objects
	runtime.KeepAlive(tables)
	t.Logf("%d bytes an object", each)
	if each > limit {
		t.Errorf("got %d bytes an object, want at most %d", each, limit)
	}
}

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc) //nolint:gosec // far below the limit
}

// objectsOf returns an answer with a thousand objects of a certain size.
func objectsOf(size int) []byte {
	object := `{"id":%d,"fabric":%d,"name":"leaf-%d","namespace":"hedgehog","kubernetes_status":"live",` +
		`"kubernetes_uid":"0b6f7b3e-0000-4000-8000-00000000000f","kubernetes_resource_version":"12345",` +
		`"sync_error":"",` +
		`"last_updated":"2026-11-23T21:23:25.949311Z","spec":{"ports":[%s]},"labels":{"a":"b"},"annotations":{}}`
	ports := strings.TrimSuffix(strings.Repeat(`{"name":"E1/1","speed":100000,"up":true},`, size/42), ",")
	var objects []string
	for id := range 1000 {
		objects = append(objects, fmt.Sprintf(object, id+1, id%10+1, id, ports))
	}
	return []byte(`{"count":1000,"next":null,"previous":null,"results":[` + strings.Join(objects, ",") + `]}`)
}

// decodedPage returns a page of a list of objects.
func decodedPage(t testing.TB, body []byte) (*objectPage, error) {
	t.Helper()
	c, ctx := answeredBy(t, 2, netboxtest.Always(http.StatusOK, "application/json", body))
	return objectList{c.Objects(fabric.Kinds()[0]), 0, objectContents}.list().Page(ctx, nil, rest.MaxPageSize)
}

// BenchmarkObjectPage decodes a page and puts it into a table.
func BenchmarkObjectPage(b *testing.B) {
	body := objectsOf(2000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := decodedPage(b, body)
		if err != nil {
			b.Fatal(err)
		}
		table := newObjectTable()
		for i := range page.Records {
			table.put(&page.Records[i])
		}
	}
}

// While a page is decoded, only one object's spec is in memory in addition to the answer.
func TestObjectPage_noSpecIsKept(t *testing.T) {
	body := objectsOf(2000)
	before := heap()
	page, err := decodedPage(t, body)
	if err != nil || len(page.Records) != 1000 {
		t.Fatal(err)
	}
	if kept := heap() - before; kept > len(body)/2 {
		t.Errorf("got %d bytes in memory for an answer of %d", kept, len(body))
	}
	runtime.KeepAlive(body)
	runtime.KeepAlive(page)
}
