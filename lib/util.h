/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the library, the tool and the tests share, and users of the library do not get.
 */
#ifndef FAULTLAB_UTIL_H
#define FAULTLAB_UTIL_H

#ifndef ARRAY_SIZE	/* kselftest's harness defines it, too */
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#endif /* FAULTLAB_UTIL_H */
