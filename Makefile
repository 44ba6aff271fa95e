# The two commands of this project are `make rehearse` and `make test`; `make help` lists the rest.

RELEASE ?= 1.1
FROM    ?=
SITES   ?=
PAIRS   ?= 5
KIND    ?=
N       ?= 200
TARGET  ?= description
SECONDS ?= 60
MDBOOK  ?= 0.5.4
REPOSITORY ?=

BUILT    := $(or $(CARGO_TARGET_DIR),target)
STAGECTL := $(BUILT)/release/stagectl
SAMPLE   := tests/apps/noticeboard
WHEEL    := dist/noticeboard-$(RELEASE)-py3-none-any.whl
# What runs on site-c today, and with FROM=1.1 on each site.
LIVE     := dist/noticeboard-1.0-py3-none-any.whl $(FROM:%=dist/noticeboard-%-py3-none-any.whl)
SAMPLE_SOURCES := $(shell find $(SAMPLE) -type f -not -path '*/__pycache__/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup build rehearse test test-all lint chaos engines bench fuzz dist image site clean

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18
	@echo '  make rehearse RELEASE=1.2      the sample release that fails on site-b: the red case'
	@echo '  make rehearse RELEASE=1.3 FROM=1.1  the one whose upgrade from 1.1 fails on site-c, before the restart'
	@echo '  make rehearse SITES="site-a"   some of the sites'

setup: ## Start Docker and install what is missing; without root, say the commands
	@tests/setup.sh

build: ## Build target/release/stagectl
	cargo build --release --locked

# A failed recipe makes `make` itself end with 2, so the code of stagectl is printed.
rehearse: setup build $(WHEEL) $(LIVE) ## Rehearse the sample release (RELEASE=1.1) on all sample sites
	@$(STAGECTL) rehearse $(FROM:%=--from dist/noticeboard-%-py3-none-any.whl) --release $(WHEEL) $(SITES); code=$$?; \
	[ $$code -eq 0 ] || echo "make rehearse: stagectl ended with exit code $$code" >&2; exit $$code

# One release of the sample app; pip's own variables (PIP_INDEX_URL, PIP_CERT, ...) are honoured.
dist/noticeboard-%-py3-none-any.whl: $(SAMPLE_SOURCES) | setup
	$(SAMPLE)/build.sh $* dist

# No documentation tests: the library is the binary's own. The runner's summary comes last.
test: ## Run the first tier of the tests, on real replicas and in a real browser too
	@tests/setup.sh tests
	@python3 tests/tiers.py first

# Root alone: engines of the tests' own, of other makes too, as in `make engines`.
test-all: ## Run every test: all of tests/second-tier.txt, and every fault of Docker, too
	@tests/setup.sh tests
	@python3 tests/tiers.py all

lint: ## Check format, lints and dependencies, of Rust, Python and shell, with warnings as errors
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@tests/lint.sh
	@if ! cargo deny --version >/dev/null 2>&1; then \
	    echo 'lint: cargo-deny is not installed, so licences and advisories were not checked (cargo install --locked cargo-deny)'; \
	else \
	    set -ex; cargo deny --all-features check bans licenses sources; \
	    if cargo deny --all-features fetch db; then cargo deny --all-features check advisories; \
	    else echo 'lint: the database of advisories is not reachable from here, so they were not checked'; fi; \
	fi

chaos: setup ## Stop N rehearsals in every way, at random moments (N=200), then every fault of Docker
	STAGECTL_CHAOS=$(N) STAGECTL_FAULTS=all cargo test --locked --test docker -- --nocapture faults::

# Root alone: each engine is in the root of another Debian, made once in target/engines (1.3 GB).
engines: setup ## Run a small site on engines of other makes and versions, and write docs/engines.md
	cargo test --locked --test docker -- --ignored --nocapture --test-threads 1 engines:: --skip two_engines

# KIND=hot, warm, cold or upgrade; SITES=20: so many sites in order. benches/README.md.
bench: setup build dist/noticeboard-1.1-py3-none-any.whl $(LIVE) ## Time site-a beside the same job by Docker Compose (PAIRS=5 KIND=cold SITES=20), or an upgrade (KIND=upgrade)
ifeq ($(KIND),upgrade)
	python3 benches/upgrade.py --stagectl $(STAGECTL) --runs $(PAIRS) dist/noticeboard-1.1-py3-none-any.whl
else
	python3 benches/beside_compose.py --stagectl $(STAGECTL) --pairs $(PAIRS) $(KIND:%=--kind %) $(SITES:%=--sites %) \
	    dist/noticeboard-1.1-py3-none-any.whl
endif

# Stable Rust is enough: without unsafe code there is nothing for a sanitizer. New inputs go to
# fuzz/target/found; those worth keeping (cargo fuzz cmin) belong into fuzz/corpus, which `make test` reads.
fuzz: ## Fuzz a reader (TARGET=description, junit or archive; SECONDS=60)
	@cargo fuzz --version >/dev/null 2>&1 || { \
	    echo 'fuzz: cargo-fuzz is not installed (cargo install --locked cargo-fuzz)' >&2; exit 2; }
	@mkdir -p fuzz/target/found/$(TARGET); \
	scratch=$$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d); set -x; \
	TMPDIR=$$scratch cargo fuzz run --sanitizer none $(TARGET) \
	    fuzz/target/found/$(TARGET) fuzz/corpus/$(TARGET) -- -dict=fuzz/dictionaries/$(TARGET).dict \
	    -max_total_time=$(SECONDS) -max_len=16384 -timeout=10 -rss_limit_mb=2048; \
	code=$$?; rm -rf $$scratch; exit $$code

# For other machines: built in a container of Debian 11, so that any glibc since 2.31 will do. docs/install.md.
dist: setup ## Make what is handed out, in dist/: wheel, tarball, Debian package, checksums; and the image
	@packaging/make.sh
	@packaging/image.sh

image: setup ## Make the image for CI alone, stagectl:<version>, of the Debian package in dist/
	@ls dist/stagectl_*.deb >/dev/null 2>&1 || packaging/make.sh
	@packaging/image.sh

# Its links are checked; those to sources lead to REPOSITORY, where it is named. mdBook is built once, in target/tools.
site: ## Make the documents a site with a search, in target/site/html
	@[ -x target/tools/mdbook/bin/mdbook ] || \
	    cargo install --locked --root target/tools/mdbook --no-default-features --features search mdbook@$(MDBOOK)
	python3 packaging/site.py lay-out target/site/src --repository '$(REPOSITORY)'
	target/tools/mdbook/bin/mdbook build
	python3 packaging/site.py check target/site/html
	@echo 'open target/site/html/index.html'

clean: ## Remove what was built here; Docker is left alone (for that: stagectl gc)
	cargo clean
	rm -rf fuzz/target
	rm -rf dist
