package synccmd

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// requestMetrics count requests to one kind of server. The server's name is not a label:
// every fabric's cluster would add a dozen series.
type requestMetrics struct {
	total      *prometheus.CounterVec
	unanswered prometheus.Counter
	duration   *prometheus.HistogramVec
	inFlight   prometheus.Gauge
}

// newRequestMetrics returns the metrics of requests to whom, such as "cluster".
func newRequestMetrics(registry *prometheus.Registry, whom, to string) *requestMetrics {
	m := &requestMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: metricsPrefix, Name: whom + "_requests_total", Help: "Requests to " + to +
				" that were answered, by HTTP method and status code.",
		}, []string{"method", "code"}),
		unanswered: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: metricsPrefix, Name: whom + "_requests_unanswered_total",
			Help: "Requests to " + to + " without a complete answer: the connection failed or timed out.",
		}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: metricsPrefix, Name: whom + "_request_duration_seconds", Help: "How long " + to +
				" took to answer requests, by HTTP method.",
			Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
		}, []string{"method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: metricsPrefix, Name: whom + "_requests_in_flight", Help: "Requests to " + to +
				" that are waiting for an answer now.",
		}),
	}
	registry.MustRegister(m.total, m.unanswered, m.duration, m.inFlight)
	return m
}

// wrap returns a transport that counts its requests.
func (m *requestMetrics) wrap(next http.RoundTripper) http.RoundTripper {
	counted := promhttp.RoundTripperFunc(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			m.unanswered.Inc()
		}
		return resp, err
	})
	return promhttp.InstrumentRoundTripperInFlight(m.inFlight,
		promhttp.InstrumentRoundTripperCounter(m.total, promhttp.InstrumentRoundTripperDuration(m.duration, counted)))
}
