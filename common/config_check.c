// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks a region's requested configuration: fields that exclude each other, and what this
 * kernel and machine do not support.
 */
#include "env.h"
#include "faultlab_check.h"

struct config_request {
	const struct faultlab_config *c;	/* the requested region */
	const struct faultlab_features *f;	/* what the machine supports */
};

static bool lacks(const struct config_request *r, u64 flag)
{
	return r->c->flags & ~r->f->region_flags & flag;
}

static bool is_no_kind(const struct config_request *r)
{
	return r->c->kind >= 64 || !(r->f->kinds & 1ULL << r->c->kind);
}

static bool has_parts_of_pages(const struct config_request *r)
{
	return r->c->bytes % PAGE_SIZE;
}

static bool has_unknown_flags(const struct config_request *r)
{
	return r->c->flags & ~FAULTLAB_REGION_ANY;
}

static bool is_insert_of_another(const struct config_request *r)
{
	return lacks(r, FAULTLAB_REGION_INSERT);
}

static bool is_mkwrite_of_remap(const struct config_request *r)
{
	return lacks(r, FAULTLAB_REGION_MKWRITE);
}

static bool is_whole_of_remap(const struct config_request *r)
{
	return lacks(r, FAULTLAB_REGION_WHOLE);
}

static bool is_phys_of_page(const struct config_request *r)
{
	return (r->c->flags & FAULTLAB_REGION_PHYS) && r->c->kind == FAULTLAB_KIND_PAGE;
}

static bool is_huge_of_another(const struct config_request *r)
{
	return (r->c->flags & FAULTLAB_REGION_HUGE) && r->c->kind != FAULTLAB_KIND_PFN;
}

static bool has_pad(const struct config_request *r)
{
	return r->c->pad;
}

static bool is_order_too_high(const struct config_request *r)
{
	return r->c->order > r->f->max_order;
}

static bool is_order_of_phys(const struct config_request *r)
{
	return r->c->order && (r->c->flags & FAULTLAB_REGION_PHYS);
}

static bool has_parts_of_folios(const struct config_request *r)
{
	return r->c->bytes % (PAGE_SIZE << r->c->order);
}

static bool is_huge_mkwrite(const struct config_request *r)
{
	return (r->c->flags & FAULTLAB_REGION_HUGE) && (r->c->flags & FAULTLAB_REGION_MKWRITE);
}

static bool lacks_huge(const struct config_request *r)
{
	return lacks(r, FAULTLAB_REGION_HUGE);
}

static bool lacks_pmds_that_move(const struct config_request *r)
{
	return r->f->pmd_needs && r->c->bytes && r->c->order == r->f->pmd_order &&
	       !(r->c->flags & r->f->pmd_needs);
}

static bool is_around_too_wide(const struct config_request *r)
{
	return r->c->around > r->f->max_around;
}

static bool is_around_uneven(const struct config_request *r)
{
	return r->c->around & (r->c->around - 1);
}

static bool is_no_cache(const struct config_request *r)
{
	return r->c->cache >= 32 || !(r->f->caches & 1U << r->c->cache);
}

static bool is_cache_of_pages(const struct config_request *r)
{
	return r->c->cache && !(r->c->flags & FAULTLAB_REGION_PHYS);
}

static bool is_too_large(const struct config_request *r)
{
	return r->c->bytes > r->f->max_bytes;
}

static bool lacks_phys(const struct config_request *r)
{
	return lacks(r, FAULTLAB_REGION_PHYS);
}

static bool is_larger_than_phys(const struct config_request *r)
{
	return (r->c->flags & FAULTLAB_REGION_PHYS) && r->c->bytes > r->f->phys_bytes;
}

static_assert(FAULTLAB_NR_KINDS == 4, "name the new kind below, and why it lacks which flags");

