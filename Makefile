# odmd - build, test, install. `make help` lists the targets.

VERSION := 0.1.0

DESTDIR ?=
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system

SWIFT ?= swift
# Debian's own, which is also in the container of the systemd tests.
PYTHON ?= /usr/bin/python3
RELEASE := .build/release
# What is made from the build for installation: the tidied static library, the filled-in templates, and what has
# shells complete the arguments of odmctl.
MADE := .build/made
VENV := .build-venv

PROGRAMS := $(RELEASE)/odmd $(RELEASE)/odmctl $(RELEASE)/odmd-hooks
LIBRARY := $(RELEASE)/libodm.so
ARCHIVE := $(RELEASE)/libodm-static.a
PRELOAD := $(RELEASE)/libodm-preload.so
HOOKS := $(MADE)/odm-hooks.bpf.o
COMPLETIONS := $(MADE)/odmctl.bash $(MADE)/odmctl.zsh $(MADE)/odmctl.fish

TESTS := test-units test-library test-system test-hooks test-legacy test-systemd test-deb

.DEFAULT_GOAL := build
.PHONY: build test simulation mutants torture demo demo-move fuzz bench bench-moves check lint format install \
    uninstall clean help \
    build-dependencies test-dependencies deb-dependencies bench-dependencies \
    deb $(TESTS) test-exerciser legacy

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

## Building

# Nothing of ours looks for libraries beside itself: those that are installed shall not.
BUILD_RELEASE := $(SWIFT) build -c release --disable-local-rpath

build: build-dependencies ## build the release programs and libraries
	$(BUILD_RELEASE) --static-swift-stdlib --product odmd
	$(BUILD_RELEASE) --static-swift-stdlib --product odmctl
	$(BUILD_RELEASE) --static-swift-stdlib --product odmd-hooks
	$(BUILD_RELEASE) --product odm
	$(BUILD_RELEASE) --product odm-static
	$(BUILD_RELEASE) --product odm-preload
	@$(MAKE) --no-print-directory $(MADE)/libodm.a $(HOOKS)

$(PROGRAMS) $(LIBRARY) $(ARCHIVE) $(PRELOAD):
	@$(MAKE) --no-print-directory build

$(MADE)/libodm.a: $(ARCHIVE) Sources/odm/static-library.sh
	@mkdir -p $(@D)
	Sources/odm/static-library.sh $(ARCHIVE) $@

# The toolchain's own clang, which compiles for the kernel's machine too: its version 3 has compare-and-exchange.
CLANG ?= $(dir $(shell command -v $(SWIFT)))clang

