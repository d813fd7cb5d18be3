# match: the commands of the README. `make demo` and `make test` work on a fresh Debian machine with Swift.

SWIFT ?= swift
PYTHON ?= python3
SAMPLES := /usr/share/doc/opencv-doc/examples/data

# OpenCV by module, OpenBLAS, and OpenCV's sample photos (real pairs for the demo and the tests).
PACKAGES := libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-calib3d-dev \
	libexif-dev libhdf5-dev libsqlite3-dev libturbojpeg0-dev libpng-dev libopenblas-dev libssl-dev zlib1g-dev pkg-config opencv-doc

# Tests reach inside the modules, so they are built apart from the program.
TEST_FLAGS := -c release --scratch-path .build-tests -Xswiftc -enable-testing

.DELETE_ON_ERROR:
.PHONY: help build demo test lint format install dependencies parity goldens clean

help:
	@echo "make demo      install what is needed, build, match two photos"
	@echo "make test      install what is needed, pass the tests"
	@echo "make build     the program: .build/release/match"
	@echo "make install   copy it to PREFIX/bin (default /usr/local)"
	@echo "make lint      check the source's format"
	@echo "make parity    compare with PyTorch (downloads it into .venv)"
	@echo "make peers     measure times beside other matchers (downloads them into .venv-peers)"
	@echo "make growth    measure time and memory by image size and threads"
	@echo "make process   measure time and memory of whole runs, from files to CSV"
	@echo "make performance  measure all three, written into docs/performance.md"
	@echo "make sanitize  the tests under the address, undefined-behaviour and thread sanitizers"
	@echo "make goldens   write the tests' golden tensors again (likewise)"
	@echo "make check-integrations  shards on a Ray cluster that loses a node (installs Ray into .venv-ray)"
	@echo "make fuzz      feed the readers of weights with made-up files"
	@echo "make reconstruct   photos to a COLMAP model, beside COLMAP's own SIFT (installs COLMAP)"
	@echo "make check-report  open a report of match evaluate in headless Chromium (installs it)"

# The program holds its weights and the Swift runtime: the one file can be copied elsewhere.
build: dependencies
	$(SWIFT) build -c release --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker -s --product match

demo: build
	@mkdir -p demo
	.build/release/match $(SAMPLES)/graf1.png $(SAMPLES)/graf3.png --geometry homography \
		--output demo/graf.csv --json demo/graf.json --draw demo/graf.png
	@echo
	.build/release/match fixtures/demo/left.jpg fixtures/demo/right.jpg \
		--output demo/street.csv --json demo/street.json --draw demo/street.png
	@echo
	@echo "Look at demo/graf.png and demo/street.png; the correspondences are in demo/graf.csv and demo/street.csv."

test: dependencies
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	$(SWIFT) test $(TEST_FLAGS) --skip-build

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzz

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Fuzz

PREFIX ?= /usr/local
install: build
	install -D -m 755 .build/release/match $(DESTDIR)$(PREFIX)/bin/match

# Installs only what is missing, so that the other targets need neither root nor a network after the first time.
dependencies:
	@command -v $(SWIFT) > /dev/null || { echo "Swift 6.3 or later is needed: see https://swift.org/install" >&2; exit 1; }
	@missing=$$(for package in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}\n' $$package 2> /dev/null | grep -q '^install ok installed' || echo $$package; \
	done); \
	if [ -n "$$missing" ]; then \
		echo "installing" $$missing; \
		sudo=$$([ $$(id -u) = 0 ] || echo sudo); \
		$$sudo apt-get update -q && $$sudo env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -q --no-install-recommends $$missing; \
	fi
# Container images are often set up to leave out whatever belongs below /usr/share/doc.
	@[ -e $(SAMPLES)/graf1.png ] || { \
		sudo=$$([ $$(id -u) = 0 ] || echo sudo); folder=$$(mktemp -d); \
		(cd $$folder && apt-get download -q opencv-doc) && \
		dpkg-deb --fsys-tarfile $$folder/opencv-doc_*.deb | $$sudo tar -x -C / .$(SAMPLES); \
		rm -r $$folder; [ -e $(SAMPLES)/graf1.png ]; }

# The reference implementations, in a virtual environment of their own.
.venv/ready: training/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --requirement training/requirements.txt
	@touch $@

parity: build .venv/ready
	.venv/bin/python -m training.goldens.compare_loftr --match .build/release/match
	.venv/bin/python -m training.goldens.compare_efficientloftr --match .build/release/match
	.venv/bin/python -m training.goldens.compare_photos --match .build/release/match

# Times beside those of other matchers, in alternation; time and memory by size, with the plot of docs/performance.md.
# PEERS, GROWTH and PROCESS take options: make peers PEERS="--only loftr --runs 3".
.PHONY: peers growth process
.venv-peers/ready: Benchmarks/peers/requirements.txt training/requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --requirement Benchmarks/peers/requirements.txt
	@touch $@

peers: build .venv-peers/ready
	.venv-peers/bin/python -m Benchmarks.peers.compare --match .build/release/match $(PEERS)

growth: build .venv-peers/ready
	.venv-peers/bin/python -m Benchmarks.peers.growth --match .build/release/match --plot docs/growth.svg $(GROWTH)

process: build .venv-peers/ready
	.venv-peers/bin/python -m Benchmarks.peers.process --match .build/release/match $(PROCESS)

# All three, written into docs/performance.md. Takes a quarter of an hour; the machine should have nothing else to do.
.PHONY: performance
performance:
	$(MAKE) peers PEERS="--write docs/performance.md $(PEERS)"
	$(MAKE) growth GROWTH="--write docs/performance.md $(GROWTH)"
	$(MAKE) process PROCESS="--write docs/performance.md $(PROCESS)"

# The whole test suite under AddressSanitizer with UndefinedBehaviorSanitizer (C and C++), then ThreadSanitizer.
# Leaks are not looked for: Swift keeps tags in pointers (strings, errors), so that what is in use looks lost.
.PHONY: sanitize sanitize-address sanitize-thread
UNDEFINED := -fsanitize=undefined -fno-sanitize=function,vptr -fno-sanitize-recover=undefined
SANITIZE_FLAGS := -c release -Xswiftc -enable-testing
sanitize: sanitize-address sanitize-thread

sanitize-address: SANITIZER = --scratch-path .build-asan --sanitize=address \
	$(foreach flag,$(UNDEFINED),-Xcc $(flag) -Xcxx $(flag))
sanitize-address: dependencies
	$(SWIFT) build $(SANITIZE_FLAGS) $(SANITIZER) --build-tests
	SANITIZED=1 ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test $(SANITIZE_FLAGS) $(SANITIZER) --skip-build

sanitize-thread: SANITIZER = --scratch-path .build-tsan --sanitize=thread
sanitize-thread: dependencies
	$(SWIFT) build $(SANITIZE_FLAGS) $(SANITIZER) --build-tests
	SANITIZED=1 TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
		$(SWIFT) test $(SANITIZE_FLAGS) $(SANITIZER) --skip-build

goldens: dependencies .venv/ready
	.venv/bin/python -m training.goldens.make_goldens
	.venv/bin/python -m training.goldens.make_checkpoints

clean:
	rm -rf .build .build-tests .build-asan .build-tsan .venv .venv-peers demo

# A report of `match evaluate` in a real browser: the one that REPORT names, or a made-up one that the tests write.
# Screenshots come to demo/report.
.PHONY: check-report
REPORT ?=
check-report: dependencies
	@$(MAKE) --no-print-directory dependencies PACKAGES="chromium chromium-driver"
	@mkdir -p demo/report
ifeq ($(REPORT),)
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	MATCH_SAMPLE_REPORT=$(CURDIR)/demo/report/sample.html \
		$(SWIFT) test $(TEST_FLAGS) --skip-build --filter ReportTests
endif
	$(PYTHON) Tests/browser/check_report.py $(or $(REPORT),demo/report/sample.html) --output demo/report

# The readers of archives, pickles and checkpoints on inputs that libFuzzer makes up, FUZZ_RUNS for each of them.
# What it finds interesting comes to .build-fuzz/corpus, an input that makes a reader fail to the working folder.
.PHONY: fuzz
FUZZ_RUNS ?= 1000000
FUZZ_OPTIONS = -runs=$(FUZZ_RUNS) -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
FUZZ = .build-fuzz/release/FuzzReaders
CORPUS = .build-fuzz/corpus
fuzz: dependencies
	MATCH_FUZZ=1 $(SWIFT) build -c release --scratch-path .build-fuzz --product FuzzReaders -Xswiftc -use-ld=lld \
		-Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address
	@mkdir -p $(CORPUS)/zip $(CORPUS)/pickle $(CORPUS)/checkpoint
	$(FUZZ) zip $(FUZZ_OPTIONS) $(CORPUS)/zip Fuzz/Corpus/zip
	$(FUZZ) pickle $(FUZZ_OPTIONS) $(CORPUS)/pickle Fuzz/Corpus/pickle
	$(FUZZ) checkpoint $(FUZZ_OPTIONS) $(CORPUS)/checkpoint Tests/WeightsTests/Fixtures/checkpoints

# From photos to a COLMAP model by our matches and by COLMAP's own SIFT, side by side: photos of PHOTOS, or 30 rendered
# ones with known poses. Then every file that match export writes is read by the program that it is for.
# make reconstruct PHOTOS=castle BATCH="--max-size 1024" EXPORT="--preset balanced"
.PHONY: reconstruct
PHOTOS ?=
BATCH ?=
EXPORT ?= $(if $(PHOTOS),,--preset balanced)
.venv-reconstruct/ready: Benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-reconstruct
	.venv-reconstruct/bin/pip install --quiet --requirement Benchmarks/requirements.txt
	@touch $@

demo/views/cameras.txt: .venv-reconstruct/ready
	.venv-reconstruct/bin/python -m training.render.make_views --output demo/views

reconstruct: build .venv-reconstruct/ready $(if $(PHOTOS),,demo/views/cameras.txt)
	@$(MAKE) --no-print-directory dependencies PACKAGES="colmap"
	.venv-reconstruct/bin/python Benchmarks/reconstruct.py --photos $(or $(PHOTOS),demo/views) \
		$(if $(PHOTOS),,--truth demo/views/cameras.txt) --batch="$(BATCH)" --export="$(EXPORT)"
	.venv-reconstruct/bin/python Benchmarks/check_exports.py --pairs demo/reconstruction/pairs \
		--photos $(or $(PHOTOS),demo/views)

# The drivers for clusters, on a Ray cluster of two nodes of which one is killed, and as a Slurm array without Slurm; then
# what keeping features gains, and memory through 2000 pairs (docs/batch.md).
.PHONY: check-integrations batch-figures
.venv-ray/ready: integrations/requirements.txt
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/pip install --quiet --requirement integrations/requirements.txt
	@touch $@

check-integrations: build .venv-ray/ready
	MATCH=$(CURDIR)/.build/release/match .venv-ray/bin/python -m pytest integrations

batch-figures: build .venv-ray/ready
	.venv-ray/bin/python Benchmarks/batch.py cache
	.venv-ray/bin/python Benchmarks/batch.py memory
