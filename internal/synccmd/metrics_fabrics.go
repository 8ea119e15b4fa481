package synccmd

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabricsync"
)

// fabricMetrics are the metrics with a fabric's name. They are read from the board when
// Prometheus scrapes. So a status is as new as the answer, a fabric that is gone leaves
// nothing behind, and a watch of ten thousand fabrics does not hold 200,000 series between
// scrapes.
type fabricMetrics struct {
	board *statusBoard

	status, inconsistent, lateness, lastSuccess, lastDuration, objects, byStatus *prometheus.Desc

	statuses map[fabric.Status]*dto.LabelPair
	actions  map[string]*dto.LabelPair
}

func newFabricMetrics(b *statusBoard) *fabricMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(metricsPrefix, "", name), help, labels, nil)
	}
	m := &fabricMetrics{
		board: b, statuses: map[fabric.Status]*dto.LabelPair{}, actions: map[string]*dto.LabelPair{},
		status: desc("fabric_status",
			"1 for the sync status that a fabric has now, and 0 for each of the others.", "fabric", "status"),
		inconsistent: desc("fabric_inconsistent",
			"1 if the fabric's record in NetBox contradicts itself, otherwise 0.", "fabric"),
		lateness: desc("fabric_lateness_seconds",
			"How long a sync of the fabric has been due; 0 when it is not. There is no value for a fabric without "+
				"an interval.", "fabric"),
		lastSuccess: desc("last_success_timestamp_seconds",
			"When a fabric was last synced completely, by any sync, in NetBox's time. There is no value if it "+
				"never was.", "fabric"),
		lastDuration: desc("fabric_last_duration_seconds",
			"How long the latest sync of the fabric by this process took, if it asked the cluster.", "fabric"),
		objects: desc("fabric_objects",
			"Objects of a fabric in the latest sync by this process, by what the sync did with them; in_cluster "+
				"counts all that the cluster has. There is no value for a number that the sync did not learn.",
			"fabric", "action"),
		byStatus: desc("fabrics", "Fabrics that are watched, by sync status.", "sync_status"),
	}
	for _, status := range fabric.Statuses() {
		m.statuses[status] = label("status", string(status))
	}
	for action := range actions(fabricsync.KindResult{}) {
		m.actions[action] = label("action", action)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *fabricMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{m.status, m.inconsistent, m.lateness, m.lastSuccess,
		m.lastDuration, m.objects, m.byStatus} {
		out <- desc
	}
}

// Collect implements prometheus.Collector.
func (m *fabricMetrics) Collect(out chan<- prometheus.Metric) {
	views, _ := m.board.views()
	counts := map[fabric.Status]int{}
	names := make(map[string]bool, len(views))
	for i := range views {
		v := &views[i]
		counts[v.derived.Status]++
		// Two fabrics can briefly have the same name while names move between fabrics.
		// Prometheus would refuse the whole answer.
		if name := strings.ToValidUTF8(v.name, "?"); !names[name] {
			names[name] = true
			m.collect(out, label("fabric", name), v)
		}
	}
	for _, status := range fabric.Statuses() {
		out <- gauge(m.byStatus, float64(counts[status]), label("sync_status", string(status)))
	}
}

func (m *fabricMetrics) collect(out chan<- prometheus.Metric, name *dto.LabelPair, v *statusView) {
	for _, status := range fabric.Statuses() {
		out <- gauge(m.status, oneIf(status == v.derived.Status), name, m.statuses[status])
	}
	out <- gauge(m.inconsistent, oneIf(len(v.wrong) > 0), name)
	if v.timed {
		out <- gauge(m.lateness, v.late.Seconds(), name)
	}
	if at := v.facts.LastSync; at != nil {
		out <- gauge(m.lastSuccess, float64(at.UnixMicro())/1e6, name)
	}
	if v.latest == nil || !v.latest.begun {
		return
	}
	out <- gauge(m.lastDuration, v.latest.took.Seconds(), name)
	if v.latest.read {
		m.collectObjects(out, name, v.latest)
	}
}

// collectObjects leaves out numbers that a sync did not learn: 0 would mean an empty
// cluster.
func (m *fabricMetrics) collectObjects(out chan<- prometheus.Metric, name *dto.LabelPair, latest *latestSync) {
	for action, n := range actions(latest.objects) {
		if action != inCluster || latest.readAll {
			out <- gauge(m.objects, float64(n), m.actions[action], name)
		}
	}
}

// oneIf returns the value of a metric that says yes (1) or no (0).
func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// sample is a gauge that shares its labels with others: a scrape of ten thousand fabrics
// has 190,000 of them.
type sample struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair // ordered by name
	value  float64
}

// Desc implements prometheus.Metric.
func (s *sample) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s *sample) Write(out *dto.Metric) error {
	out.Label, out.Gauge = s.labels, &dto.Gauge{Value: &s.value}
	return nil
}

func gauge(desc *prometheus.Desc, value float64, labels ...*dto.LabelPair) prometheus.Metric {
	return &sample{desc, labels, value}
}

func label(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }
