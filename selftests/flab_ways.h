/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of flab_way.c by name. Included several times, each time with another
 * FLAB_WAY(), so it has no include guard on purpose.
 */
FLAB_WAY(returned);
FLAB_WAY(inserted);
FLAB_WAY(pfn);
FLAB_WAY(remap);
