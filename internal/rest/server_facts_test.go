package rest

import (
	"net/http"
	"testing"
	"time"
)

func TestServerFacts_date(t *testing.T) {
	now := recordedTime
	o := serverFacts{now: func() time.Time { return now }}
	newer, older := recordedTime.Add(time.Minute), recordedTime
	o.date(newer, now)
	o.date(older, now.Add(time.Second))
	if date, fresh := o.newestDate(); !date.Equal(newer) || !fresh {
		t.Errorf("after an older Date: %s, fresh %t", date, fresh)
	}
	now = now.Add(dateLife)
	if _, fresh := o.newestDate(); fresh {
		t.Error("a Date that is old counts as NetBox's time")
	}
	o.date(newer, now)
	if _, fresh := o.newestDate(); !fresh {
		t.Error("the same Date from a later answer does not count")
	}
}

// A proxy has its own clock.
func TestServerFacts_onlyNetBoxsDateCounts(t *testing.T) {
	c := newClient(t, "http://netbox.invalid")
	answer := &http.Response{Header: http.Header{"Date": {recordedTime.Format(http.TimeFormat)}}}
	c.seen.learn(answer.Header, time.Now())
	if date, _ := c.seen.newestDate(); !date.IsZero() {
		t.Errorf("the Date %s of another server counts", date)
	}
	answer.Header.Set("API-Version", "4.7")
	c.seen.learn(answer.Header, time.Now())
	if date, _ := c.seen.newestDate(); !date.Equal(recordedTime) {
		t.Errorf("NetBox's Date is %s, want %s", date, recordedTime)
	}
}
