package cluster

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"k8s.io/klog/v2"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/acctest"
)

// listening is a line that shows that client-go's log is recorded. The package silences client-go,
// so there should be no other line.
const listening = "client-go has a log"

func TestMain(m *testing.M) {
	os.Exit(acctest.Main(loggingTests{m}, acctest.Logs{Ours: []string{listening},
		Secrets: []string{"opensesame-opensesame"}}))
}

// loggingTests runs tests while client-go logs everything, even requests with headers and
// bodies, into a file that is searched for secrets.
type loggingTests struct{ *testing.M }

func (l loggingTests) Run() int {
	file := acctest.LogPath("client-go")
	if file == "" {
		return l.M.Run()
	}
	settings := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(settings)
	for name, value := range map[string]string{"v": "10", "logtostderr": "false", "log_file": file} {
		if err := settings.Set(name, value); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	klog.Info(listening)
	defer klog.Flush()
	return l.M.Run()
}