$(HOOKS): $(wildcard Sources/hooks/*.[ch]) Sources/CHooks/odm_hooks.h
	@mkdir -p $(@D)
	$(CLANG) -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror \
	    -idirafter /usr/include/$$(gcc -print-multiarch) -c Sources/hooks/odm-hooks.bpf.c -o $@.new && mv $@.new $@

$(COMPLETIONS): $(MADE)/odmctl.%: $(RELEASE)/odmctl
	@mkdir -p $(@D)
	$(RELEASE)/odmctl --generate-completion-script $* | sed '1{/^#!/d}' > $@.new && mv $@.new $@

# From what was built: they have the Swift runtime in them, and need no toolchain.
deb: build deb-dependencies ## build the Debian packages into .build/deb, and check them with lintian
	debian/build.sh .build/deb

build-dependencies:
	@Tests/install-dependencies.sh build

test-dependencies: build-dependencies
	@Tests/install-dependencies.sh test
	@mkdir -p $(VENV)
	@flock $(VENV) sh -c 'cmp -s Tests/System/requirements.txt $(VENV)/made-from || { \
	    $(PYTHON) -m venv $(VENV) && \
	    $(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/System/requirements.txt && \
	    cp Tests/System/requirements.txt $(VENV)/made-from; }'

deb-dependencies: build-dependencies
	@Tests/install-dependencies.sh deb

legacy-dependencies: test-dependencies
	@Tests/install-dependencies.sh legacy
	@Tests/Legacy/unpack.sh .build/legacy openssh-server nginx rclone busybox-static

bench-dependencies: test-dependencies
	@Tests/install-dependencies.sh bench

clean: ## remove everything that was built
	rm -rf .build $(VENV)

## Checking

test: $(TESTS) ## run all tests (as root, for network namespaces)

# Tests that start programs run apart from the others: between fork and exec a child has copies of all
# descriptors, which so stay open longer than tests expect, and exit tests wait for the children of whoever it is.
STARTING_PROGRAMS := HelperFaultTests|HelperSourceTests|PoolHelperTests|SubprocessTests|SocketHoldersTests
STARTING_PROGRAMS := $(STARTING_PROGRAMS)|AdministrationProgramTests|NetworkExecutorTests|MonitorProgramTests

test-units: test-dependencies ## run the unit tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip '$(STARTING_PROGRAMS)'
	$(SWIFT) test --skip-build --filter '$(STARTING_PROGRAMS)'

test-library: build test-dependencies ## run the C library's tests, and those of the manual pages
	Tests/Library/run.sh $(RELEASE)
	Tests/man.sh $(RELEASE)

test-system: build test-dependencies ## run the end-to-end tests in namespaces of their own
	Tests/alone.sh $(VENV)/bin/pytest Tests/System

test-hooks: build test-dependencies ## run the tests of the programs in the kernel, in control groups of their own
	Tests/alone.sh $(VENV)/bin/pytest Tests/Hooks

test-systemd: build test-dependencies ## run the service under a real systemd in a container
	Tests/Systemd/run.sh

test-deb: deb test-dependencies ## install, upgrade and remove the packages in a Debian system that boots in a container
	Tests/Debian/run.sh .build/deb

test-legacy: build legacy-dependencies ## move a host whose programs know nothing of odmd
	Tests/alone.sh $(VENV)/bin/python Tests/Legacy/legacy.py --check

test-exerciser: build legacy-dependencies ## run CPython's network tests with and without the library (4 min)
	Tests/alone.sh $(PYTHON) Tests/Legacy/exerciser.py

legacy: build legacy-dependencies ## the same, and write what became of them to docs/legacy.md
	Tests/alone.sh $(VENV)/bin/python Tests/Legacy/legacy.py

torture: build test-dependencies ## kill the daemon under load for 20 s (KILLS=500 or SECONDS=600: for longer)
	Tests/alone.sh $(PYTHON) Tests/Torture/torture.py $(addprefix --kills=,$(KILLS)) $(addprefix --seconds=,$(SECONDS))

demo: build test-dependencies ## show the main job from end to end, in less than a minute
	Tests/Demo/demo.sh

demo-move: build test-dependencies ## show three moves between networks, and draw them to docs/move.svg
	@flock $(VENV) $(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Moves/requirements.txt
	$(VENV)/bin/python Tests/Moves/demo.py

# The default seed is always the same, so that a run of CI can be repeated.
HISTORIES ?= 1000000
SEED ?= 0

simulation: build-dependencies ## play random histories through the rules (HISTORIES=, SEED=)
	$(SWIFT) build -c release --product simulate
	$(RELEASE)/simulate --histories $(HISTORIES) --seed $(SEED) --workers $$(nproc)

mutants: build-dependencies ## check that the simulation catches faults that are put into the rules
	Tests/Simulation/check-mutants.sh

# The long form: make fuzz SECONDS=600
FUZZ_SECONDS := $(or $(SECONDS),10)

fuzz: build-dependencies ## feed parsers what libFuzzer thinks of, 10 s each (TARGET=, SECONDS=)
	ODM_FUZZ=1 $(SWIFT) build -c release --scratch-path .build-fuzz --product fuzz \
	    -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing
	Tests/Fuzz/fuzz.sh .build-fuzz/release/fuzz $(FUZZ_SECONDS) $(TARGET)

bench: build bench-dependencies deb ## measure against the C floor; writes docs/benchmarks.md
	$(PYTHON) Tests/Benchmarks/bench.py $(RELEASE)/odmd

bench-moves: build test-dependencies ## measure moves between networks; writes docs/moves.md
	$(PYTHON) Tests/Moves/bench.py

lint: ## check format and house rules
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests examples Package.swift
	Tests/lint.sh

format: ## format the Swift sources
	$(SWIFT) format --in-place --parallel --recursive Sources Tests examples Package.swift

check: ## lint, build with warnings as errors, test, simulate, torture briefly: what CI runs
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory simulation
	@$(MAKE) --no-print-directory mutants
	@$(MAKE) --no-print-directory torture

## Installing

# One file a line: mode, what is built, where it goes. install and uninstall both read it.
define INSTALLED
755 $(RELEASE)/odmd $(PREFIX)/sbin/odmd
755 $(RELEASE)/odmctl $(PREFIX)/bin/odmctl
755 $(RELEASE)/odmd-hooks $(PREFIX)/sbin/odmd-hooks
644 $(HOOKS) $(PREFIX)/lib/odmd/odm-hooks.bpf.o
644 $(LIBRARY) $(LIBDIR)/libodm.so.1.0.0
644 $(MADE)/libodm.a $(LIBDIR)/libodm.a
644 $(PRELOAD) $(LIBDIR)/odm/libodm-preload.so
644 Sources/COdm/include/odm/setsc.h $(PREFIX)/include/odm/setsc.h
644 $(MADE)/odm.pc $(LIBDIR)/pkgconfig/odm.pc
644 $(MADE)/odmd.service $(UNITDIR)/odmd.service
644 systemd/odmd.socket $(UNITDIR)/odmd.socket
644 systemd/odmd-hooks.conf $(UNITDIR)/odmd.service.d/50-hooks.conf
644 $(MADE)/odmd-holders.service $(UNITDIR)/odmd-holders.service
644 $(MADE)/odmd-hooks.service $(UNITDIR)/odmd-hooks.service
644 systemd/odmd-holders.socket $(UNITDIR)/odmd-holders.socket
644 systemd/odmd.sysusers $(PREFIX)/lib/sysusers.d/odmd.conf
644 systemd/odmd.tmpfiles $(PREFIX)/lib/tmpfiles.d/odmd.conf
644 systemd/odmd.sysctl $(PREFIX)/lib/sysctl.d/50-odmd.conf
644 config/iproute2/rt_protos.conf $(SYSCONFDIR)/iproute2/rt_protos.d/odmd.conf
644 config/iproute2/rt_addrprotos.conf $(SYSCONFDIR)/iproute2/rt_addrprotos.d/odmd.conf
644 config/examples/5g-modem.conf $(PREFIX)/share/doc/odmd/examples/5g-modem.conf
644 config/examples/dhcpv6-access.conf $(PREFIX)/share/doc/odmd/examples/dhcpv6-access.conf
644 config/examples/home-anchor.conf $(PREFIX)/share/doc/odmd/examples/home-anchor.conf
644 $(MADE)/odmctl.bash $(PREFIX)/share/bash-completion/completions/odmctl
644 $(MADE)/odmctl.zsh $(PREFIX)/share/zsh/site-functions/_odmctl
644 $(MADE)/odmctl.fish $(PREFIX)/share/fish/vendor_completions.d/odmctl.fish
644 docs/man/man1/odmctl.1 $(PREFIX)/share/man/man1/odmctl.1
644 docs/man/man3/setsc.3 $(PREFIX)/share/man/man3/setsc.3
644 docs/man/man5/odmd.conf.5 $(PREFIX)/share/man/man5/odmd.conf.5
644 docs/man/man7/odm-helper.7 $(PREFIX)/share/man/man7/odm-helper.7
644 docs/man/man8/odmd.8 $(PREFIX)/share/man/man8/odmd.8
644 docs/man/man8/odmd-hooks.8 $(PREFIX)/share/man/man8/odmd-hooks.8
endef
export INSTALLED

# What setsc(3) is about as well.
MANUAL_LINKS := getsc setsc_start setsc_finish odm_watch odm_next_event odm_strerror
MAN3 := $(DESTDIR)$(PREFIX)/share/man/man3

CONFIGURATION := $(DESTDIR)$(SYSCONFDIR)/odmd/odmd.conf

install: $(COMPLETIONS)
install: $(HOOKS)
install: $(PROGRAMS) $(LIBRARY) $(PRELOAD) $(MADE)/libodm.a ## install (DESTDIR, PREFIX, LIBDIR, SYSCONFDIR, UNITDIR)
	@$(call fill,config/odm.pc.in,$(MADE)/odm.pc)
	@$(call fill,systemd/odmd.service.in,$(MADE)/odmd.service)
	@$(call fill,systemd/odmd-hooks.service.in,$(MADE)/odmd-hooks.service)
	@$(call fill,systemd/odmd-holders.service.in,$(MADE)/odmd-holders.service)
	@echo "$$INSTALLED" | while read -r mode from to; do \
	    echo "install $(DESTDIR)$$to"; \
	    install -D -m $$mode "$$from" "$(DESTDIR)$$to" || exit 1; \
	done
	ln -sf libodm.so.1.0.0 $(DESTDIR)$(LIBDIR)/libodm.so.1
	ln -sf libodm.so.1 $(DESTDIR)$(LIBDIR)/libodm.so
	@for name in $(MANUAL_LINKS); do ln -sf setsc.3 $(MAN3)/$$name.3 || exit 1; done
	@if [ -e $(CONFIGURATION) ]; then echo "kept $(CONFIGURATION)"; \
	else echo "install $(CONFIGURATION)"; install -D -m 644 config/odmd.conf $(CONFIGURATION); fi

# The configuration goes only while it is as it was installed.
uninstall: ## remove what install has put there
	@echo "$$INSTALLED" | while read -r mode from to; do \
	    echo "remove $(DESTDIR)$$to"; rm -f "$(DESTDIR)$$to"; \
	done
	rm -f $(DESTDIR)$(LIBDIR)/libodm.so.1 $(DESTDIR)$(LIBDIR)/libodm.so
	rm -f $(MANUAL_LINKS:%=$(MAN3)/%.3)
	@if cmp -s config/odmd.conf $(CONFIGURATION); then \
	    echo "remove $(CONFIGURATION)"; rm -f $(CONFIGURATION); \
	elif [ -e $(CONFIGURATION) ]; then echo "kept $(CONFIGURATION): it was changed"; fi
	-@rmdir $(DESTDIR)$(PREFIX)/include/odm $(DESTDIR)$(LIBDIR)/odm $(DESTDIR)$(PREFIX)/lib/odmd \
	    $(DESTDIR)$(UNITDIR)/odmd.service.d 2>/dev/null || true
	-@rmdir $(DESTDIR)$(PREFIX)/share/doc/odmd/examples 2>/dev/null || true
	-@rmdir $(DESTDIR)$(PREFIX)/share/doc/odmd $(DESTDIR)$(SYSCONFDIR)/odmd 2>/dev/null || true

# fill TEMPLATE,FILE: the template with this installation's paths.
define fill
mkdir -p $(dir $(2)) && sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
    -e 's|@SBINDIR@|$(PREFIX)/sbin|g' -e 's|@VERSION@|$(VERSION)|g' $(1) > $(2)
endef
