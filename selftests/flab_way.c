// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of memory as the rest of the kernel finds them: see flab_way.h.
 */
#include <errno.h>
#include "flab_way.h"

const struct flab_way flab_way_returned = {
	.kind = FAULTLAB_KIND_PAGE,
};

const struct flab_way flab_way_inserted = {
	.kind = FAULTLAB_KIND_PAGE,
	.flags = FAULTLAB_REGION_INSERT,
	.mixedmap = true,
	.inserts = true,
};

const struct flab_way flab_way_pfn = {
	.kind = FAULTLAB_KIND_PFN,
	.gup = FLAB_GUP_NEVER,
	.special = true,
	.pfnmap = true,
	.inserts = true,
};

const struct flab_way flab_way_remap = {
	.kind = FAULTLAB_KIND_REMAP,
	.gup = FLAB_GUP_NEVER,
	.special = true,
	.pfnmap = true,
	.inserts = true,
	.at_mmap = true,
};

int flab_way_region(const struct flab_way *way, size_t pages)
{
	return flab_region(way->kind, way->flags, pages);
}

const char *flab_way_faults_elsewhere(const struct flab_way *way, const char *name,
				      unsigned int pages)
{
	const char *grown = way->uncounted ? "" : flab_text(" pages +%u", pages);

	if (!pages || way->at_mmap)
		return "";
	return flab_text("fault_%s %u minor %u locked %u%s", name, pages, pages, pages, grown);
}

const char *flab_way_faults(const struct flab_way *way, const char *name, unsigned int pages)
{
	const char *elsewhere = flab_way_faults_elsewhere(way, name, pages);

	return *elsewhere ? flab_text("%s minflt %u", elsewhere, pages) : "";
}

size_t flab_way_asked(const struct flab_way *way, size_t pages)
{
	return way->at_mmap ? 0 : pages;
}

size_t flab_way_mapped(const struct flab_way *way, size_t pages, size_t all)
{
	return way->at_mmap ? all : pages;
}

const char *flab_way_pins(const struct flab_way *way, const char *name)
{
	return flab_way_faults(way, name, way->gup != FLAB_GUP_NEVER);
}

bool flab_refuses_private(int fd)
{
	return !flab_map(fd, FLAB_RW, MAP_PRIVATE, 0, 1) && errno == EINVAL;
}

const char *flab_way_entry(const struct flab_way *way, const char *rest)
{
	return flab_text("page %s%s", rest, way->special ? " special" : "");
}
