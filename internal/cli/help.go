package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the longest line of --help.
const helpWidth = 90

// FlagGroup is a group of flags as --help shows them.
type FlagGroup struct {
	Title string
	Flags *pflag.FlagSet
}

// NewFlagGroup returns a group without flags, which keeps the order in which they are
// added. What is between back quotes in a flag's usage is how --help names its value.
func NewFlagGroup(title string) FlagGroup {
	set := pflag.NewFlagSet(title, pflag.ContinueOnError)
	set.SortFlags = false
	return FlagGroup{title, set}
}

// AddFlags gives groups of flags to a command, and the help that shows them between a
// description and what follows.
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

// Variables are the part of --help on the variables that say how NetBox is reached. The
// command explains NETBOX_SERVER_URL and NETBOX_API_TOKEN before it.
const Variables = `  NETBOX_CA_CERT_FILE    PEM file with the CA certificates to trust for NetBox
  NETBOX_CLIENT_CERT_FILE, NETBOX_CLIENT_KEY_FILE
                         PEM files with a client certificate and its key, if NetBox
                         requires one
  NETBOX_ALLOW_INSECURE_HTTPS
                         true: do not verify NetBox's certificate
  NETBOX_HEADERS         JSON object with HTTP headers for every request to NetBox
  NETBOX_BRANCH          NetBox branch to work in, instead of main; sync refuses it
  NETBOX_REQUEST_TIMEOUT time limit of each request to NetBox, in seconds (default 30)
  NETBOX_SKIP_VERSION_CHECK
                         true: do not check NetBox's version
  NETBOX_STRIP_TRAILING_SLASHES_FROM_URL
                         false: keep slashes at the end of the URL
`
