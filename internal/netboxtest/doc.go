// Package netboxtest is an in-memory stand-in for the REST API of a NetBox with the plugin
// netbox_hedgehog. Tests and demos use it over HTTP on the loopback interface, and control its
// clock, its data and its faults with methods. It supports each NetBox that has a [Version].
//
// Its answers follow recordings of live servers, a set for each version, which the package's
// tests replay against it. If a rule has no recording, its comment says so.
//
// With [Options.Branching] it also has the plugin netbox_branching: branches with their own
// fabrics, imported objects and tags, and a worker that syncs, merges and reverts.
//
// Faults are middlewares: [Server.Fault] adds one of this package's kinds, [Server.Intercept]
// any other. [Server.Refuse] closes the port. The log of requests shows which fault struck
// which request.
package netboxtest
