package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// newSeries seeds a stand-in and writes the state, as after a create.
func newSeries(t *testing.T, b *bench, size int) *series {
	t.Helper()
	folder := filepath.Join(b.folder, strconv.Itoa(size))
	f := fabrics{prefix: "bench-", number: size, first: "new", others: "new"}
	for _, step := range []func() error{
		func() error { return b.server.clear(t.Context(), f.prefix) },
		func() error { return os.Mkdir(folder, 0o700) },
		func() error { return f.configure(folder) },
		func() error { return f.seed(b.server.standin, folder) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	return &series{bench: b, folder: folder, fabrics: f}
}

// The numbers of requests are a promise that does not depend on the machine.
func TestAccPlan_requestsGrowByPagesOnly(t *testing.T) {
	acctest.FindCLI(t)
	b, err := newBench(t.Context(), options{standin: true}, t.TempDir(), &console{to: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	for size, pages := range map[int]int{100: 1, 1000: 1, 1001: 2} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := newSeries(t, b, size)
			// ends with 2 when it finds a change
			m, err := s.measure(t.Context(), plan, "plan", "-detailed-exitcode", "-no-color")
			if err != nil {
				t.Fatal(err)
			}
			if want := (requests{status: 1, getOne: 3, getList: pages}); !maps.Equal(m.requests, want) {
				t.Errorf("the plan made %v, want %v", m.requests, want)
			}
			if m.peak < 1e6 {
				t.Errorf("the provider's peak memory is %d bytes", m.peak)
			}
			if most := mostRequests(m); m.requests.total() > most {
				t.Errorf("the plan made %d requests, at most %d are allowed", m.requests.total(), most)
			}
		})
	}
}
