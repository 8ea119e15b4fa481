package synccmd

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/fabric"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

//go:embed status_page.html.tmpl
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// page is the web page with a watch's fabrics. It has no script and no secrets: it shows
// names, statuses, times and reasons, and masks the reasons like the log.
type page struct {
	board  *statusBoard
	health *health
	mask   func(string) string
	link   func(id int64) string // the fabric's page in NetBox
}

// pageData is the data of the template.
type pageData struct {
	Problem string // why NetBox cannot be read; "" when it can
	Now     string // NetBox's time
	Total   int
	Trouble int // fabrics that are in error, out of sync or inconsistent
	Counts  []pageCount
	Rows    []pageRow
}

type pageCount struct {
	Display, Badge string
	N              int
}

type pageRow struct {
	ID             int64
	Name           string
	Page           string // in NetBox
	Display, Badge string
	Reason         string
	Wrong          []string // contradictions in the record
	LastSync       string   // an instant; "" for never
	LastAge        string
	Next           string
	Latest         string // outcome of the latest sync by this process, if it says more than the status
}

// ServeHTTP implements http.Handler.
func (p *page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p.data()); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	header(w, "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(body.Bytes()) // the client may have gone
}

func (p *page) data() *pageData {
	views, now := p.board.views()
	slices.SortFunc(views, func(a, b statusView) int {
		return cmp.Or(cmp.Compare(urgency(&a), urgency(&b)),
			strings.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
	})
	data := &pageData{Problem: p.safe(p.health.unready()), Total: len(views)}
	if !now.IsZero() {
		data.Now = now.UTC().Format(time.RFC3339)
	}
	counts := map[fabric.Status]int{}
	for i := range views {
		counts[views[i].derived.Status]++
		data.Rows = append(data.Rows, p.row(&views[i], now))
		if views[i].derived.Status.Urgency() <= fabric.StatusOutOfSync.Urgency() || len(views[i].wrong) > 0 {
			data.Trouble++
		}
	}
	for _, status := range fabric.StatusesByUrgency() {
		if counts[status] > 0 {
			data.Counts = append(data.Counts, pageCount{status.Display(), status.Badge(), counts[status]})
		}
	}
	return data
}

func (p *page) row(v *statusView, now time.Time) pageRow {
	row := pageRow{
		ID: v.id, Name: p.safe(v.name), Page: p.link(v.id),
		Display: v.derived.Status.Display(), Badge: v.derived.Status.Badge(),
		Reason: p.safe(v.derived.Reason), Next: p.next(v),
	}
	for _, one := range v.wrong {
		row.Wrong = append(row.Wrong, p.safe(one))
	}
	if at := v.facts.LastSync; at != nil {
		row.LastSync, row.LastAge = at.UTC().Format(time.RFC3339), fabric.Humanize(fabric.Age(*at, now))+" ago"
	}
	if latest := v.latest; latest != nil && latest.failed && !strings.Contains(row.Reason,
		strings.TrimSuffix(latest.message, ".")) {
		row.Latest = p.safe(fmt.Sprintf("Latest sync by this process: %s. %s",
			strings.ReplaceAll(string(latest.outcome), "_", " "), latest.message))
	}
	return row
}

// next describes when a fabric's next sync begins.
func (p *page) next(v *statusView) string {
	wait := v.next.Sub(p.board.clock.Now())
	switch {
	case v.running:
		return fabric.SyncingNow
	case v.next.IsZero():
		return "–"
	case wait < time.Second:
		return "waiting for its turn"
	}
	return "in " + fabric.Humanize(wait)
}

// safe makes a foreign text safe for the page. The template escapes it.
func (p *page) safe(text string) string { return p.mask(terminal.OneLine(text)) }

// urgency returns a fabric's place on the page. A fabric whose record contradicts itself is
// among those out of sync. So is one whose latest sync failed, even if its record does not
// say so yet.
func urgency(v *statusView) int {
	if len(v.wrong) > 0 || v.latest != nil && v.latest.failed {
		return min(v.derived.Status.Urgency(), fabric.StatusOutOfSync.Urgency())
	}
	return v.derived.Status.Urgency()
}