static const struct {
	bool (*is)(const struct config_request *r);
	int err;
	const char *why;
} reasons[] = {
	{ is_no_kind, EINVAL, FLAB_REASON(
	  "there is no such kind: use page, pfn, remap or mixed."
	) },
	{ has_parts_of_pages, EINVAL, FLAB_REASON(
	  "the size must be a multiple of the page size."
	) },
	{ has_unknown_flags, EINVAL, FLAB_REASON(
	  "there is no such region flag."
	) },
	{ is_insert_of_another, EINVAL, FLAB_REASON(
	  "insert is for kind page: pfn and mixed always insert their entries, and remap has no faults."
	) },
	{ is_mkwrite_of_remap, EINVAL, FLAB_REASON(
	  "mkwrite is not for kind remap: remap_pfn_range() makes writable entries, so the core would not call .pfn_mkwrite."
	) },
	{ is_whole_of_remap, EINVAL, FLAB_REASON(
	  "whole is not for kind remap: use page, pfn or mixed."
	) },
	{ is_phys_of_page, EINVAL, FLAB_REASON(
	  "phys is not for kind page: the physical range has no struct page."
	) },
	{ is_huge_of_another, EINVAL, FLAB_REASON(
	  "huge is for kind pfn: for kind page the core maps a PMD by itself if the order is that of a PMD."
	) },
	{ has_pad, EINVAL, FLAB_REASON(
	  "pad must be 0."
	) },
	{ is_order_too_high, EINVAL, FLAB_REASON(
	  "the order is too high: a folio can be as large as a PMD at most (max_order of 'faultlab features')."
	) },
	{ is_order_of_phys, EINVAL, FLAB_REASON(
	  "phys cannot have an order: the physical range has no folios; its alignment decides which leaves are possible."
	) },
	{ has_parts_of_folios, EINVAL, FLAB_REASON(
	  "the size must be a multiple of the folio size, 2^order pages."
	) },
	{ is_huge_mkwrite, EINVAL, FLAB_REASON(
	  "huge cannot have mkwrite: the core does not call .pfn_mkwrite for PMDs and PUDs."
	) },
	{ lacks_huge, EOPNOTSUPP, FLAB_REASON(
	  "this kernel has no PMD leaves of PFNs (ARCH_SUPPORTS_PMD_PFNMAP, since 6.12)."
	) },
	{ lacks_pmds_that_move, EOPNOTSUPP, FLAB_REASON(
	  "before 6.12 mremap() of a PMD leaf races with evict (move_page_tables()): folios of the order of a PMD need whole, insert or mkwrite."
	) },
	{ is_around_too_wide, EINVAL, FLAB_REASON(
	  "around is for kind pfn, and 512 at most. For kind page, insert with an order lets a fault map its whole folio."
	) },
	{ is_around_uneven, EINVAL, FLAB_REASON(
	  "around must be a power of two: a fault maps a range of pages that is aligned to its size."
	) },
	{ is_no_cache, EINVAL, FLAB_REASON(
	  "there is no such memory type: use wb, wc or uc."
	) },
	{ is_cache_of_pages, EINVAL, FLAB_REASON(
	  "wc and uc need phys: the kernel maps memory that has a struct page as write-back, and one frame must not have two memory types."
	) },
	{ is_too_large, ENOSPC, FLAB_REASON(
	  "the size exceeds the module parameter max_pages."
	) },
	{ lacks_phys, ENXIO, FLAB_REASON(
	  "phys needs a physical range: the module was loaded without phys=."
	) },
	{ is_larger_than_phys, ENOSPC, FLAB_REASON(
	  "the size exceeds the physical range of the module parameter phys=."
	) },
};

int faultlab_config_check(const struct faultlab_config *config,
			  const struct faultlab_features *features, const char **why)
{
	const struct config_request request = { config, features };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!reasons[i].is(&request))
			continue;
		if (why)
			*why = reasons[i].why;
		return -reasons[i].err;
	}
	return 0;
}
