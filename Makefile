# make demo      from a fresh clone: installs what is missing, builds, runs the built-in example
# make test      installs what is missing, builds, runs all tests
# make test-neon runs the checks of the ARM kernels under emulation, and looks at their assembly
# make check     what tests cannot see: symbols of the instruction sets, sums that leave their registers, the tree on a case-insensitive file system, a processor without AVX, the pages of `octopi preview` in a browser
# make conformance  runs ONNX's own tests of operators (needs Python with onnx)
# make bench     times this machine: peak, networks (MODELS="a.onnx b.onnx") beside their peers, layers, localisation
# make picture   draws Docs/demo.png again
# make man       the man pages of all commands in .build/man
# make install   copies the program, its example, man pages and completions to PREFIX (default /usr/local); make uninstall takes them away
# make docs      the library's documentation as a web site in .build/docs

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
DEMO ?= octopi-demo
PYTHON ?= python3
DOCC ?= docc
MODELS ?=
BENCH ?=
BENCHMARKS = Benchmarks/.build/release/octopi-benchmarks
CONFORMANCE ?= $(or $(TMPDIR),/tmp)/octopi-conformance
RELEASE = .build/release/octopi
ROOT = $(DESTDIR)$(PREFIX)
MAN = .build/man
COMPLETION_bash = share/bash-completion/completions/octopi
COMPLETION_zsh = share/zsh/site-functions/_octopi
COMPLETION_fish = share/fish/vendor_completions.d/octopi.fish
COMPLETIONS = $(COMPLETION_bash) $(COMPLETION_zsh) $(COMPLETION_fish)
TESTING = -c release -Xswiftc -enable-testing --scratch-path .build-test

.PHONY: all build demo test test-neon check conformance picture bench man install uninstall docs clean help

all: build

help:
	@sed -n 's/^# //p' Makefile

build:
	@Scripts/prerequisites.sh build
	@echo "building octopi (some minutes the first time)"
	@$(SWIFT) build -q -c release --product octopi

demo: build
	@$(RELEASE) demo $(DEMO) --overwrite

test:
	@Scripts/prerequisites.sh build
	@echo "building octopi and its tests (some minutes the first time)"
	@$(SWIFT) build -q $(TESTING) --build-tests
	@$(SWIFT) test -q $(TESTING) --skip-build

test-neon:
	@Scripts/prerequisites.sh neon
	@Scripts/test_neon.sh

check: build
	@Scripts/prerequisites.sh check
	@Scripts/check_isa_symbols.sh .build/release
	@Scripts/check_spills.sh $(RELEASE)
	@Scripts/check_portable.sh $(RELEASE)
	@Scripts/check_case_merge.sh
	@Scripts/check_preview.sh $(RELEASE)

# The picture of the README, from octopi's own labels and picks of the demo.
picture: build
	@Scripts/make_picture.sh $(RELEASE)

conformance: build
	@$(PYTHON) Scripts/make_conformance.py $(CONFORMANCE) --octopi $(RELEASE)

bench: build
	@echo "building the benchmarks"
	@$(SWIFT) build -q -c release --package-path Benchmarks
	@$(BENCHMARKS) machine --threads 1
	@echo; $(BENCHMARKS) machine
	@test -z "$(MODELS)" || { echo; $(PYTHON) Benchmarks/peers.py $(MODELS) --octopi $(RELEASE) $(BENCH); }
	@$(BENCHMARKS) layers
	@echo; $(BENCHMARKS) localisation

man: build
	@rm -rf $(MAN)
	@$(RELEASE) --generate-manual $(MAN)

install: build
	@install -d $(addprefix $(ROOT)/,bin share/octopi share/man/man1 $(dir $(COMPLETIONS)))
	@install -m 755 $(RELEASE) $(ROOT)/bin/octopi
	@rm -rf $(ROOT)/share/octopi/demo
	@cp -R Examples/demo $(ROOT)/share/octopi/demo
	@$(ROOT)/bin/octopi --generate-manual $(ROOT)/share/man/man1 >/dev/null
	@$(foreach shell,bash zsh fish,$(ROOT)/bin/octopi --generate-completion-script $(shell) > $(ROOT)/$(COMPLETION_$(shell)) &&) true
	@echo "installed $(ROOT)/bin/octopi, its man pages and completions for bash, zsh and fish"

uninstall:
	@rm -rf $(addprefix $(ROOT)/,bin/octopi share/octopi share/man/man1/octopi.1 $(COMPLETIONS)) $(ROOT)/share/man/man1/octopi-*.1

docs:
	@command -v $(DOCC) >/dev/null || { echo "make docs needs docc, which comes with Swift: put the toolchain's usr/bin into PATH, or give DOCC=" >&2; exit 1; }
	@$(SWIFT) package dump-symbol-graph --minimum-access-level public >/dev/null
	@mkdir -p .build/docs
	@$(DOCC) convert --fallback-display-name Octopi --fallback-bundle-identifier octopi --fallback-bundle-version 0.1.0 \
	  --additional-symbol-graph-dir "$$($(SWIFT) build --show-bin-path)/../symbolgraph" --output-path .build/docs/Octopi.doccarchive
	@echo "docc preview or any web server on .build/docs/Octopi.doccarchive"

clean:
	@rm -rf .build .build-test .build-merge
