// Package acctest says which NetBox an acceptance test runs against, and lets a
// test do to it what other people do. Without settings each test starts its own
// stand-in. The variables HEDGEHOG_ACC_… name a real NetBox instead, which all tests
// share.
//
// None of it goes through the provider's own client, so that a mistake there cannot
// hide itself:
//
//   - NetBox's own objects (tags, custom fields, choice sets, users, permissions,
//     tokens, event rules, object changes) are made, changed, removed and read with
//     NetBox's Go client, go-netbox, on a stand-in and on a real NetBox alike. See
//     [NetBox.Tag], [NetBox.CustomField], [NetBox.ChoiceSet], [NetBox.As],
//     [NetBox.EventRule], [NetBox.Changes].
//   - The plugin's objects have no model in go-netbox. Fabrics and imported objects
//     are made, changed and read with plain HTTP: [NetBox.Create], [NetBox.Patch],
//     [NetBox.Fabric], [NetBox.Objects].
//   - What killed tests have left is deleted by [Sweepers].
//   - What only a stand-in can do is done with its Go methods, [NetBox.Standin]:
//     faults, the clock, the log of requests, another version of NetBox, and
//     definitions that are there before the first request.
package acctest
