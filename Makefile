# Everything that a contributor runs. You need only Go: tools/run builds the other tools
# from source once, and OpenTofu too if no Terraform is installed.
# TF selects the CLI for tests and the demo: make test TF=tofu, make test TF=terraform-1.14.

VERSION ?= $(patsubst v%,%,$(shell git describe --tags --dirty 2>/dev/null || echo dev))

# GOTEST runs the tests, and lists at the end which were skipped and why. TEST is what it
# runs: make test TEST='-run Import ./internal/provider'.
GOTEST ?= tools/run gotestsum --format standard-quiet --
TEST ?= ./...

# Acceptance tests mostly wait, so two run per CPU.
PARALLEL ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

# Acceptance tests start thousands of short-lived CLIs. GOGC saves them garbage collections.
ACCEPTANCE = TF_ACC=1 GOGC=400

# The forms of the plugin that test-netbox runs against: patched (display_url = None in its
# serializers) and published. On NetBox 4.4, writes fail with the published plugin.
DISPLAY_URL ?= patched $(if $(filter 4.4.%,$(NETBOX_VERSION)),,published)

# The forms of the plugin's filters of object lists that test-netbox also replays the
# recordings against, besides the plugin without filters.
OBJECT_FILTER ?= fields filterset

# yes installs NetBox Branching in the NetBox of test-netbox.
BRANCHING ?=

# How long make fuzz runs each target.
FUZZTIME ?= 10s

# The form of the plugin on the real NetBox of test-kubernetes. If empty, test-kubernetes
# uses the stand-in. UNUSUAL are NetBox settings other than the defaults: no test may
# depend on the defaults.
ON_NETBOX ?=
UNUSUAL = --time-zone Asia/Kolkata --max-page-size 7

# The folders whose HCL fmt formats.
HCL = examples internal/dev

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the provider into build/
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o build/terraform-provider-hedgehog$(shell go env GOEXE) .

.PHONY: demo
demo: ## Show the provider at work, against a NetBox stand-in in memory
	go build -o build/demo ./internal/dev/demo
	tools/with-cli build/demo

# NETBOX=real installs and starts a real NetBox for the playground; the default is a stand-in.
# The playground never uses a NetBox that your environment names.
NETBOX ?=
REAL_NETBOX = env -u NETBOX_SERVER_URL -u NETBOX_API_TOKEN build/netboxserver --display-url patched --

.PHONY: playground
playground: ## Start stand-ins for NetBox and clusters, to try the provider by hand, until Ctrl-C
	$(if $(filter-out real,$(NETBOX)),$(error NETBOX is $(NETBOX), not real))
	@go build -o build/playgroundserver ./internal/dev/playground
	@$(if $(NETBOX),go build -o build/netboxserver ./internal/dev/netboxserver)
	@$(if $(NETBOX),$(REAL_NETBOX) tools/with-cli --on-servers,tools/with-cli) build/playgroundserver

.PHONY: test
test: ## Run all tests; acceptance tests use the NetBox stand-in
	tools/with-cli env $(ACCEPTANCE) $(GOTEST) -count=1 -timeout=30m -parallel=$(PARALLEL) $(TEST)

