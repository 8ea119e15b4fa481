# Everything a contributor runs. Only Go is needed: the other tools are built from
# source once (see tools/run), and so is OpenTofu where no Terraform is installed.
# TF names the CLI for tests and demo: make test TF=tofu, make test TF=terraform-1.14.

VERSION ?= $(patsubst v%,%,$(shell git describe --tags --dirty 2>/dev/null || echo dev))

# The command that runs tests, and lists at the end what was skipped and why; and what
# it runs: make test TEST='-run Import ./internal/provider'.
GOTEST ?= tools/run gotestsum --format standard-quiet --
TEST ?= ./...

# Acceptance tests wait much of the time: twice as many run at once as there are CPUs.
PARALLEL ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

# Acceptance tests start thousands of short-lived CLIs, which collect less garbage so.
ACCEPTANCE = TF_ACC=1 GOGC=400

# The forms of the plugin that test-netbox runs against: with its serializers'
# display_url patched by the administrator, and as published. NetBox 4.4 cannot write
# with the published one.
DISPLAY_URL ?= patched $(if $(filter 4.4.%,$(NETBOX_VERSION)),,published)

# The filters of the plugin's lists of objects that its recordings are replayed against
# as well, besides none.
OBJECT_FILTER ?= fields filterset

# Whether the NetBox of test-netbox has NetBox Branching: yes, or empty.
BRANCHING ?=

# How long make fuzz runs each of its targets.
FUZZTIME ?= 10s

# The form of the plugin on a real NetBox that test-kubernetes uses besides the real
# API server; a NetBox stand-in where it is empty. Its settings are not the default
# ones, since nothing may depend on them.
ON_NETBOX ?=
UNUSUAL = --time-zone Asia/Kolkata --max-page-size 7

# Folders with HCL that is formatted.
HCL = examples internal/dev

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the provider into build/
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o build/terraform-provider-hedgehog$(shell go env GOEXE) .

.PHONY: demo
demo: ## Show the provider at work, on a NetBox stand-in in memory
	go build -o build/demo ./internal/dev/demo
	tools/with-cli build/demo

# The playground's NetBox: a stand-in if empty, or NETBOX=real for one that is installed and
# started for it. A NetBox that the caller's environment names is never used.
NETBOX ?=
REAL_NETBOX = env -u NETBOX_SERVER_URL -u NETBOX_API_TOKEN build/netboxserver --display-url patched --

.PHONY: playground
playground: ## Start a NetBox and clusters that stay up until Ctrl-C, and write HCL to try with them
	$(if $(filter-out real,$(NETBOX)),$(error NETBOX is $(NETBOX), not real))
	@go build -o build/playgroundserver ./internal/dev/playground
	@$(if $(NETBOX),go build -o build/netboxserver ./internal/dev/netboxserver)
	@$(if $(NETBOX),$(REAL_NETBOX) tools/with-cli --on-servers,tools/with-cli) build/playgroundserver

.PHONY: test
test: ## Run every test, acceptance tests against the stand-in included
	tools/with-cli env $(ACCEPTANCE) $(GOTEST) -count=1 -timeout=30m -parallel=$(PARALLEL) $(TEST)

