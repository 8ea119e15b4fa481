// Package netboxtest is a stand-in for the REST API of a NetBox 4.7 with the
// plugin netbox_hedgehog, held in memory. Tests and demonstrations talk to it
// over HTTP on the loopback interface and set its clock, its data and its
// faults from the outside.
//
// What it answers follows recordings of a live server, which the package's own
// tests replay against it. Where no recording exists, the comment at the rule
// says so.
package netboxtest
