package main

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// mostCreated is the largest number of fabrics that the CLI itself creates:
	// beyond it that takes minutes, so the bench seeds the stand-in and writes the state.
	mostCreated = 1000
	// mostFabrics bounds a size to what the fabrics' names have digits for.
	mostFabrics = 99999
	mostLatency = 10 * time.Second
	// mostCertificate bounds the CA certificates of a fabric, in bytes.
	mostCertificate = 1 << 20
)

// options are what the command line and the environment say.
type options struct {
	standin     bool
	latency     time.Duration // of the stand-in
	sizes       []int         // numbers of fabrics, ascending
	certificate int           // bytes of each fabric's CA certificates; 0 for none
	server      string        // URL of a real NetBox, without a trailing slash
	token       string
	results     string // folder
	check       bool   // fail when there are more requests than allowed
}

func parseOptions(arguments []string, env func(string) string) (options, error) {
	o := options{server: strings.TrimRight(env("HEDGEHOG_ACC_SERVER_URL"), "/"), token: env("HEDGEHOG_ACC_API_TOKEN")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.BoolVar(&o.check, "check", false, "fail when an operation needs more requests than it may; seconds are "+
		"never checked")
	flags.StringVar(&o.results, "results", "internal/dev/bench/results", "folder for the table and the plot")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; sizes and server are chosen by BENCH_SIZES and BENCH_SERVER",
			flags.Arg(0))
	}
	switch server := env("BENCH_SERVER"); {
	case server == "standin":
		o.standin = true
	case server != "":
		return o, fmt.Errorf("BENCH_SERVER is %q; standin is the only value it knows", server)
	case o.server == "" || o.token == "":
		return o, fmt.Errorf("no NetBox is named: run this through build/netboxserver and tools/with-cli " +
			"--on-servers, or set BENCH_SERVER=standin")
	case env("HEDGEHOG_ACC_DISPLAY_URL") == "published":
		return o, fmt.Errorf("this NetBox cannot delete fabrics (display_url of the plugin is as published): use " +
			"--display-url patched")
	}
	if err := o.parseLatency(env("BENCH_LATENCY")); err != nil {
		return o, err
	}
	if err := o.parseCertificate(env("BENCH_CERTIFICATE")); err != nil {
		return o, err
	}
	return o, o.parseSizes(env("BENCH_SIZES"))
}

func (o *options) parseCertificate(text string) (err error) {
	if text == "" {
		return nil
	}
	if o.certificate, err = strconv.Atoi(text); err != nil || o.certificate < 1 || o.certificate > mostCertificate {
		return fmt.Errorf("BENCH_CERTIFICATE is %q; it must be a number of bytes, 1 to %d", text, mostCertificate)
	}
	return nil
}

func (o *options) parseLatency(text string) error {
	if text == "" {
		return nil
	}
	latency, err := time.ParseDuration(text)
	switch {
	case err != nil || latency < 0 || latency > mostLatency:
		return fmt.Errorf("BENCH_LATENCY is %q; it must be a time of 0s to %v, such as 50ms", text, mostLatency)
	case !o.standin:
		return fmt.Errorf("BENCH_LATENCY is %q, but only the stand-in can wait: set BENCH_SERVER=standin, or leave "+
			"it out", text)
	}
	o.latency = latency
	return nil
}

func (o *options) parseSizes(text string) error {
	if text == "" {
		o.sizes = []int{1, 100, 1000}
		if o.standin {
			o.sizes = append(o.sizes, 10000)
		}
		return nil
	}
	for word := range strings.SplitSeq(text, ",") {
		size, err := strconv.Atoi(strings.TrimSpace(word))
		switch {
		case err != nil || size < 1 || size > mostFabrics:
			return fmt.Errorf("BENCH_SIZES is %q; it must be numbers of 1 to %d with commas between them, such as "+
				"1,100,1000", text, mostFabrics)
		case size > mostCreated && !o.standin:
			return fmt.Errorf("BENCH_SIZES has %d, but more than %d fabrics are measured on the stand-in alone",
				size, mostCreated)
		}
		o.sizes = append(o.sizes, size)
	}
	slices.Sort(o.sizes)
	o.sizes = slices.Compact(o.sizes)
	return nil
}