# What a target finds is written next to the test, into testdata/fuzz.
.PHONY: fuzz
fuzz: ## Run every fuzz target, each for FUZZTIME
	@set -e; for package in $$(grep -rl '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
		targets=$$(go test -list '^Fuzz' $$package); \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s $$package; \
		done; \
	done

# Faults, proxies and broken TLS are the stand-in's alone, whatever NetBox is named:
# make test has run them.
STANDIN_ONLY = ^Test(Acc)?(Faults|Proxy|TLS)_

# What has the NetBox to itself, in this order: the first needs one that has given out no
# ids yet, and the second one without fabrics.
NETBOX_ALONE = ./internal/dev/netboxserver ./internal/dev/playground ./internal/acctest

# NETBOX_VERSION names another NetBox than the newest; before 4.7, NETBOX_SOURCE a
# checkout of its repository.
.PHONY: test-netbox
test-netbox: ## Run the acceptance tests against a real NetBox, installed and started for it
	@go build -o build/netboxserver ./internal/dev/netboxserver
	@build/netboxserver --check $(if $(BRANCHING),--branching)
	set -e; for form in $(DISPLAY_URL); do build/netboxserver --display-url $$form $(if $(BRANCHING),--branching) -- tools/with-cli --on-servers sh -c \
		'$(ACCEPTANCE) $(GOTEST) -count=1 -p 1 -tags=realnetbox $(NETBOX_ALONE) && $(ACCEPTANCE) $(GOTEST) -count=1 -timeout=45m -parallel=$(PARALLEL) -skip "$(STANDIN_ONLY)" ./internal/provider/...'; done
	for filter in $(OBJECT_FILTER); do build/netboxserver --object-filter $$filter -- $(GOTEST) -count=1 -tags=realnetbox ./internal/dev/netboxserver || exit; done

.PHONY: sweep
sweep: ## Delete what killed acceptance tests have left in the NetBox that NETBOX_SERVER_URL names
	$(foreach name,NETBOX_SERVER_URL NETBOX_API_TOKEN,$(if $($(name)),,$(error Name the NetBox to sweep in \
		NETBOX_SERVER_URL and NETBOX_API_TOKEN: $(name) is not set)))
	@go test -v -count=1 ./internal/provider -sweep=all -sweep-allow-failures

# Which packages test-kubernetes runs, and which of the provider's tests. With takeover as
# the last one, synccmd leaves the lock of an engine that was killed, which lapses in three
# minutes, and takeover checks what happens then.
KUBERNETES_TESTS ?= synccmd cluster provider takeover
KUBERNETES_RUN ?= FabricSync|FabricConnection
DEAD_LOCK = $(CURDIR)/build/dead-lock.json

# Tests stop the API server, so none may run at the same time as another.
cluster_tests = $(GOTEST) -count=1 -parallel=1 ./internal/cluster
synccmd_tests = $(if $(filter takeover,$(KUBERNETES_TESTS)),rm -f $(DEAD_LOCK); export HEDGEHOG_ACC_DEAD_LOCK=$(DEAD_LOCK);) \
	$(GOTEST) -count=1 -timeout=20m -parallel=1 -run ^TestOnServers_ ./internal/synccmd
takeover_tests = $(GOTEST) -count=1 -timeout=10m -run TwoShards ./internal/synccmd
provider_tests = $(ACCEPTANCE) $(GOTEST) -count=1 -timeout=30m -parallel=1 -run "$(KUBERNETES_RUN)" ./internal/provider

.PHONY: test-kubernetes
test-kubernetes: ## Run the tests of clusters against a real Kubernetes API server
	go build -o build/apiserver ./internal/dev/apiserver
	$(if $(ON_NETBOX),go build -o build/netboxserver ./internal/dev/netboxserver)
	$(if $(ON_NETBOX),build/netboxserver --display-url $(ON_NETBOX) $(UNUSUAL) --) build/apiserver -- tools/with-cli --on-servers sh -c \
		'set -e; $(foreach part,$(KUBERNETES_TESTS),$($(part)_tests);)'

# BENCH_SERVER=standin measures on the stand-in instead; BENCH_SIZES and BENCH_LATENCY
# are explained in internal/dev/bench/main.go. BENCH_FLAGS=-check fails when there are too many requests.
.PHONY: bench
bench: ## Measure what 1, 100 and 1,000 fabrics cost, on a real NetBox
	go build -o build/bench ./internal/dev/bench
	$(if $(BENCH_SERVER),BENCH_SERVER=$(BENCH_SERVER) tools/with-cli build/bench $(BENCH_FLAGS),go build -o build/netboxserver ./internal/dev/netboxserver && \
		build/netboxserver --display-url patched -- tools/with-cli --on-servers build/bench $(BENCH_FLAGS))

# A commit whose program bench-sync measures as well, in the same run: the last one that
# read all objects of NetBox in each sync. BASE= measures the working tree's alone.
BASE ?= 26a6448
# The small sizes that it measures by default; SYNC_BENCH_FLAGS='-fabrics 1000 -objects 100000' and the
# like are explained by build/benchsync -help. The base takes hours for those: leave it out.
SYNC_BENCH_FLAGS ?=

.PHONY: bench-sync
bench-sync: ## Measure what syncs cost, on stand-ins, and compare with BASE
	go build -o build/benchsync ./internal/dev/benchsync
	build/benchsync -base "$(BASE)" -results build/bench-sync.md $(SYNC_BENCH_FLAGS)

.PHONY: check
check: fmt-check vet lint lint-workflows lint-alerts docs-check check-documents ## Check form, documents and examples; run no other test

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
lint-alerts: ## Check the example's alert rules, and run their tests in Prometheus' own engine
	tools/run promtool check rules --lint=all --lint-fatal examples/sync/monitoring/alerts.yaml
	tools/run promtool test rules examples/sync/monitoring/alerts_test.yaml

# It asks Go's vulnerability database on the Internet.
.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities that the code can reach
	tools/run govulncheck ./...

.PHONY: fmt
fmt: ## Format Go and HCL
	tools/run golangci-lint fmt
	tools/with-cli sh -c '"$$TF_ACC_TERRAFORM_PATH" fmt -recursive $(wildcard $(HCL))'

.PHONY: fmt-check
fmt-check: ## Fail when Go or HCL is not formatted
	tools/run golangci-lint fmt --diff
	tools/with-cli sh -c '"$$TF_ACC_TERRAFORM_PATH" fmt -check -diff -recursive $(wildcard $(HCL))'

.PHONY: generate
generate: docs ## Generate everything that is generated: docs/

.PHONY: docs
docs: ## Generate docs/ from the schema, templates/ and examples/
	tools/docs

.PHONY: docs-check
docs-check: ## Fail when docs/ is out of date
	tools/docs --check

.PHONY: check-documents
check-documents: ## Fail on a broken link, an example that is not valid, an attribute or a message without documentation
	tools/with-cli env $(ACCEPTANCE) $(GOTEST) -count=1 -run '^Test(Acc)?(Links|Documents|Examples|Descriptions)_|^TestGuide_(pic|trouble)' \
		./internal/dev/examplestest ./internal/dev/statusplot ./internal/provider

.PHONY: screenshot
screenshot: ## Draw the status page of examples/status-page, in headless Chromium, into build/
	@mkdir -p build
	tools/screenshot build/status-page.png

.PHONY: release-check
release-check: ## Check the release configuration
	tools/run goreleaser check

.PHONY: release-snapshot
release-snapshot: ## Build a release for two platforms into dist/, unsigned, and its container image
	tools/snapshot
	go run ./internal/dev/image dist

.PHONY: image
image: ## Make the container image of the release in dist/, into dist/image
	go run ./internal/dev/image dist

.PHONY: test-release
test-release: ## Check the release in dist/ and its image, and install it with both CLIs
	tools/with-cli env HEDGEHOG_RELEASE_DIST=$(CURDIR)/dist $(GOTEST) -count=1 ./internal/dev/releasetest

.PHONY: clean
clean: ## Remove build/ and dist/
	rm -rf build dist

.PHONY: clean-tools
clean-tools: ## Remove the tools that were built into the user's cache
	tools/run clean
