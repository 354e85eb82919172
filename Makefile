# Everything that a developer or CI does, on Debian 12 with the Swift toolchain. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BUILD_PACKAGES := libcurl4-openssl-dev libmicrohttpd-dev libyaml-dev pkg-config
TEST_PACKAGES := prometheus nginx-light unbound openssl procps python3 python3-yaml python3-jsonschema \
	golang-go golang-github-masterminds-sprig-dev golang-k8s-sigs-yaml-dev
LAB_PACKAGES := iproute2 nftables nginx-light openssl
BENCH_PACKAGES := gcc libc6-dev python3 nginx-light unbound openssl iproute2

# Root needs no sudo, and a container has none.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
RELEASE := --configuration release --static-swift-stdlib --product heartmesh

# $(call install,PACKAGES): installs those that are missing.
define install
	missing=""; for package in $(1); do \
		dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "Installing:$$missing"; \
		$(SUDO) apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing > /dev/null; \
	fi
endef

.PHONY: help
help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: build-packages
build-packages:
	@$(call install,$(BUILD_PACKAGES))

.PHONY: release
release: build-packages ## Build the release: .build/release/heartmesh
	swift build $(RELEASE)

.PHONY: demo
demo: release ## Run a mesh of six nodes on this machine until Ctrl-C
	@exec .build/release/heartmesh demo --rules.file=alerts/heartmesh.rules.yaml

# Those that run many exporters at a time take the release. The other end-to-end tests mostly wait: they run beside the
# rest, as a second process.
WITH_RELEASE := LabTests|EndToEndTests.Quiet

.PHONY: test
test: release ## Install what the tests need, and run every test; those of the lab as root only
	@$(call install,$(TEST_PACKAGES) $(LAB_PACKAGES))
	swift build --build-tests
	promtool check rules alerts/heartmesh.rules.yaml
	promtool test rules alerts/heartmesh.rules.test.yaml
	Tests/Charts/test.sh
	swift test --ignore-lock --skip-build --no-parallel --filter EndToEndTests --skip '$(WITH_RELEASE)' \
		> .build/end-to-end.log 2>&1 & waiting=$$!; \
	swift test --ignore-lock --skip-build --no-parallel --skip 'EndToEndTests|$(WITH_RELEASE)' && failed=0 || failed=1; \
	wait $$waiting || failed=1; \
	cat .build/end-to-end.log; \
	exit $$failed
	HEARTMESH_BINARY=.build/release/heartmesh swift test --skip-build --no-parallel --filter '$(WITH_RELEASE)'

.PHONY: lab
lab: release ## Run the tests in a cluster of network namespaces, as root
	@$(call install,$(LAB_PACKAGES))
	HEARTMESH_BINARY=.build/release/heartmesh swift test --no-parallel --filter LabTests

.PHONY: quiet
quiet: release ## Prove with thirty exporters that comings and goings count no failure, and that faults do
	HEARTMESH_BINARY=.build/release/heartmesh swift test --no-parallel --filter EndToEndTests.Quiet

.PHONY: lint
lint: ## Check the formatting
	swift format lint --strict --recursive Package.swift Sources Tests

.PHONY: format
format: ## Format the sources in place
	swift format --in-place --recursive Package.swift Sources Tests

.PHONY: bench
bench: release ## Measure CPU for each probe beside a C program, memory, and the API server's share
	@$(call install,$(BENCH_PACKAGES))
	python3 Tests/Benchmarks/bench.py

.PHONY: clean
clean: ## Remove what was built
	rm -rf .build
