# The commands of the README. `make demo` and `make test` work on a fresh Debian machine with Swift. Each target for
# contributors is a script in scripts/ that documents itself and its options.

SWIFT ?= swift
SAMPLES := /usr/share/doc/opencv-doc/examples/data

# OpenCV by module, OpenBLAS, image codecs, and OpenCV's sample photos (pairs for the demo and tests).
PACKAGES := libopencv-core-dev libopencv-imgproc-dev libopencv-features2d-dev libopencv-calib3d-dev \
	libjpeg-dev libpng-dev libwebp-dev libtiff-dev libopenjp2-7-dev libexif-dev libhdf5-dev libsqlite3-dev \
	libopenblas-dev libssl-dev zlib1g-dev pkg-config opencv-doc

# Tests use @testable imports, so they are built apart from the program.
TEST_FLAGS := -c release --scratch-path .build-tests -Xswiftc -enable-testing
SUITES ?=

.PHONY: help build demo test lint format install dependencies clean
help:
	@echo "make demo          install dependencies, build, match two pairs of photos"
	@echo "make test          install dependencies, run the tests (SUITES=REGEX: some of them)"
	@echo "make build         the program: .build/release/match"
	@echo "make install       copy it to PREFIX/bin (default /usr/local)"
	@echo "make lint          check format, line lengths and imports between modules"
	@echo
	@echo "For contributors; each is a script in scripts/ that says more:"
	@echo "make parity        compare with PyTorch (downloads it into .venv)"
	@echo "make goldens       rewrite the tests' golden tensors (likewise)"
	@echo "make python-tests  run the tests of training and rendering (downloads PyTorch into .venv-tests)"
	@echo "make peers, growth, process   compare with other matchers, time by size, time whole runs (.venv-peers)"
	@echo "make performance   all three, written into docs/performance.md"
	@echo "make sanitize      run the tests under the address, undefined-behaviour and thread sanitizers"
	@echo "make fuzz          fuzz the readers of untrusted files"
	@echo "make reconstruct   build a COLMAP model, compared with COLMAP's own SIFT (installs COLMAP)"
	@echo "make check-report  open a report of match evaluate in headless Chromium (installs it)"
	@echo "make check-integrations  test sharding on a Ray cluster that loses a node (.venv-ray)"
	@echo "make batch-figures measure the feature cache, and memory over 2000 pairs (.venv-ray)"

# The binary contains its weights and the Swift runtime, so it can be copied elsewhere.
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
	$(SWIFT) test $(TEST_FLAGS) --skip-build $(if $(SUITES),--filter '$(SUITES)')

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzz
	@scripts/check-lines
	@scripts/check-imports

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Fuzz

PREFIX ?= /usr/local
install: build
	install -D -m 755 .build/release/match $(DESTDIR)$(PREFIX)/bin/match

# Installs only what is missing, so after the first time the other targets need neither root nor network.
dependencies:
	@scripts/dependencies $(PACKAGES)

clean:
	rm -rf .build* .venv* demo

# Variables such as PHOTOS=DIR are passed to the scripts.
.PHONY: parity goldens python-tests sanitize fuzz reconstruct check-report check-integrations batch-figures
parity goldens python-tests sanitize fuzz reconstruct check-report check-integrations batch-figures:
	@scripts/$@

.PHONY: peers growth process performance
peers growth process:
	@scripts/performance $@

performance:
	@scripts/performance