# Go writes each input that fails into testdata/fuzz, next to the test.
.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME
	@set -e; for package in $$(grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
		targets=$$(go test -list '^Fuzz' $$package); \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s $$package; \
		done; \
	done

# These tests never use the NetBox under test, but the stand-in or no server. make test runs them.
STANDIN_ONLY = ^Test(Acc)?(EveryValue|Explain|Faults|FreshReads|ManagedTwice|Proxy|TLS)_

# These packages have the NetBox to themselves, in this order: the first needs a NetBox
# that has assigned no ids yet, the second one without fabrics.
NETBOX_ALONE = ./internal/dev/netboxserver ./internal/dev/playground ./internal/acctest

# NETBOX_VERSION selects a NetBox other than the newest. For versions before 4.7,
# NETBOX_SOURCE must name a checkout of NetBox's repository.
.PHONY: test-netbox
test-netbox: ## Install and start a real NetBox, and run the acceptance tests against it
	@go build -o build/netboxserver ./internal/dev/netboxserver
	@build/netboxserver --check $(if $(BRANCHING),--branching)
	set -e; for form in $(DISPLAY_URL); do build/netboxserver --display-url $$form $(if $(BRANCHING),--branching) -- tools/with-cli --on-servers sh -c \
		'$(ACCEPTANCE) $(GOTEST) -count=1 -p 1 -tags=realnetbox $(NETBOX_ALONE) && $(ACCEPTANCE) $(GOTEST) -count=1 -timeout=45m -parallel=$(PARALLEL) -skip "$(STANDIN_ONLY)" ./internal/provider/...'; done
	for filter in $(OBJECT_FILTER); do build/netboxserver --object-filter $$filter -- $(GOTEST) -count=1 -tags=realnetbox ./internal/dev/netboxserver || exit; done

.PHONY: sweep
sweep: ## Delete leftovers of interrupted acceptance tests from the NetBox at NETBOX_SERVER_URL
	$(foreach name,NETBOX_SERVER_URL NETBOX_API_TOKEN,$(if $($(name)),,$(error Name the NetBox to sweep in \
		NETBOX_SERVER_URL and NETBOX_API_TOKEN: $(name) is not set)))
	@go test -v -count=1 ./internal/provider -sweep=all -sweep-allow-failures

# KUBERNETES_TESTS are the packages that test-kubernetes runs, KUBERNETES_RUN the tests of
# the provider. With takeover as the last part, synccmd leaves the lock of a killed engine,
# which lapses after three minutes, and takeover checks what happens then.
KUBERNETES_TESTS ?= synccmd cluster provider takeover
KUBERNETES_RUN ?= FabricSync|FabricConnection
DEAD_LOCK = $(CURDIR)/build/dead-lock.json

# Tests stop the API server, so only one may run at a time.
cluster_tests = $(GOTEST) -count=1 -parallel=1 ./internal/cluster
synccmd_tests = $(if $(filter takeover,$(KUBERNETES_TESTS)),rm -f $(DEAD_LOCK); export HEDGEHOG_ACC_DEAD_LOCK=$(DEAD_LOCK);) \
	$(GOTEST) -count=1 -timeout=20m -parallel=1 -run ^TestOnServers_ ./internal/synccmd
takeover_tests = $(GOTEST) -count=1 -timeout=10m -run TwoShards ./internal/synccmd
provider_tests = $(ACCEPTANCE) $(GOTEST) -count=1 -timeout=30m -parallel=1 -run "$(KUBERNETES_RUN)" ./internal/provider

.PHONY: test-kubernetes
test-kubernetes: ## Run the cluster tests against a real Kubernetes API server
	go build -o build/apiserver ./internal/dev/apiserver
	$(if $(ON_NETBOX),go build -o build/netboxserver ./internal/dev/netboxserver)
	$(if $(ON_NETBOX),build/netboxserver --display-url $(ON_NETBOX) $(UNUSUAL) --) build/apiserver -- tools/with-cli --on-servers sh -c \
		'set -e; $(foreach part,$(KUBERNETES_TESTS),$($(part)_tests);)'

# BENCH_SERVER=standin measures on the stand-in. internal/dev/bench/main.go explains
# BENCH_SIZES and BENCH_LATENCY. BENCH_FLAGS=-check fails if there are too many requests.
.PHONY: bench
bench: ## Measure the cost of 1, 100 and 1,000 fabrics, on a real NetBox
	go build -o build/bench ./internal/dev/bench
	$(if $(BENCH_SERVER),BENCH_SERVER=$(BENCH_SERVER) tools/with-cli build/bench $(BENCH_FLAGS),go build -o build/netboxserver ./internal/dev/netboxserver && \
		build/netboxserver --display-url patched -- tools/with-cli --on-servers build/bench $(BENCH_FLAGS))

# bench-sync also measures the program of the commit BASE in the same run: the last commit
# that read all of NetBox's objects in each sync. BASE= measures only the working tree.
BASE ?= 26a6448
# The default sizes are small. For others, such as SYNC_BENCH_FLAGS='-fabrics 1000
# -objects 100000', see build/benchsync -help, and set BASE=: the base would take hours.
SYNC_BENCH_FLAGS ?=

.PHONY: bench-sync
bench-sync: ## Measure the cost of syncs, on stand-ins, and compare with the commit BASE
	go build -o build/benchsync ./internal/dev/benchsync
	build/benchsync -base "$(BASE)" -results build/bench-sync.md $(SYNC_BENCH_FLAGS)

.PHONY: check
check: fmt-check vet lint lint-workflows lint-alerts docs-check pictures-check check-documents ## Check formatting, lint, documents, pictures and examples, without the other tests

.PHONY: vet
vet: ## Run go vet, and check that go.mod is tidy
	go mod tidy -diff
	go vet ./...
	go vet -tags=realnetbox ./internal/dev/netboxserver

.PHONY: lint
lint: ## Run golangci-lint
	tools/run golangci-lint run

.PHONY: lint-workflows
lint-workflows: ## Run actionlint on the workflows of GitHub Actions
	tools/run actionlint -shellcheck= -pyflakes=

.PHONY: lint-alerts
lint-alerts: ## Check the example's alert rules and run their tests, with promtool
	tools/run promtool check rules --lint=all --lint-fatal examples/sync/monitoring/alerts.yaml
	tools/run promtool test rules examples/sync/monitoring/alerts_test.yaml

# govulncheck reads Go's vulnerability database over the Internet.
.PHONY: vulncheck
vulncheck: ## Report known vulnerabilities that the code can reach
	tools/run govulncheck ./...

.PHONY: fmt
fmt: ## Format Go and HCL
	tools/run golangci-lint fmt
	tools/with-cli sh -c '"$$TF_ACC_TERRAFORM_PATH" fmt -recursive $(wildcard $(HCL))'

.PHONY: fmt-check
fmt-check: ## Fail if Go or HCL is not formatted
	tools/run golangci-lint fmt --diff
	tools/with-cli sh -c '"$$TF_ACC_TERRAFORM_PATH" fmt -check -diff -recursive $(wildcard $(HCL))'

.PHONY: generate
generate: docs ## Same as docs

.PHONY: docs
docs: ## Generate docs/ from the schema, templates/ and examples/
	tools/docs

.PHONY: docs-check
docs-check: ## Fail if docs/ is out of date
	tools/docs --check

.PHONY: check-documents
check-documents: ## Fail on a broken link, an invalid example, or an undocumented attribute or message
	tools/with-cli env $(ACCEPTANCE) $(GOTEST) -count=1 -run '^Test(Acc)?(Links|Documents|Examples|Descriptions)_|^TestGuide_trouble' \
		./internal/dev/examplestest ./internal/provider

# Packages that draw pictures of the documents, from the rules, from stored results, or from
# what a command prints.
PICTURES = ./internal/dev/statusplot ./internal/dev/bench ./internal/dev/benchsync ./internal/statuscmd ./internal/synccmd

.PHONY: pictures
pictures: ## Draw the pictures of the documents, and the timeline of the status in its guide
	HEDGEHOG_DRAW=1 go test -count=1 -run '^TestPictures_' $(PICTURES)

.PHONY: pictures-check
pictures-check: ## Fail when a picture is not what is drawn now, or cannot be read well
	go test -count=1 -run '^TestPictures_' $(PICTURES)

.PHONY: screenshot
screenshot: ## Save a screenshot of the example status page into build/, with headless Chromium
	@mkdir -p build
	tools/screenshot build/status-page.png

.PHONY: release-check
release-check: ## Check the release configuration
	tools/run goreleaser check

.PHONY: release-snapshot
release-snapshot: ## Build an unsigned release for two platforms, with its container image, into dist/
	tools/snapshot
	go run ./internal/dev/image dist

.PHONY: image
image: ## Build the container image of the release in dist/, into dist/image
	go run ./internal/dev/image dist

.PHONY: test-release
test-release: ## Check the release in dist/ and its image, and install it with both CLIs
	tools/with-cli env HEDGEHOG_RELEASE_DIST=$(CURDIR)/dist $(GOTEST) -count=1 ./internal/dev/releasetest

.PHONY: clean
clean: ## Remove build/ and dist/
	rm -rf build dist

.PHONY: clean-tools
clean-tools: ## Remove the tools that were built into your cache
	tools/run clean
