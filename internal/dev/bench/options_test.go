package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func parse(env map[string]string, arguments ...string) (options, error) {
	return parseOptions(arguments, func(name string) string { return env[name] })
}

func TestOptions_chooseServerAndSizes(t *testing.T) {
	real, err := parse(map[string]string{"HEDGEHOG_ACC_SERVER_URL": "http://127.0.0.1:1/",
		"HEDGEHOG_ACC_API_TOKEN": "x"})
	if err != nil || real.standin || real.server != "http://127.0.0.1:1" || !slices.Equal(real.sizes,
		[]int{1, 100, 1000}) {
		t.Errorf("a real NetBox: %+v, %v", real, err)
	}
	standin, err := parse(map[string]string{"BENCH_SERVER": "standin", "BENCH_LATENCY": "50ms"})
	if err != nil || !standin.standin || standin.latency != 50*time.Millisecond || !slices.Equal(standin.sizes,
		[]int{1, 100, 1000, 10000}) {
		t.Errorf("the stand-in: %+v, %v", standin, err)
	}
	chosen, err := parse(map[string]string{"BENCH_SERVER": "standin", "BENCH_SIZES": "100, 1,100",
		"BENCH_CERTIFICATE": "12000"}, "-check")
	if err != nil || !chosen.check || chosen.certificate != 12000 || !slices.Equal(chosen.sizes, []int{1, 100}) {
		t.Errorf("chosen sizes: %+v, %v", chosen, err)
	}
}

func TestOptions_refuseWhatCannotBe(t *testing.T) {
	real := map[string]string{"HEDGEHOG_ACC_SERVER_URL": "http://127.0.0.1:1", "HEDGEHOG_ACC_API_TOKEN": "x"}
	standin := map[string]string{"BENCH_SERVER": "standin"}
	for _, test := range []struct {
		base        map[string]string
		name, value string
		want        string
	}{
		{nil, "", "", "no NetBox is named"},
		{nil, "BENCH_SERVER", "stand-in", `BENCH_SERVER is "stand-in"`},
		{real, "BENCH_LATENCY", "50ms", "only the stand-in can wait"},
		{real, "BENCH_SIZES", "10000", "stand-in alone"},
		{real, "HEDGEHOG_ACC_DISPLAY_URL", "published", "cannot delete fabrics"},
		{standin, "BENCH_LATENCY", "50", `BENCH_LATENCY is "50"`},
		{standin, "BENCH_LATENCY", "-1s", `BENCH_LATENCY is "-1s"`},
		{standin, "BENCH_CERTIFICATE", "12kB", `BENCH_CERTIFICATE is "12kB"`},
		{standin, "BENCH_CERTIFICATE", "0", "1 to 1048576"},
		{standin, "BENCH_SIZES", "1;2", `BENCH_SIZES is "1;2"`},
		{standin, "BENCH_SIZES", "0", `BENCH_SIZES is "0"`},
		{standin, "BENCH_SIZES", "100000", "1 to 99999"},
	} {
		env := map[string]string{test.name: test.value}
		for name, value := range test.base {
			env[name] = value
		}
		if _, err := parse(env); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%q: error %v, want one with %q", test.name, test.value, err, test.want)
		}
	}
}
