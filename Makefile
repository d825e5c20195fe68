# Tieline: make run to try it, make test before a commit.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED := 0

TOOLS    := $(CURDIR)/.cache/tools
LINT     := $(TOOLS)/golangci-lint-v2.15.0
SUM      := $(TOOLS)/gotestsum-v1.13.0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## the binary, bin/tieline
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/tieline ./cmd/tieline

.PHONY: run
run: build ## build and serve on 127.0.0.1:8080, with the data in ./data
	@exec bin/tieline serve --data-dir data --demo --log-format text

.PHONY: test
test: deps $(SUM) ## every test: both databases, the browser, the binary (installs PostgreSQL and Chromium when absent)
	TIELINE_TEST_ENGINES=all TIELINE_TEST_BROWSER=1 $(SUM) --format pkgname-and-test-fails -- -timeout 30m ./...

.PHONY: test-fast
test-fast: ## the quick tests, without a browser
	go test ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30s each)
	@set -e; for pkg in $$(grep -rlE '^func Fuzz' --include=*_test.go internal web db | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$pkg/*_test.go | cut -c6-); do \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $${FUZZTIME:-30s} ./$$pkg; done; done

.PHONY: bench
bench: build ## measure against a bare Go proxy, the start and the run list over a million runs (RUNS=10000000 for more), and large imports
	go run ./cmd/bench -tieline bin/tieline
	set -o pipefail; TIELINE_BENCH_RUNS=$${RUNS:-1000000} go test ./cmd/tieline -run '^$$' -bench '^BenchmarkMany$$' -benchtime 1x -timeout $${BENCH_TIMEOUT:-30m} | tee -a bench.txt
	set -o pipefail; go test ./web -run '^$$' -bench Import -benchtime 1x | tee -a bench.txt

.PHONY: lint
lint: $(LINT) ## linters, generated code and the committed stylesheet
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'not gofmt-ed:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$(LINT) run ./...
	@.ci/generated

.PHONY: generate
generate: ## the templates' Go code
	go tool templ generate -path views

.PHONY: css
css: node_modules ## static/app.css from static/src
	npm run --silent css

.PHONY: shots
shots: deps build ## screenshots of every page into ./screenshots
	go run ./web/shots -tieline bin/tieline -out screenshots

.PHONY: deps
deps: node_modules
	@.ci/deps

node_modules: package.json package-lock.json
	npm install --no-save --no-audit --no-fund --silent
	@touch node_modules

.PHONY: clean
clean: ## what was built
	rm -rf bin .cache node_modules screenshots

$(LINT):
	GOBIN=$(TOOLS)/tmp go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv $(TOOLS)/tmp/golangci-lint $@

$(SUM):
	GOBIN=$(TOOLS)/tmp go install gotest.tools/gotestsum@v1.13.0
	mv $(TOOLS)/tmp/gotestsum $@
