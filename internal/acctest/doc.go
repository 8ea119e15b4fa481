// Package acctest gives acceptance tests a NetBox, and lets them change it as other users
// would. By default each test starts its own stand-in. The variables HEDGEHOG_ACC_… name a
// real NetBox instead, which all tests share.
//
// The package does not use the provider's own client, so that a mistake there cannot hide
// itself:
//
//   - For NetBox's own objects (tags, custom fields, choice sets, users, permissions, tokens,
//     event rules, object changes) it uses go-netbox, NetBox's Go client, on a stand-in and on
//     a real NetBox. See [NetBox.Tag], [NetBox.CustomField], [NetBox.ChoiceSet], [NetBox.As],
//     [NetBox.EventRule], [NetBox.Changes].
//   - For the plugin's objects, which go-netbox does not know, it uses plain HTTP:
//     [NetBox.Create], [NetBox.Patch], [NetBox.Fabric], [NetBox.Objects].
//   - [Sweepers] delete what killed tests left.
//   - [NetBox.Standin] has what only a stand-in can do: faults, the clock, the log of
//     requests, another version of NetBox, and definitions before the first request.
package acctest
