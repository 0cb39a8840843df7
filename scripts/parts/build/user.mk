# SPDX-License-Identifier: GPL-2.0-only
# Builds libfaultlab, the command and the test programs from all sources in their
# folders. Run from the tree's root, by scripts/build.

CFLAGS   ?= -O2 -g
CFLAGS   += -std=gnu11 -Wall -Wextra -Werror
CPPFLAGS += -D_GNU_SOURCE -MMD -MP -Iuapi -Ilib -Icommon
KSELFTEST = build/linux/tools/testing/selftests

objects = $(patsubst %.c,build/user/%.o,$(1))

# common/ is compiled into the module, too.
lib_src   := $(wildcard common/*.c lib/*.c)
tool_src  := $(filter-out tools/qemu/%,$(wildcard tools/*.c tools/*/*.c tools/*/*/*.c))
examples  := $(patsubst %.c,build/bin/%,$(wildcard examples/*.c))
tests     := $(wildcard selftests/*/test_*.c)
test_util := $(wildcard selftests/lib/*.c selftests/lib/*/*.c)

lib      := $(if $(lib_src),build/user/libfaultlab.a)
tool     := $(if $(tool_src),build/bin/faultlab)
programs := $(patsubst %.c,build/bin/selftests/%,$(notdir $(tests)))
twice    := $(strip $(foreach p,$(sort $(programs)),$(word 2,$(filter $(p),$(programs)))))
ifneq ($(twice),)
$(error two tests have the same name, and programs have no folders: $(notdir $(twice)))
endif

# Test programs for each version of the ABI (selftests/abi/README.md): the binary that is
# kept in the tree, and its source compiled with today's headers.
machine  := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
versions := $(basename $(notdir $(wildcard selftests/abi/v[0-9].c selftests/abi/v[0-9][0-9].c)))
frozen   := $(basename $(notdir $(wildcard $(versions:%=selftests/abi/%.$(machine)))))
abi      := $(frozen:%=build/bin/selftests/test_abi_%) \
	    $(versions:%=build/bin/selftests/test_abi_%_source)
stale    := $(filter-out $(programs) $(abi),$(wildcard build/bin/selftests/*))

fuzz_src := $(wildcard fuzz/calls/*.c)
all: $(lib) $(tool) build/bin/fuzz $(programs) $(abi) $(examples)
	$(if $(stale),rm -f $(stale))
	@$(foreach v,$(filter-out $(frozen),$(versions)),printf '  %-8s %s\n' 'left out' \
		'test_abi_$(v): selftests/abi/ has no binary for $(machine)';)

build/user/libfaultlab.a: $(call objects,$(lib_src))
build/user/libtests.a: $(call objects,$(test_util))
build/user/lib%.a:
	rm -f $@
	$(AR) rcs $@ $^

build/bin/faultlab: $(call objects,$(tool_src)) $(lib)
	$(link) -ljson-c -lcap -luring -lpthread -lncursesw -ltinfo

build/bin/fuzz: $(call objects,$(fuzz_src)) $(lib)
	$(link) -luring -lpthread

# fuzz/ includes its own headers by their paths from the top. Rows of its table of calls leave
# out trailing fields.
build/user/fuzz/%.o: CPPFLAGS += -I.
build/user/fuzz/%.o: CFLAGS += -Wno-missing-field-initializers

# Functions in one table have the same parameters, though some do not use all. The kernel's
# build does not warn about unused parameters either.
build/user/common/%.o: CFLAGS += -Wno-unused-parameter
build/user/tools/%.o: CPPFLAGS += -Itools

# The harness defines static helpers that not every program uses, and compares values
# of different types. There are many programs and each runs once, so compile them fast.
build/user/selftests/%.o: CPPFLAGS += -Iselftests -isystem $(KSELFTEST)
build/user/selftests/%.o: CFLAGS += -O1 -Wno-unused-parameter -Wno-sign-compare

# $(call program,SOURCE): the rule of a test program. All programs are in one folder, so that
# a test's name needs no folder.
program = build/bin/selftests/$(basename $(notdir $(1))): $(call objects,$(1)) \
	build/user/libtests.a $(lib)
$(foreach test,$(tests),$(eval $(call program,$(test))))
$(programs):
	$(link) -lcap -lpthread $(libs)

build/bin/selftests/test_tool_record build/bin/selftests/test_tool_report: libs = -ljson-c
build/bin/selftests/test_tool_json build/bin/selftests/test_tool_names: libs = -ljson-c
build/bin/selftests/test_tool_try: libs = -ljson-c
build/bin/selftests/test_tool_top build/bin/selftests/test_tool_names: libs += -lvterm
build/bin/selftests/test_path_uring build/bin/selftests/test_record_uring: libs = -luring
build/bin/selftests/test_pinned: libs = -luring
build/bin/selftests/test_examples build/bin/examples/record-uring: libs = -luring

# $(call abi_source,VERSION): what a version's program from source depends on
abi_source = build/bin/selftests/test_abi_$(1)_source: $(wildcard selftests/abi/$(1).c \
	selftests/abi/$(1)_*.c selftests/abi/$(1).h selftests/abi/$(1)_*.h uapi/linux/*.h)
$(foreach v,$(versions),$(eval $(call abi_source,$(v))))
build/bin/selftests/test_abi_%_source: scripts/parts/build/user.mk
	@printf '  %-8s %s\n' CC $@
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wno-unused-parameter -Iuapi -o $@ $(filter %.c,$^)

build/bin/selftests/test_abi_%: selftests/abi/%.$(machine)
	@printf '  %-8s %s\n' CP $@
	@mkdir -p $(@D)
	cp $< $@

# Examples are compiled with the UAPI headers only, as users would compile them.
build/bin/examples/%: examples/%.c uapi/linux/faultlab.h scripts/parts/build/user.mk
	@printf '  %-8s %s\n' CC $<
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Iuapi -o $@ $< $(libs)

define link
@printf '  %-8s %s\n' LD $@
@mkdir -p $(@D)
$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^
endef

build/user/%.o: %.c scripts/parts/build/user.mk
	@printf '  %-8s %s\n' CC $<
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

.PHONY: all
.SECONDARY:
.DELETE_ON_ERROR:

-include $(patsubst %.o,%.d,$(call objects,$(lib_src) $(tool_src) $(fuzz_src) $(tests) $(test_util)))
