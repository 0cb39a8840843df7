/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before all else in a module that counts its lines (scripts/build, FAULTLAB_GCOV=y).
 * gcc merges the returns of a function before it adds the counters, so "return -ENOMEM;" would
 * have none, and gcov would report nothing for its line. It cannot merge asm statements. The loop
 * makes one statement of both, and runs once.
 */
#define return for (({ asm volatile(""); });;) return
