package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the longest line of --help.
const helpWidth = 90

// FlagGroup is a group of flags under one heading of --help.
type FlagGroup struct {
	Title string
	Flags *pflag.FlagSet
}

// NewFlagGroup returns a group without flags. It keeps the order in which flags are added.
// The text in back quotes in a flag's usage is the name of its value in --help.
func NewFlagGroup(title string) FlagGroup {
	set := pflag.NewFlagSet(title, pflag.ContinueOnError)
	set.SortFlags = false
	return FlagGroup{title, set}
}

// AddFlags adds groups of flags to a command, and a help text with the description before
// the flags and the footer after them.
func AddFlags(c *cobra.Command, description string, groups []FlagGroup, footer string) {
	for _, g := range groups {
		c.Flags().AddFlagSet(g.Flags)
	}
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		var b strings.Builder
		fmt.Fprintf(&b, "Usage: %s\n\n%s\n", c.UseLine(), description)
		for _, g := range groups {
			fmt.Fprintf(&b, "%s:\n%s\n", g.Title, g.Flags.FlagUsagesWrapped(helpWidth))
		}
		c.Print(b.String() + footer)
	})
}

// Variables is the part of --help about the variables that say how to reach NetBox. Each
// command describes NETBOX_SERVER_URL and NETBOX_API_TOKEN before it.
const Variables = `  NETBOX_CA_CERT_FILE    PEM file with the CA certificates to trust for NetBox
  NETBOX_CLIENT_CERT_FILE, NETBOX_CLIENT_KEY_FILE
                         PEM files with a client certificate and its key, if NetBox
                         requires one
  NETBOX_ALLOW_INSECURE_HTTPS
                         true: do not verify NetBox's certificate
  NETBOX_HEADERS         JSON object with HTTP headers for every request to NetBox
  NETBOX_BRANCH          branch of NetBox to work in, instead of its main data; the sync
                         command then exits with an error
  NETBOX_REQUEST_TIMEOUT time limit of each request to NetBox, in seconds (default 30)
  NETBOX_SKIP_VERSION_CHECK
                         true: do not check NetBox's version
  NETBOX_STRIP_TRAILING_SLASHES_FROM_URL
                         false: keep slashes at the end of the URL
`

// Guides is the end of --help: where the guides are.
const Guides = `Guides, such as "Secrets", and "Troubleshooting", which explains the commands' messages:
  https://github.com/hedgehog-fabric/terraform-provider-hedgehog/tree/main/docs/guides
`
