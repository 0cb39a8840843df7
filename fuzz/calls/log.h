/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's log, and a table of the calls that were made. */
#ifndef FUZZ_LOG_H
#define FUZZ_LOG_H

#include "fuzz/calls/call.h"

/* From now on lines are a failure that match @bad; NULL: none are. Ends the process if it fails. */
void fuzz_log_open(const char *bad);

/* In a process that was forked since: it reads lines that no other process takes from it. */
void fuzz_log_reopen(void);

/* Whether there is a bad line that this process has not read yet: the first one. */
bool fuzz_log_has_bad(char *line, size_t size);

/*
 * Prints bad lines. To be called often: the kernel overwrites old lines, and it writes some 10
 * KiB when memory runs out.
 */
void fuzz_log_drain(void);

/* Whether there was no such line since the last call. Prints them. */
bool fuzz_log_is_clean(void);

/* Prints how often each call was made. False: some were too rare, or too often refused. */
bool fuzz_show_shares(const struct fuzz_count *count);

#endif /* FUZZ_LOG_H */
