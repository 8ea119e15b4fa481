package acctest

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const ourLine = `{"@level":"debug","@message":"NetBox answered","@module":"hedgehog","path":"/api/"}` + "\n"

func TestSearch_findsSecretsWhereTheyMustNotBe(t *testing.T) {
	const helper = `{"@module":"sdk.helper_resource","configuration":"`
	for name, c := range map[string]struct {
		log  string
		want string // "" for nothing
	}{
		"nothing": {ourLine, ""},
		"in a line of ours": {ourLine + strings.Replace(ourLine, "/api/", "?t=long-secret-1", 1),
			`line 2: {"@level":"debug","@message":"NetBox answered","@module":"hedgehog","path":"?t=(SECRET)"}`},
		"in a line of the CLI":    {ourLine + `{"@message":"long-secret-1"}`, "line 2"},
		"in plain words":          {ourLine + "2026/11/27 long-secret-1\n", "line 2: 2026/11/27 (SECRET)"},
		"as JSON writes it":       {ourLine + `{"@message":"a \"quoted\" secret"}`, "line 2"},
		"as a URL writes it":      {ourLine + `{"@message":"a+%22quoted%22+secret"}`, "line 2"},
		"in the test framework's": {ourLine + helper + `long-secret-1"}`, ""},
		"in what an echo is given": {ourLine + `{"@message":"UpgradeResourceState: ignoring dynamic block: ` +
			`{\"value\":\"long-secret-1\"}"}`, ""},
		"a short one of the test":  {ourLine + "theirs", "line 2: (SECRET)"},
		"a short one of another's": {ourLine + "others", ""},
		"far into a line": {ourLine + strings.Repeat("x", 5000) + "long-secret-1" + strings.Repeat("y", 5000),
			"line 2: " + strings.Repeat("x", shown) + "(SECRET)" + strings.Repeat("y", shown)},
	} {
		t.Run(name, func(t *testing.T) {
			s := secrets{}
			s.add("", "long-secret-1", `a "quoted" secret`)
			s.add("TestOther", "others")
			s.add("TestOne/of_two", "theirs")
			problems := searchOne(t, &s, "TestOne__of_two__deeper", c.log)
			if (c.want == "") != (len(problems) == 0) || !strings.Contains(strings.Join(problems, "\n"), c.want) {
				t.Errorf("found %q, want %q", problems, c.want)
			}
			if all := strings.Join(problems, ""); strings.Contains(all, "long-secret") ||
				strings.Contains(all, "theirs") {
				t.Errorf("a secret is shown: %q", problems)
			}
		})
	}
}

func searchOne(t *testing.T, s *secrets, test, log string, ours ...string) []string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, test+".log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	problems, err := s.search(folder, ours)
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func TestSearch_needsSomethingToSearch(t *testing.T) {
	for name, c := range map[string]struct {
		log  string
		fine bool
	}{
		"nothing at all": {"", true},
		"of a skipped test": {`{"@module":"sdk.helper_resource","@message":"Starting TestCase"}` +
			"\n2026/11/27 [WARN] Invalid log level", true},
		"ours":                  {`{"@message":"CLI args"}` + "\n" + ourLine, true},
		"of the CLI alone":      {`{"@message":"CLI args"}` + "\n", false},
		"in another log's form": {"2026-11-27T03:44:00.000Z [TRACE] sdk.proto: Received request\n", false},
	} {
		if problems := searchOne(t, &secrets{}, "TestOne", c.log); (len(problems) == 0) != c.fine {
			t.Errorf("%s: found %q", name, problems)
		}
	}
}

func TestSearch_ofAnotherProgram(t *testing.T) {
	for log, fine := range map[string]bool{"": true, "time=1 level=DEBUG msg=x\n": true,
		"time=1 level=INFO msg=x\n": false} {
		if problems := searchOne(t, &secrets{}, "TestOne", log, "level=DEBUG"); (len(problems) == 0) != fine {
			t.Errorf("%q: found %q", log, problems)
		}
	}
}

func TestSearch_doesNotShowEverything(t *testing.T) {
	s := secrets{}
	s.add("", "long-secret-1")
	problems := searchOne(t, &s, "TestOne", strings.Repeat("long-secret-1\n", 100)+ourLine)
	if len(problems) != maxProblems+1 || problems[maxProblems] != "… and 80 more" {
		t.Errorf("%d: %q", len(problems), problems[len(problems)-1])
	}
}

func TestSentBy(t *testing.T) {
	header := http.Header{"Authorization": {"Bearer nbt_key.half"}, "X-Remote-User": {"terraform"},
		"X-Api-Key": {"gateway"}, "User-Agent": {"test"}}
	if got, want := sentBy(header, []byte(`{"kubernetes_token":"of the cluster"}`)), []string{"nbt_key.half", "half",
		"gateway", "of the cluster"}; !reflect.DeepEqual(sorted(got), sorted(want)) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func sorted(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

type tests func() int

func (f tests) Run() int { return f() }

// A run whose tests pass fails when they have logged a secret.
func TestMain_failsTheRun(t *testing.T) {
	for _, name := range logSettings {
		t.Setenv(name, "")
	}
	folder := logFolder
	defer func() { logFolder = folder }()
	run := func(log string) int {
		for _, name := range logSettings {
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
		return Main(tests(func() int {
			_, _ = Log(t).Write([]byte(log))
			return 0
		}), Logs{Secrets: []string{"a-secret-of-this-test"}})
	}
	if code := run(ourLine); code != 0 {
		t.Errorf("nothing is wrong, and the code is %d", code)
	}
	if code := run(ourLine + "a-secret-of-this-test\n"); code != 1 {
		t.Errorf("a secret was logged, and the code is %d", code)
	}
}

func TestSweep_removesWhatWasLeftBehind(t *testing.T) {
	folder := t.TempDir()
	for name, age := range map[string]time.Duration{"hedgehog-logs-old": 3 * time.Hour, "hedgehog-logs-new": time.Hour,
		"other": 3 * time.Hour} {
		path := filepath.Join(folder, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	sweep(folder)
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(left) != 2 || filepath.Base(left[0]) != "hedgehog-logs-new" ||
		filepath.Base(left[1]) != "other" {
		t.Errorf("%q are left (%v)", left, err)
	}
}
