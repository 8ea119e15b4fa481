package synccmd

import (
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// metricsPrefix is the prefix of all metrics except those of libraries.
const metricsPrefix = "hedgehog_sync"

// durationBuckets are the bounds of the histogram of sync durations, in seconds.
var durationBuckets = []float64{0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800}

// metrics are the metrics of a watch. A label for fabric, kind and action together would
// mean a hundred series for each fabric. So objects are counted by fabric, and by kind for
// all fabrics together.
type metrics struct {
	registry    *prometheus.Registry
	runs        *prometheus.CounterVec
	failures    *prometheus.CounterVec
	duration    prometheus.Histogram
	kindObjects *prometheus.CounterVec
	running     prometheus.Gauge
	waiting     func() int // fabrics that are due; may be nil
	netboxUp    prometheus.Gauge
	netbox      *requestMetrics
	cluster     *requestMetrics
	queue       *queueMetrics
}

func newMetrics(version string, b *statusBoard) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: metricsPrefix, Name: name, Help: help},
			labels)
	}
	single := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: metricsPrefix, Name: name, Help: help})
	}
	registry := prometheus.NewRegistry()
	m := &metrics{
		registry: registry,
		runs:     counter("runs_total", "Syncs of fabrics that ended, by outcome.", "outcome"),
		failures: counter("failures_total", "Syncs of fabrics that failed, by the class of what was wrong.", "class"),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: metricsPrefix, Name: "duration_seconds", Help: "How long syncs took, if they asked the " +
				"cluster.",
			Buckets: durationBuckets,
		}),
		kindObjects: counter("objects_total", "Objects of all fabrics in syncs by this process, by kind and by what "+
			"the sync did with them.", "kind", "action"),
		running:  single("running", "Fabrics that this process is syncing now."),
		netboxUp: single("netbox_up", "1 if the list of fabrics could be read from NetBox at the last try, else 0."),
		netbox:   newRequestMetrics(registry, "netbox", "NetBox"),
		cluster:  newRequestMetrics(registry, "cluster", "clusters"),
		queue:    newQueueMetrics(registry),
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: metricsPrefix, Name: "waiting", Help: "Fabrics that are due and wait until one of the parallel " +
			"syncs ends.",
	}, func() float64 {
		if m.waiting == nil {
			return 0
		}
		return float64(m.waiting())
	})
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: metricsPrefix, Name: "build_info", Help: "1, with the version of the provider and of Go.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(version, runtime.Version()).Set(1)
	registry.MustRegister(m.runs, m.failures, m.duration, m.kindObjects, m.running, waiting, m.netboxUp, build,
		newFabricMetrics(b),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.start()
	return m
}

// start creates counters with the value 0: a rate needs a first value.
func (m *metrics) start() {
	for _, outcome := range outcomes() {
		if outcome != fabricsync.Planned {
			m.runs.WithLabelValues(string(outcome))
		}
	}
	for _, class := range failureClasses() {
		m.failures.WithLabelValues(class)
	}
	for _, kind := range fabric.Kinds() {
		for action := range actions(fabricsync.KindResult{}) {
			m.kindObjects.WithLabelValues(kind.Name, action)
		}
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// ended counts a sync.
func (m *metrics) ended(r *report) {
	m.runs.WithLabelValues(string(r.result.Outcome)).Inc()
	if r.failed(false) && r.result.Outcome != fabricsync.Interrupted {
		m.failures.WithLabelValues(r.failureClass()).Inc()
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
}
