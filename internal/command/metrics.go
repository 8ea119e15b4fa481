package command

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// metrics are what a watch tells Prometheus. A label fabric×kind×action would be
// a hundred series for each fabric, so objects are told by fabric, and by kind
// for all fabrics together.
type metrics struct {
	registry      *prometheus.Registry
	runs          *prometheus.CounterVec
	duration      prometheus.Histogram
	lastSuccess   *prometheus.GaugeVec
	fabricObjects *prometheus.GaugeVec
	kindObjects   *prometheus.CounterVec
	fabrics       *prometheus.GaugeVec
	running       prometheus.Gauge
	waiting       prometheus.Gauge
	netboxUp      prometheus.Gauge
}

func newMetrics(version string) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "hedgehog_sync", Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "hedgehog_sync", Name: name, Help: help}, labels)
	}
	single := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "hedgehog_sync", Name: name, Help: help})
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		runs:     counter("runs_total", "Syncs of fabrics that ended, by outcome.", "outcome"),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "hedgehog_sync", Name: "duration_seconds", Help: "How long syncs of fabrics took whose cluster was asked.",
			Buckets: []float64{0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800},
		}),
		lastSuccess: gauge("last_success_timestamp_seconds",
			"When a fabric was last synced completely, by whomever, in NetBox's time. Without a value it never was.", "fabric"),
		fabricObjects: gauge("fabric_objects",
			"Objects of a fabric in the latest sync by this process, by what was done with them; in_cluster are all that the cluster has. "+
				"What that sync did not learn has no value.",
			"fabric", "action"),
		kindObjects: counter("objects_total", "Objects of all fabrics in syncs by this process, by kind and by what was done with them.", "kind", "action"),
		fabrics:     gauge("fabrics", "Fabrics that are watched, by derived sync status.", "sync_status"),
		running:     single("running", "Fabrics that are being synced by this process now."),
		waiting:     single("waiting", "Fabrics that are due and wait for one of the parallel syncs to end."),
		netboxUp:    single("netbox_up", "1 if the list of fabrics could be read from NetBox at the last try, else 0."),
	}
	build := gauge("build_info", "1, with the version of the provider and of Go.", "version", "goversion")
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(m.runs, m.duration, m.lastSuccess, m.fabricObjects, m.kindObjects, m.fabrics, m.running, m.waiting, m.netboxUp, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.start()
	return m
}

// start makes counters exist before they count: a rate needs a first value.
func (m *metrics) start() {
	for _, outcome := range outcomes() {
		if outcome != fabricsync.Planned {
			m.runs.WithLabelValues(string(outcome))
		}
	}
	for _, kind := range fabric.Kinds() {
		for action := range actions(fabricsync.KindResult{}) {
			m.kindObjects.WithLabelValues(kind.Name, action)
		}
	}
	m.count(nil)
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// count sets the numbers of fabrics by status.
func (m *metrics) count(statuses map[fabric.Status]int) {
	for _, status := range fabric.Statuses() {
		m.fabrics.WithLabelValues(string(status)).Set(float64(statuses[status]))
	}
}

// listed takes a new list of fabrics.
func (m *metrics) listed(s *schedule, gone []string) {
	for _, name := range gone {
		m.lastSuccess.DeleteLabelValues(name)
		m.fabricObjects.DeletePartialMatch(prometheus.Labels{"fabric": name})
	}
	for _, w := range s.fabrics {
		m.succeeded(w.fabric.Name, w.fabric.LastSync)
	}
}

func (m *metrics) succeeded(name string, at *time.Time) {
	if at == nil {
		m.lastSuccess.DeleteLabelValues(name)
		return
	}
	m.lastSuccess.WithLabelValues(name).Set(float64(at.UnixMicro()) / 1e6)
}

// ended takes a sync of a fabric as it is known now; nil is one that has gone meanwhile.
func (m *metrics) ended(r *report, f *fabric.Fabric) {
	m.runs.WithLabelValues(string(r.result.Outcome)).Inc()
	if f != nil {
		m.succeeded(f.Name, f.LastSync)
	}
	if !r.begun() {
		return
	}
	m.duration.Observe(r.took.Seconds())
	for i := range r.result.Kinds {
		for action, n := range actions(r.result.Kinds[i]) {
			m.kindObjects.WithLabelValues(r.result.Kinds[i].Kind.Name, action).Add(float64(n))
		}
	}
	if f != nil {
		m.read(f.Name, r.result)
	}
}

// read takes the objects of a fabric. A number that a sync did not learn has no
// sample: 0 would say that the cluster is empty.
func (m *metrics) read(name string, result *fabricsync.Result) {
	m.fabricObjects.DeletePartialMatch(prometheus.Labels{"fabric": name})
	if result.Kinds == nil {
		return
	}
	for action, n := range actions(result.Totals()) {
		if action != inCluster || result.ListedAll() {
			m.fabricObjects.WithLabelValues(name, action).Set(float64(n))
		}
	}
}
