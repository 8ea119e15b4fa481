package synccmd

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/cluster"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// shownPage returns the page of some fabrics, at testTime.
func shownPage(t *testing.T, n int, change func(i int, f *fabric.Fabric)) (*page, string) {
	t.Helper()
	clock := &testClock{at: testTime}
	b, h := newStatusBoard(clock), newHealth(clock)
	h.listRead()
	b.listed(testTime, testTime, func(int64) bool { return true })
	for i := range n {
		young := testTime.Add(-20 * time.Second)
		f := &fabric.Fabric{
			ID: int64(i + 1), Name: fmt.Sprintf("fabric-%04d", i+1), KubernetesServer: server("x"), SyncEnabled: true,
			SyncInterval: 60, LastSync: &young, Lifecycle: fabric.LifecycleActive,
			StoredSyncStatus: fabric.StoredInSync, ConnectionStatus: fabric.ConnectionConnected,
		}
		change(i, f)
		b.show(f, testTime.Add(40*time.Second), false)
	}
	p := &page{
		board: b, health: h,
		mask: func(text string) string { return strings.ReplaceAll(text, clusterToken, "***") },
		link: func(id int64) string { return fmt.Sprintf("https://netbox.example.com/fabrics/%d/", id) },
	}
	return p, pageOf(t, p)
}

func pageOf(t *testing.T, p *page) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("got status %d", recorder.Code)
	}
	return recorder.Body.String()
}

// names returns the fabrics of a page, in its order.
func names(page string) (all []string) {
	name := regexp.MustCompile(`<th scope="row"><a href=".*?">(.*?)</a> <small>`)
	for _, found := range name.FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	return all
}

func TestPage_failuresComeFirst(t *testing.T) {
	old := testTime.Add(-3 * time.Hour)
	_, text := shownPage(t, 7, func(i int, f *fabric.Fabric) {
		switch i {
		case 1:
			f.SyncEnabled = false
		case 2:
			f.LastSync = &old
		case 3:
			f.LastSync, f.StoredSyncStatus = nil, fabric.StoredNeverSynced
		case 4:
			f.KubernetesServer, f.LastSync = "", nil
			f.StoredSyncStatus, f.ConnectionStatus = fabric.StoredNeverSynced, fabric.ConnectionUnknown
		case 5:
			f.StoredSyncStatus = fabric.StoredError
			f.SyncError = "NetBox did not store 3 of 5 objects"
		}
	})
	want := []string{"fabric-0006", "fabric-0003", "fabric-0004", "fabric-0001", "fabric-0007",
		"fabric-0002", "fabric-0005"}
	if got := names(text); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	wantText(t, text, "2 of 7 fabrics: in error, out of sync, or with a record that contradicts itself.",
		"The last sync failed: NetBox did not store 3 of 5 objects.",
		`<span class="badge bg-danger text-white">Sync Error</span>`, `<span class="badge bg-warning `+
			`text-dark">Never Synced</span>`,
		`<span class="badge bg-success text-white">In Sync</span>`, `<strong>2</strong><span class="badge bg-success `+
			`text-white">`,
		"20 s ago", "in 40 s", "3 h ago", ">never<", "2030-05-01T12:00:00Z")
}

// The page escapes names and errors, so that they cannot contain scripts or close a tag.
func TestPage_isEscapedAndHasNoSecret(t *testing.T) {
	const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	_, text := shownPage(t, 1, func(_ int, f *fabric.Fabric) {
		f.Name, f.ConnectionError = hostile+"\x1b[2J", hostile+" with "+clusterToken
		f.KubernetesToken, f.KubernetesCACert = clusterToken, "-----BEGIN CERTIFICATE-----"
	})
	for _, bad := range []string{"<script", "<img", clusterToken, "\x1b", "BEGIN CERTIFICATE"} {
		if strings.Contains(text, bad) {
			t.Errorf("got %q in the page", bad)
		}
	}
	wantText(t, text, "&lt;script&gt;", "with ***")
}

func TestPage_forbidsScripts(t *testing.T) {
	p, _ := shownPage(t, 1, func(int, *fabric.Fabric) {})
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	if policy := recorder.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy,
		"default-src 'none'; style-src 'unsafe-inline'") {
		t.Errorf("got the policy %q", policy)
	}
}

func TestPage_ofAThousandFabricsIsSmall(t *testing.T) {
	_, text := shownPage(t, 1000, func(int, *fabric.Fabric) {})
	if n := len(names(text)); n != 1000 || len(text) > 600<<10 {
		t.Errorf("got %d fabrics in %d bytes", n, len(text))
	}
}

func TestPage_ofAWatch(t *testing.T) {
	w := newStandins(t)
	w.add("alpha")
	w.add("beta")
	w.add("bare", map[string]any{"kubernetes_server": ""})
	w.cluster.problem[server("beta")] = &cluster.Error{Class: cluster.ClassUnreachable, Server: server("beta")}
	x := w.watch("--listen", "127.0.0.1:0")
	_, text := x.get("/")
	if got := names(text); !slices.Equal(got, []string{"beta", "alpha", "bare"}) {
		t.Errorf("got %q", got)
	}
	wantText(t, text, "Sync Error", "In Sync", "Not Configured", "in 1 min", "1 of 3 fabrics",
		`<a href="`+w.netbox.URL()+`/plugins/hedgehog/fabrics/1/">alpha</a>`)
	if strings.Contains(text, clusterToken) {
		t.Error("the page contains the token")
	}
	w.netbox.Close()
	x.advance(time.Minute)
	_, text = x.get("/")
	wantText(t, text, "This page may be out of date: NetBox cannot be reached")
}

// The page also shows failures of syncs that stored nothing in the record.
func TestPage_showsWhatTheRecordDoesNotSay(t *testing.T) {
	p, _ := shownPage(t, 2, func(int, *fabric.Fabric) {})
	p.board.ended(&report{id: 2, result: &fabricsync.Result{Outcome: fabricsync.Refused, Message: "NetBox does not " +
		"show the token"}})
	text := pageOf(t, p)
	wantText(t, text, "Latest sync by this process: refused. NetBox does not show the token")
	if got := names(text); !slices.Equal(got, []string{"fabric-0002", "fabric-0001"}) {
		t.Errorf("got %q", got)
	}
	p.board.show(&fabric.Fabric{ID: 1, Name: "alpha", KubernetesServer: server("x"), SyncEnabled: true},
		time.Time{}, true)
	wantText(t, pageOf(t, p), "syncing now")
}

func TestPage_withoutFabrics(t *testing.T) {
	_, text := shownPage(t, 0, nil)
	wantText(t, text, "There are no fabrics to show.", `As of <time datetime="2030-05-01T12:00:00Z">`)
	clock := newTestClock()
	text = pageOf(t, &page{board: newStatusBoard(clock), health: newHealth(clock),
		mask: func(text string) string { return text }})
	wantText(t, text, "the fabrics have not been read yet")
	if strings.Contains(text, "As of") {
		t.Errorf("the page has a time before NetBox has sent one:\n%s", text)
	}
}
