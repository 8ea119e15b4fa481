// Package netboxtest is a stand-in for the REST API of a NetBox with the plugin
// netbox_hedgehog, held in memory. Tests and demonstrations talk to it over HTTP
// on the loopback interface and set its clock, its data and its faults from the
// outside. It can be each NetBox that there is a [Version] for.
//
// What it answers follows recordings of live servers, which the package's own
// tests replay against it, one set for each version. Where no recording exists,
// the comment at the rule says so.
//
// With [Options.Branching] it has the plugin netbox_branching too: branches with their
// own fabrics, imported objects and tags, and a worker that syncs, merges and reverts.
//
// Faults are middlewares: [Server.Fault] switches on one of the kinds that this
// package has, [Server.Intercept] takes any other. [Server.Refuse] shuts the
// port. The log of requests tells which fault struck which request.
package netboxtest
