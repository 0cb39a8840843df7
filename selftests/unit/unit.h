/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of the unit tests. In user space it is kselftest's, and each unit_*.c is a
 * program (scripts/parts/check/unit). In the kernel it is KUnit, and each unit_*.c is a
 * suite of flab_kunit.ko. Cases are written with the words of kselftest's harness, and
 * with these differences, since KUnit prints integers and pointers separately and has no
 * block after an expectation:
 *
 * - pointers are compared by EXPECT_NULL() and EXPECT_PTR_EQ() and the like;
 * - EXPECT_EQ_OF() names the row of a table that the expectation is about;
 * - the file ends with UNIT_SUITE() or UNIT_SUITE_F(), which lists the cases. User space
 *   needs no list, and the kernel's compiler warns of a case that is not in it;
 * - functions of the kernel have no floating point and little stack.
 */
#ifndef UNIT_H
#define UNIT_H

#ifdef __KERNEL__

#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

static long unit_allocs_until_failure = -1, unit_allocs;

static inline bool unit_alloc_fails(void)
{
	return !unit_allocs_until_failure--;
}

static inline void *unit_allocated(void *p)
{
	unit_allocs += !!p;
	return p;
}

static inline void *unit_kvmalloc(size_t bytes, gfp_t gfp)
{
	void *p = unit_allocated(unit_alloc_fails() ? NULL : kvmalloc(bytes, gfp));

	/* As unit_alloc() of kernel.h does. */
	return p && !(gfp & __GFP_ZERO) ? memset(p, 0xa5, bytes) : p;
}

static inline void *unit_kvmalloc_array(size_t nr, size_t size, gfp_t gfp)
{
	return unit_kvmalloc(array_size(nr, size), gfp);
}

static inline void *unit_kvzalloc(size_t bytes, gfp_t gfp)
{
	return unit_kvmalloc(bytes, gfp | __GFP_ZERO);
}

static inline void unit_kvfree(const void *p)
{
	unit_allocs -= !!p;
	kvfree(p);
}

static inline void __percpu *unit_alloc_percpu(size_t bytes, size_t align, gfp_t gfp)
{
	void __percpu *p = unit_alloc_fails() ? NULL : __alloc_percpu_gfp(bytes, align, gfp);

	unit_allocs += !!p;
	return p;
}

static inline void unit_free_percpu(void __percpu *p)
{
	unit_allocs -= !!p;
	free_percpu(p);
}

static inline unsigned long unit_get_zeroed_page(gfp_t gfp)
{
	unsigned long page = unit_alloc_fails() ? 0 : get_zeroed_page(gfp);

	unit_allocs += !!page;
	return page;
}

static inline void unit_free_page(unsigned long page)
{
	unit_allocs -= !!page;
	free_page(page);
}

/* For the files of the module that a test includes after this header. */
#undef kvmalloc
#undef kvmalloc_array
#undef kvzalloc
#undef kvfree
#undef __alloc_percpu_gfp
#undef free_percpu
#undef get_zeroed_page
#undef free_page
#define kvmalloc		unit_kvmalloc
#define kvmalloc_array		unit_kvmalloc_array
#define kvzalloc		unit_kvzalloc
#define kvfree			unit_kvfree
#define __alloc_percpu_gfp	unit_alloc_percpu
#define free_percpu		unit_free_percpu
#define get_zeroed_page		unit_get_zeroed_page
#define free_page		unit_free_page

#define EXPECT_EQ(expected, seen)	KUNIT_EXPECT_EQ(test, expected, seen)
#define EXPECT_NE(expected, seen)	KUNIT_EXPECT_NE(test, expected, seen)
#define EXPECT_LT(expected, seen)	KUNIT_EXPECT_LT(test, expected, seen)
#define EXPECT_LE(expected, seen)	KUNIT_EXPECT_LE(test, expected, seen)
#define EXPECT_GT(expected, seen)	KUNIT_EXPECT_GT(test, expected, seen)
#define EXPECT_GE(expected, seen)	KUNIT_EXPECT_GE(test, expected, seen)
#define EXPECT_TRUE(seen)		KUNIT_EXPECT_TRUE(test, seen)
#define EXPECT_FALSE(seen)		KUNIT_EXPECT_FALSE(test, seen)
#define EXPECT_NULL(seen)		KUNIT_EXPECT_NULL(test, seen)
#define EXPECT_NOT_NULL(seen)		KUNIT_EXPECT_NOT_NULL(test, seen)
#define EXPECT_PTR_EQ(expected, seen)	KUNIT_EXPECT_PTR_EQ(test, expected, seen)
#define EXPECT_STREQ(expected, seen)	KUNIT_EXPECT_STREQ(test, expected, seen)
#define EXPECT_EQ_OF(what, expected, seen) \
	KUNIT_EXPECT_EQ_MSG(test, expected, seen, "of \"%s\"", what)
