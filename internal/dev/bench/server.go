package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netbox"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/netboxtest"
	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/rest"
)

// clearTime is how long removing what a failed run left in a NetBox may take.
const clearTime = 5 * time.Minute

// server is the NetBox that is measured with.
type server struct {
	name    string // of the result files: netbox, standin, standin-50ms
	title   string // for humans
	url     string
	token   string
	standin *netboxtest.Server // nil for a real NetBox
	client  *netbox.Client     // goes past the counting
}

func startServer(ctx context.Context, o options) (*server, error) {
	s := &server{name: "netbox", url: o.server, token: o.token}
	if o.standin {
		var err error
		if s.standin, err = netboxtest.New(netboxtest.Options{}); err != nil {
			return nil, err
		}
		s.name, s.url, s.token = "standin", s.standin.URL(), netboxtest.AdminToken
	}
	if err := s.inspect(ctx); err != nil {
		s.close()
		return nil, err
	}
	if o.certificate > 0 {
		s.name += fmt.Sprintf("-certificate-%d", o.certificate)
		s.title += fmt.Sprintf(", with %d bytes of CA certificates in each fabric", o.certificate)
	}
	if o.latency > 0 {
		s.name += "-" + o.latency.String()
		s.title += fmt.Sprintf(", %v before each answer", o.latency)
		s.standin.Intercept(delaying(o.latency))
	}
	return s, nil
}

// inspect learns NetBox's version.
func (s *server) inspect(ctx context.Context) error {
	client, err := netbox.New(rest.Config{ServerURL: s.url, APIToken: s.token, UserAgent: "hedgehog-bench"})
	if err != nil {
		return err
	}
	status, err := client.Status(ctx)
	if err != nil {
		return err
	}
	s.client, s.title = client, "NetBox "+status.NetBoxVersion
	if s.standin != nil {
		s.title = "Stand-in for " + s.title
	}
	return nil
}

// delaying answers each request later, as a server far away does.
func delaying(latency time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			timer := time.NewTimer(latency)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done(): // the client is gone
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// clear removes the fabrics whose names begin with the prefix: those that a run
// which failed or was stopped has left.
func (s *server) clear(ctx context.Context, prefix string) error {
	if s.standin != nil {
		for _, f := range s.standin.Fabrics() {
			if id, ok := f["id"].(float64); ok {
				s.standin.DeleteFabric(int64(id))
			}
		}
		s.standin.ResetRequests() // with their bodies, they would pile up
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearTime)
	defer cancel()
	deletions, ctx := errgroup.WithContext(ctx)
	deletions.SetLimit(8)
	for read, err := range s.client.Fabrics().All(ctx) {
		if err != nil {
			return errors.Join(fmt.Errorf("looking for fabrics left behind: %w", err), deletions.Wait())
		}
		if !strings.HasPrefix(read.Fabric.Name, prefix) {
			continue
		}
		deletions.Go(func() error {
			_, err := s.client.Fabrics().Delete(ctx, netbox.Delete{
				ID: read.Fabric.ID, Revision: netbox.RevisionOf(&read.Fabric),
				Before: netbox.AttributesOf(&read.Fabric),
			})
			return err
		})
	}
	return deletions.Wait()
}

func (s *server) close() {
	if s.standin != nil {
		s.standin.Close()
	}
}
