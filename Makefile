# SPDX-License-Identifier: GPL-2.0-only

.PHONY: help run test test-full test-debug test-build fuzz mutate reliability coverage bench check docs build setup shell install dkms clean distclean

help:
	@echo 'make run        set up, build, and take the tour in a virtual machine'
	@echo 'make test       the tests in their short forms (TESTS="test_page*" KERNELS=6.12 to pick)'
	@echo 'make test-full  all tests in their long forms on both kernels, trinity and stress-ng:'
	@echo '                more than an hour'
	@echo 'make test-debug those of the module on a kernel that watches every access and lock:'
	@echo '                50 minutes, and 15 to 25 once, to build it'
	@echo 'make test-build what Kbuild refuses, make install and make dkms in a root of their own'
	@echo 'make fuzz       random calls in a virtual machine, for MINUTES=10 (SEED=S)'
	@echo 'make mutate     whether the tests catch mistakes put into the module (COUNT=N SEED=S)'
	@echo 'make reliability PART=fuzz   searches for mistakes that take up to hours; stores their figures'
	@echo 'make coverage   which lines and branches of the module make test-debug runs'
	@echo 'make bench      ratios of instructions: faultlab to what the kernel has, both kernels'
	@echo 'make check      style, static analysis, compiler warnings, unit tests'
	@echo 'make docs       what is generated in docs/: from the sources, the tables of verdicts and'
	@echo '                the like and the picture of the folders; from virtual machines, the'
	@echo '                matrix, the samples of walks and the table of ground-truth.md'
	@echo 'make shell      a shell in a virtual machine, with the module loaded'
	@echo 'make build      the module for both kernels, the programs'
	@echo 'make setup      fetch what all this needs, to build/'
	@echo 'make install    module for the running kernel, tool, header, manual (PREFIX, DESTDIR)'
	@echo 'make dkms       hand the module to DKMS, to follow kernel updates'
	@echo 'make clean      remove what was built; distclean: what was fetched, too'

run: build
	@scripts/vm -- sh -c 'scripts/vm-load && faultlab tour'

shell: build
	@scripts/vm

test:
	@scripts/test

test-full test-debug:
	@scripts/test $(@:test-%=%)

test-build: setup
	@scripts/test-build

MINUTES ?= 10
fuzz: setup
	@scripts/fuzz --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

mutate: setup
	@scripts/mutate $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

coverage: setup
	@scripts/coverage

reliability: setup
	@scripts/reliability $(PART)

bench: build
	@scripts/bench

check: setup
	@scripts/check

docs: build
	@scripts/docs

build: setup
	@scripts/build

setup:
	@scripts/setup

install dkms:
	@scripts/install $@

clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name kernels ! -name linux \
		! -name venv ! -name 'setup.*' ! -name accel -exec rm -rf {} +

distclean:
	rm -rf build
