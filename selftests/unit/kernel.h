/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel functions and types that the tested files of the module use, implemented for
 * user space and one CPU. This header replaces the kernel headers that these files include
 * (scripts/parts/check/unit lists them). Memory comes from unit_alloc(), which a test can
 * make fail.
 */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

struct unit_atomic {
	u64 counter;
};

struct unit_lock {
	int unused;
};

#define pgoff_t			unsigned long
#define atomic64_t		struct unit_atomic
#define spinlock_t		struct unit_lock

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define BIT(n)			(1UL << (n))
#define GFP_KERNEL_ACCOUNT	0

#define __percpu
#define __counted_by(member)
#define likely(x)		(x)
#define unlikely(x)		(x)
#define cond_resched()		do { } while (0)

#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define data_race(x)		(x) /* unit tests have one thread */
#define cmpxchg(at, old, new)	__sync_val_compare_and_swap(at, old, new)
#define min(a, b)		({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _a : _b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max(a, b)		({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })

#define ERR_PTR(err)		((void *)(long)(err))
#define PTR_ERR(p)		((long)(p))
#define IS_ERR(p)		((unsigned long)(p) >= -4095UL)

/* One CPU. */
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define per_cpu_ptr(p, cpu)		(p)
#define this_cpu_inc(x)			((x)++)

static inline u64 atomic64_read(const atomic64_t *v)
{
	return v->counter;
}

static inline void atomic64_set(atomic64_t *v, u64 to)
{
	v->counter = to;
}

static inline u64 atomic64_fetch_inc(atomic64_t *v)
{
	return v->counter++;
}

static inline void atomic64_inc(atomic64_t *v)
{
	v->counter++;
}

static inline u64 atomic64_fetch_add_unless(atomic64_t *v, u64 add, u64 except)
{
	const u64 old = v->counter;

	v->counter += old == except ? 0 : add;
	return old;
}

static inline int ilog2(u64 n)
{
	return 63 - __builtin_clzll(n);
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n > 1 ? 1UL << (ilog2(n - 1) + 1) : 1;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return (__uint128_t)a * mul >> shift;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rest)
{
	*rest = a % b;
	return a / b;
}

static inline void sort(void *base, size_t nr, size_t size,
			int (*compare)(const void *a, const void *b), void *swap)
{
	qsort(base, nr, size, compare);
}

static inline bool memchr_inv(const void *p, int c, size_t bytes)
{
	const char *at = p;

	while (bytes && *at == c)
		at++, bytes--;
	return bytes;
}

/* How many allocations succeed before one fails, and how many are not freed yet. */
extern long unit_allocs_until_failure, unit_allocs;

static inline void *unit_alloc(size_t bytes, int content)
{
	void *p;

	if (!unit_allocs_until_failure--)
		return NULL;
	unit_allocs++;
	p = malloc(bytes);
	return p ? memset(p, content, bytes) : NULL;
}

static inline void kvfree(const void *p)
{
	unit_allocs -= !!p;
	free((void *)p);
}

/* kvmalloc() and kvmalloc_array() do not zero the memory. Here they fill it with 0xa5. */
#define kvmalloc(bytes, gfp)			unit_alloc(bytes, 0xa5)
#define kvmalloc_array(nr, size, gfp)		unit_alloc((size_t)(nr) * (size), 0xa5)
#define kvzalloc(bytes, gfp)			unit_alloc(bytes, 0)
#define __alloc_percpu_gfp(bytes, align, gfp)	unit_alloc(bytes, 0)
#define free_percpu(p)				kvfree(p)
#define struct_size(p, member, nr)		offsetof(typeof(*(p)), member[nr])

static inline unsigned long get_zeroed_page(unsigned int gfp)
{
	void *page;

	if (!unit_allocs_until_failure--)
		return 0;
	page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	unit_allocs++;
	memset(page, 0, PAGE_SIZE);
	return (unsigned long)page;
}

static inline void free_page(unsigned long page)
{
	kvfree((void *)page);
}

#endif /* UNIT_KERNEL_H */
