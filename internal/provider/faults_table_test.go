package provider

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// faultRow is a fault of NetBox, or of a program in front of it, with the tests that show how the
// provider reacts. A name may end in *. The tests under provider are in this package: TestFaults_
// checks state, NetBox and the next plan together, and TestAccFaults_ does so with the real CLI. The
// tests under client are in the packages of NetBox's API, where TestSoak has all faults at once. A
// fault is tested at the lowest level that can fail; higher levels test only what is visible there.
type faultRow struct {
	fault            string
	provider, client []string
}

var faultTests = []faultRow{
	{fault: "429 with Retry-After, 502, 503, 504, in bursts",
		provider: []string{"TestFaults_writeIsDoneOnce", "TestAccFaults_wholeLife", "TestFaults_refreshFails"},
		client:   []string{"TestRetry_*", "TestBackoff", "TestPauseAfter_*"}},
	{fault: "refused, reset, no such host",
		provider: []string{"TestFaults_writeIsDoneOnce", "TestAccProvider_unreachable"},
		client:   []string{"TestRetry_serverThatComesUpIsFound", "TestRetry_unknownHostIsNamedAndFinal"}},
	{fault: "committed, and the answer lost or a 5xx",
		provider: []string{"TestFaults_writeIsDoneOnce", "TestAccFaults_wholeLife",
			"TestAccFaults_unknownOutcomeIsImported"},
		client: []string{"Test*_committedButAnswerLostIs*"}},
	{fault: "committed late, and a sync has rewritten it",
		provider: []string{"TestFaults_committedLate", "TestFaults_lateWriteThatCannotBeLookedFor"},
		client:   []string{"TestCreate_committedLateIsStillOne"}},
	{fault: "lost, and another user takes the name",
		provider: []string{"TestFaults_nameTakenMeanwhile"},
		client:   []string{"TestCreate_takenName"}},
	{fault: "slow, endless and huge answers",
		provider: []string{"TestFaults_refreshFails", "TestAccFaults_wholeLife", "TestAccFaults_refreshFails"},
		client:   []string{"TestLimits_*"}},
	{fault: "HTML, empty, cut, wrong types, null, long numbers",
		provider: []string{"TestFaults_refreshFails", "TestFaults_everyFieldOfEveryType",
			"TestFaults_writeIsDoneOnce", "TestAccFaults_wholeLife", "TestAccFaults_refreshFails",
			"TestFaults_answeredOtherwise"},
		client: []string{"TestFabricRecord_*", "TestClassify_*", "Fuzz*"}},
	{fault: "redirects",
		provider: []string{"TestFaults_refreshFails", "TestFaults_writeIsRefused"},
		client:   []string{"TestRedirect_*"}},
	{fault: "next links",
		provider: []string{"TestFaults_listWithoutEnd"},
		client: []string{"TestScan_next*", "TestScan_listWithoutAnEndIsAPagingError", "FuzzNextPage",
			"TestRefresh_aListThatFailsIsLeftAlone"}},
	{fault: "403 in the middle of an apply, token revoked",
		provider: []string{"TestAccFaults_tokenRevokedInAnApply", "TestFaults_writeIsRefused",
			"TestFaults_lostWriteThatIsRefused", "TestFaults_refreshFails"},
		client: []string{"TestWrite_refusedAfterALostAttemptIsUnverified"}},
	{fault: "gone or hidden",
		provider: []string{"TestFaults_hidden", "TestFabricResource_goneAt*"},
		client:   []string{"TestRefresh_notFoundIsBelievedTheSecondTime"}},
	{fault: "maintenance mode, plugin uninstalled",
		provider: []string{"TestFaults_writeIsRefused", "TestFaults_refreshFails"}},
	{fault: "another fabric under the id, or under the name",
		provider: []string{"TestFabricResource_anotherFabricIsNeverWritten", "TestFaults_refreshFails",
			"TestFaults_renamedAndRecreated"},
		client: []string{"TestWrite_anotherFabricUnderTheID"}},
	{fault: "two applies, an apply and a sync",
		provider: []string{"TestFabricResource_changedBetweenPlanAndApply",
			"TestFaults_changeOfTheClusterOverASync", "TestAccFaults_applyAndSync"},
		client: []string{"TestUpdate_overAManagedChangeIsAConflict", "TestWriteSync_overAChange"}},
	{fault: "cancel",
		provider: []string{"TestFaults_canceled", "TestAccFaults_interruptedWhileWriting",
			"TestAccFaults_interruptedProcessGroup"},
		client: []string{"TestLimits_cancel*"}},
	{fault: "the plugin as published",
		provider: []string{"TestAccFaults_wholeLife", "TestAccFaults_publishedPlugin"}},
	{fault: "NetBox 4.4, 4.5 and 4.6",
		provider: []string{"TestAccFaults_olderNetBox", "TestFaults_changeWhileAnOldNetBoxIsWritten",
			"TestAccFaults_tooOldForThePublishedPlugin"},
		client: []string{"TestProfile_*"}},
	{fault: "proxies and TLS",
		provider: []string{"TestAccProxy_*", "TestAccTLS_*"},
		client:   []string{"TestProxy_*", "TestTLS_*", "TestScheme_*", "TestTransportError_explain"}},
}

// Each name in the table matches a test, and the table has every test of a fault.
func TestFaultTable_isTrue(t *testing.T) {
	here, client := testsIn(t, "."), testsIn(t, "../netbox", "../rest")
	var listed []string
	for _, row := range faultTests {
		if len(row.provider)+len(row.client) == 0 {
			t.Errorf("the table names no test for %q", row.fault)
		}
		for _, name := range row.provider {
			listed = append(listed, matching(t, name, here)...)
		}
		for _, name := range row.client {
			listed = append(listed, matching(t, name, client)...)
		}
	}
	for _, tests := range []map[string]bool{here, client} {
		for name := range tests {
			if ofFaults.MatchString(name) && !slices.Contains(listed, name) {
				t.Errorf("the table of faults does not name %s", name)
			}
		}
	}
}

var (
	ofFaults     = regexp.MustCompile(`^Test(Acc)?(Faults|Proxy|TLS|Limits|Retry|Redirect)_`)
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// testsIn returns the names of the tests in some folders.
func testsIn(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		must(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			must(t, err)
			for _, match := range testFunction.FindAllSubmatch(source, -1) {
				found[string(match[1])] = true
			}
		}
	}
	return found
}

// matching returns the tests that a name in the table matches, and fails the test if there are
// none.
func matching(t *testing.T, name string, tests map[string]bool) []string {
	t.Helper()
	var found []string
	for test := range tests {
		ok, err := path.Match(name, test)
		must(t, err)
		if ok {
			found = append(found, test)
		}
	}
	if len(found) == 0 {
		t.Errorf("the table of faults names %s, but there is no such test", name)
	}
	return found
}
