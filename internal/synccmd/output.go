package synccmd

import (
	"encoding/json"
	"io"

	"github.com/hedgehog-fabric/terraform-provider-hedgehog/internal/terminal"
)

// output is where reports go, for humans or programs. Its methods are called one at a time.
type output interface {
	add(*report) error
	end() error
}

func newOutput(o *options, w io.Writer, t *terminal.Terminal) output {
	switch o.output {
	case outputTable:
		return &tableOutput{out: w, terminal: t, dryRun: o.dryRun}
	case outputJSON:
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return &jsonOutput{encoder: encoder, dryRun: o.dryRun}
	}
	return noOutput{}
}

type noOutput struct{}

func (noOutput) add(*report) error { return nil }
func (noOutput) end() error        { return nil }