#define ASSERT_EQ(expected, seen)	KUNIT_ASSERT_EQ(test, expected, seen)
#define ASSERT_LT(expected, seen)	KUNIT_ASSERT_LT(test, expected, seen)
#define ASSERT_LE(expected, seen)	KUNIT_ASSERT_LE(test, expected, seen)
#define ASSERT_GT(expected, seen)	KUNIT_ASSERT_GT(test, expected, seen)
#define ASSERT_GE(expected, seen)	KUNIT_ASSERT_GE(test, expected, seen)
#define ASSERT_TRUE(seen)		KUNIT_ASSERT_TRUE(test, seen)
#define ASSERT_FALSE(seen)		KUNIT_ASSERT_FALSE(test, seen)
#define ASSERT_NOT_NULL(seen)		KUNIT_ASSERT_NOT_NULL(test, seen)
#define ASSERT_EQ_OF(what, expected, seen) \
	KUNIT_ASSERT_EQ_MSG(test, expected, seen, "of \"%s\"", what)

#define TEST(name) \
	static void name(struct kunit *test)

#define FIXTURE(fixture) \
	struct unit_##fixture
#define FIXTURE_SETUP(fixture) \
	static void fixture##_setup(struct kunit *test, struct unit_##fixture *self)
#define FIXTURE_TEARDOWN(fixture) \
	static void fixture##_teardown(struct kunit *test, struct unit_##fixture *self)
#define TEST_F(fixture, name) \
	static void name##_of(struct kunit *test, struct unit_##fixture *self); \
	static void name(struct kunit *test) \
	{ \
		name##_of(test, test->priv); \
	} \
	static void name##_of(struct kunit *test, struct unit_##fixture *self)

#define UNIT_CASE(name)	KUNIT_CASE(name)
#define UNIT_SUITE_OF(suite, starts, ends, ...) \
	static struct kunit_case suite##_cases[] = { __VA_ARGS__, {} }; \
	static struct kunit_suite suite##_suite = { \
		.name = "flab_" #suite, \
		.init = starts, \
		.exit = ends, \
		.test_cases = suite##_cases, \
	}; \
	kunit_test_suite(suite##_suite);

#define UNIT_SUITE(suite, ...) \
	UNIT_SUITE_OF(suite, unit_begin, NULL, __VA_ARGS__)

/* A fixture is too large for the stack. */
#define UNIT_SUITE_F(suite, fixture, ...) \
	static int fixture##_begin(struct kunit *test) \
	{ \
		struct unit_##fixture *self; \
\
		unit_begin(test); \
		self = kvzalloc(sizeof(*self), GFP_KERNEL); \
		test->priv = self; \
		if (!self) \
			return -ENOMEM; \
		unit_allocs = 0; /* the fixture does not count */ \
		fixture##_setup(test, self); \
		return 0; \
	} \
	static void fixture##_end(struct kunit *test) \
	{ \
		unit_allocs_until_failure = -1; \
		if (test->priv) \
			fixture##_teardown(test, test->priv); \
		kvfree(test->priv); \
		test->priv = NULL; \
	} \
	UNIT_SUITE_OF(suite, fixture##_begin, fixture##_end, __VA_ARGS__)

#else

#include <kselftest_harness.h>
#include "kernel.h"

long unit_allocs_until_failure = -1, unit_allocs;

/* gcc takes a row's text for NULL where UBSan checks for it. */
static inline const char *unit_row(const char *text)
{
	return text ?: "?";
}

#define EXPECT_NOT_NULL(seen)		EXPECT_NE(NULL, seen)
#define EXPECT_PTR_EQ(expected, seen)	EXPECT_EQ(expected, seen)
#define EXPECT_EQ_OF(what, expected, seen) \
	EXPECT_EQ(expected, seen) { TH_LOG("of \"%s\"", unit_row(what)); }
#define ASSERT_NOT_NULL(seen)		ASSERT_NE(NULL, seen)
#define ASSERT_EQ_OF(what, expected, seen) \
	ASSERT_EQ(expected, seen) { TH_LOG("of \"%s\"", unit_row(what)); }

#define UNIT_CASE(name)
#define UNIT_SUITE(suite, ...)			TEST_HARNESS_MAIN
#define UNIT_SUITE_F(suite, fixture, ...)	TEST_HARNESS_MAIN

#endif /* __KERNEL__ */

#define UNIT_SEED	0x9e3779b97f4a7c15ULL

static u64 unit_state = UNIT_SEED;

/* xorshift64: the same numbers in each run of a case. */
static inline u64 unit_random(u64 below)
{
	cond_resched();
	unit_state ^= unit_state << 13;
	unit_state ^= unit_state >> 7;
	unit_state ^= unit_state << 17;
	return unit_state % below;
}

#ifdef __KERNEL__
/* Each case begins as in a process of its own, which kselftest's harness gives it. */
static inline int unit_begin(struct kunit *test)
{
	unit_state = UNIT_SEED;
	unit_allocs_until_failure = -1;
	unit_allocs = 0;
	return 0;
}
#endif

#endif /* UNIT_H */
