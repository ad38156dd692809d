# SPDX-License-Identifier: MIT
# Doors to the CMake presets of CMakePresets.json. Each installs the packages of Debian that it needs and
# that are not there (.ci/packages), and says little unless something fails.
.PHONY: all demo test bench install check-sanitizers coverage clean
JOBS = $(shell nproc 2>/dev/null || echo 2)
BENCH ?= short
QUIETLY = @.ci/quietly

all: # build library and command line
	@.ci/setup build
	$(QUIETLY) configure cmake --preset release -DQUIRE_TESTS=OFF -DQUIRE_BENCH=OFF
	$(QUIETLY) build cmake --build --preset release -j$(JOBS)

demo: all # index the sample articles and search them
	@.ci/demo build/release/cli/quire build/demo

test: # run every suite
	@.ci/setup build test
	$(QUIETLY) configure-dev cmake --preset dev
	$(QUIETLY) build-dev cmake --build --preset dev -j$(JOBS)
	@.ci/suites dev

bench: # measure against other engines; see bench/README.md. BENCH=long: everything
	@.ci/setup build
	@python3 bench/run --form $(BENCH) --out build/results.json
	@bench/report build/results.json -o build/bench.html

install: all # into CMAKE_INSTALL_PREFIX; DESTDIR is heeded
	@cmake --install build/release

check-sanitizers: # every suite under the address, undefined and thread sanitizers
	@.ci/setup build test analyze
	$(QUIETLY) configure-asan-ubsan cmake --preset asan-ubsan
	$(QUIETLY) build-asan-ubsan cmake --build --preset asan-ubsan -j$(JOBS)
	@.ci/suites asan-ubsan
	$(QUIETLY) configure-tsan cmake --preset tsan
	$(QUIETLY) build-tsan cmake --build --preset tsan -j$(JOBS)
	@.ci/suites tsan -L threads

coverage: # lines and branches, by layer
	@.ci/setup build test
	@.ci/coverage

clean:
	@rm -rf build
