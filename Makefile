# Everything a contributor runs. Only Go is needed: the other tools are built from
# source once (see tools/run), and so is OpenTofu where no Terraform is installed.
# TF names the CLI for tests and demo: make test TF=tofu, make test TF=terraform-1.14.

VERSION ?= $(patsubst v%,%,$(shell git describe --tags --dirty 2>/dev/null || echo dev))

# The command that runs tests, and what it runs: make test TEST='-run Import ./internal/provider'.
GOTEST ?= go test
TEST ?= ./...

# The forms of the plugin that test-netbox runs against: with its serializers'
# display_url mended by the administrator, and as published.
DISPLAY_URL ?= mended published

# The form of the plugin on a real NetBox that test-kubernetes uses besides the real
# API server; a NetBox stand-in where it is empty.
ON_NETBOX ?=

# Folders with HCL that is formatted.
HCL = examples test

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the provider into build/
	go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o build/terraform-provider-hedgehog .

.PHONY: demo
demo: ## Show the provider at work, on a NetBox stand-in in memory
	go build -o build/demo ./test/demo
	tools/with-cli build/demo

.PHONY: test
test: ## Run every test, acceptance tests against the stand-in included
	tools/with-cli env TF_ACC=1 $(GOTEST) -count=1 -timeout=30m $(TEST)

.PHONY: test-netbox
test-netbox: ## Run the acceptance tests against a real NetBox, installed and started for it
	go build -o build/test-netbox ./test/netbox
	set -e; for form in $(DISPLAY_URL); do build/test-netbox --display-url $$form -- tools/with-cli --on-servers sh -c \
		'$(GOTEST) -count=1 -tags=realnetbox ./test/netbox && TF_ACC=1 $(GOTEST) -count=1 -timeout=45m ./internal/provider/...'; done

# Tests stop the API server, so none may run at the same time as another.
.PHONY: test-kubernetes
test-kubernetes: ## Run the tests of clusters against a real Kubernetes API server
	go build -o build/test-apiserver ./test/apiserver
	$(if $(ON_NETBOX),go build -o build/test-netbox ./test/netbox)
	$(if $(ON_NETBOX),build/test-netbox --display-url $(ON_NETBOX) --) build/test-apiserver -- tools/with-cli --on-servers sh -c \
		'$(GOTEST) -count=1 -parallel=1 ./internal/cluster && TF_ACC=1 $(GOTEST) -count=1 -timeout=30m -parallel=1 -run "FabricSync|FabricConnection" ./internal/provider'

# BENCH_SERVER=standin measures on the stand-in instead; BENCH_SIZES and BENCH_LATENCY
# are told in bench/main.go. BENCH_FLAGS=-check fails when there are too many requests.
.PHONY: bench
bench: ## Measure what 1, 100 and 1,000 fabrics cost, on a real NetBox
	go build -o build/bench ./bench
	$(if $(BENCH_SERVER),BENCH_SERVER=$(BENCH_SERVER) tools/with-cli build/bench $(BENCH_FLAGS),go build -o build/test-netbox ./test/netbox && \
		build/test-netbox --display-url mended -- tools/with-cli --on-servers build/bench $(BENCH_FLAGS))

.PHONY: check
check: fmt-check vet lint docs-check ## Check all that can be checked without running a test

.PHONY: vet
vet: ## Run go vet
	go vet ./...
	go vet -tags=realnetbox ./test/netbox/...

.PHONY: lint
lint: ## Run golangci-lint
	tools/run golangci-lint run

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

.PHONY: release-check
release-check: ## Check the release configuration
	tools/run goreleaser check

.PHONY: clean
clean: ## Remove build/ and dist/
	rm -rf build dist

.PHONY: clean-tools
clean-tools: ## Remove the tools that were built into the user's cache
	tools/run clean
