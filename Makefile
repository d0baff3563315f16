# The two commands: make run, make test. `make help` lists the others.

PREFIX ?= /usr/local
SHAPES := Samples/shapes
# make run writes here and starts afresh every time.
OUT := .build/samples

# One kind of build for everything, so that `make run` after `make test` compiles nothing. Tests reach internals of the
# modules, hence -enable-testing; release, because the tests run whole nets.
FLAGS := -c release -Xswiftc -enable-testing
CORTADO := .build/release/cortado

# What the build needs from the distribution, and why.
PACKAGES := \
  g++:the_C++_standard_library_and_OpenMP \
  libprotobuf-dev:prototxt_and_caffemodel \
  libprotoc-dev:reading_.proto_files_at_run_time \
  libdnnl-dev:oneDNN,_the_float_kernels \
  liblmdb-dev:LMDB_data_sets \
  libhdf5-dev:HDF5_data_sets \
  libssl-dev:SHA-256_of_files \
  libturbojpeg0-dev:JPEG \
  libspng-dev:PNG \
  libxxhash-dev:keys_of_what_a_run_may_reuse \
  libncursesw5-dev:the_terminal
TEST_PACKAGES := libvterm-dev:the_emulated_terminal_of_the_tests

# Inputs of each format that `make fuzz` reads; another SEED makes others.
INPUTS ?= 1000000
SEED ?= 1

.PHONY: help run test build build-tests install uninstall bench bench-models fuzz format lint docs toolchain packages test-packages clean

help:
	@echo 'make run         run Cortado on a sample: the workbench in a terminal, else a table'
	@echo 'make test        all tests'
	@echo 'make install     install to PREFIX (now $(PREFIX)); make uninstall takes it away'
	@echo 'make bench       time the nets of Samples'
	@echo 'make bench-models MODELS=DIR   quantize and compare every model of a folder, as a table'
	@echo 'make fuzz INPUTS=1000000 SEED=1   read damaged files of every format; what ends the reader is kept'
	@echo 'make format      format all sources;  make lint: check them without a build'
	@echo 'make docs        write the generated pages in docs anew'

run: build
	@if [ -t 0 ] && [ -t 1 ]; then \
	  exec $(CORTADO) open $(SHAPES)/shapes.prototxt $(SHAPES)/shapes.caffemodel \
	    --images $(SHAPES)/calibration --preprocess $(SHAPES)/preprocess.json; \
	fi; \
	set -e; rm -rf $(OUT); mkdir -p $(OUT); \
	echo 'cortado quantize, $(SHAPES)'; \
	$(CORTADO) --quiet quantize $(SHAPES)/shapes.prototxt $(SHAPES)/shapes.caffemodel \
	  --images $(SHAPES)/calibration --preprocess $(SHAPES)/preprocess.json \
	  --out $(OUT)/shapes --work $(OUT)/run | grep -E '^(run|wrote) '; \
	echo; echo 'cortado compare, on images that calibration has not seen'; \
	$(CORTADO) --quiet compare $(SHAPES)/shapes.prototxt $(SHAPES)/shapes.caffemodel \
	  $(OUT)/shapes_fake_quant_model.prototxt $(OUT)/shapes_fake_quant_weights.caffemodel \
	  --quant-json $(OUT)/shapes_quant.json \
	  --images $(SHAPES)/evaluation.npy --preprocess $(SHAPES)/preprocess.json; \
	echo; echo 'cortado evaluate, the float net and then the quantized one'; \
	for net in '$(SHAPES)/shapes.prototxt $(SHAPES)/shapes.caffemodel' \
	  '$(OUT)/shapes_fake_quant_model.prototxt $(OUT)/shapes_fake_quant_weights.caffemodel'; do \
	  $(CORTADO) --quiet evaluate $$net --images $(SHAPES)/evaluation.npy \
	    --labels $(SHAPES)/evaluation_labels.npy --preprocess $(SHAPES)/preprocess.json; \
	done

test: build-tests
	@.ci/tests $(FLAGS)

build: toolchain packages
	@swift build $(FLAGS) --product cortado

build-tests: toolchain packages test-packages
	@swift build --build-tests --disable-xctest $(FLAGS)

install: build
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/doc/cortado'
	install -m 755 $(CORTADO) '$(DESTDIR)$(PREFIX)/bin/cortado'
	install -d '$(DESTDIR)$(PREFIX)/include'
	install -m 644 Sources/CPlugin/include/cortado_plugin.h '$(DESTDIR)$(PREFIX)/include'
	install -m 644 README.md README.zh-CN.md LICENSE '$(DESTDIR)$(PREFIX)/share/doc/cortado'

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/cortado' '$(DESTDIR)$(PREFIX)/include/cortado_plugin.h'
	rm -rf '$(DESTDIR)$(PREFIX)/share/doc/cortado'

bench: build
	@for net in shapes digits; do for batch in 1 16; do for threads in 1 $$(nproc); do \
	  echo "$$net, batch $$batch, $$threads threads"; \
	  $(CORTADO) --quiet bench Samples/$$net/$$net.prototxt Samples/$$net/$$net.caffemodel \
	    --batch $$batch --threads $$threads --repeat 50 || exit; \
	done; done; done

bench-models: build
	@test -n '$(MODELS)' || { echo 'make: say which folder: make bench-models MODELS=DIR' >&2; exit 1; }
	@python3 Tests/Benchmarks/every_model.py '$(MODELS)' --cortado $(CORTADO)

fuzz: toolchain packages
	@swift build $(FLAGS) --product cortado-fuzz
	@.build/release/cortado-fuzz --inputs $(INPUTS) --seed $(SEED)

format: toolchain
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

lint: toolchain
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests
	@.ci/check-files

# Recording fails on purpose, so that nobody records unseen; the second run shows that the pages are fresh.
docs: build-tests
	@RECORD_GOLDENS=1 swift test --skip-build --disable-xctest $(FLAGS) --filter 'GeneratedDocs|KeysPageTests' >/dev/null 2>&1 || true
	@swift test --skip-build --disable-xctest $(FLAGS) --filter 'GeneratedDocs|KeysPageTests'

clean:
	rm -rf .build

toolchain:
	@version=$$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1); \
	set -- $$version; \
	if [ $$# -ne 2 ]; then \
	  echo 'make: Swift is not in PATH; Cortado needs Swift 6.2 or newer (https://www.swift.org/install/linux)' >&2; exit 1; \
	elif [ $$1 -lt 6 ] || { [ $$1 -eq 6 ] && [ $$2 -lt 2 ]; }; then \
	  echo "make: Swift $$1.$$2 is too old; Cortado needs Swift 6.2 or newer (https://www.swift.org/install/linux)" >&2; exit 1; \
	fi

packages:
	@.ci/install-packages $(PACKAGES)

test-packages:
	@.ci/install-packages $(TEST_PACKAGES)
