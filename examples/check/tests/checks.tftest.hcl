# Tests the check "critical" itself, without NetBox. A mocked list is empty, so the critical
# fabric is missing.

mock_provider "hedgehog" {}

run "the_critical_fabric_is_missing" {
  command         = plan
  expect_failures = [check.critical]
}
