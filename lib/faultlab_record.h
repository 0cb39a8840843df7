/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libfaultlab: records, latency, and text for both. Included by <faultlab.h>. As there,
 * functions return 0 or -errno, and nothing prints. Only faultlab_symbols_open()
 * allocates.
 */
#ifndef LIBFAULTLAB_RECORD_H
#define LIBFAULTLAB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/faultlab.h>

/*
 * record.c: the records of a region. slots is how many are kept for each CPU; 0 means the
 * module parameter record_slots. watermark is how many must be readable before poll()
 * wakes; 0 means 1. faultlab_records_start() can be called again to change the watermark.
 */
int faultlab_records_start(int fd, __u32 slots, __u32 watermark);
/* flags are FAULTLAB_RECORDING_*. */
int faultlab_records_start_with(int fd, __u32 slots, __u32 watermark, __u32 flags);
int faultlab_records_stop(int fd);
int faultlab_records_state(int fd, struct faultlab_recording *state);

/*
 * The records of all regions. From the first faultlab_observe_start() on, read() and
 * poll() on this descriptor return and wait for these records. Needs CAP_SYS_ADMIN.
 */
int faultlab_observe_start(int fd, __u32 watermark);
int faultlab_observe_start_with(int fd, __u32 watermark, __u32 flags);
int faultlab_observe_stop(int fd);
int faultlab_observe_state(int fd, struct faultlab_recording *state);

/*
 * Reads up to nr records, oldest first. Returns how many were read, 0 if recording was
 * never started, or -errno. If there is no record, this waits for one, or returns -EAGAIN
 * if the descriptor is O_NONBLOCK.
 */
ssize_t faultlab_records_read(int fd, struct faultlab_record *records, size_t nr);

/*
 * Calls fn for all records that can be read now. Does not wait, even without O_NONBLOCK.
 * If fn does not return 0, this ends and returns that value.
 */
typedef int (*faultlab_record_fn)(const struct faultlab_record *record, void *arg);
int faultlab_records_each(int fd, faultlab_record_fn fn, void *arg);

/*
 * latency.c: histograms. access and results select callbacks as in struct
 * faultlab_latency, 0 is all; flags are FAULTLAB_LATENCY_*.
 */
int faultlab_latency_start(int fd, __u32 flags);
int faultlab_latency_stop(int fd, __u32 flags);
int faultlab_latency(int fd, __u32 flags, __u32 access, __u32 results,
		     struct faultlab_latency *latency);
/* Reads the histogram of all callbacks, and then restarts it at 0. */
int faultlab_latency_reset(int fd, __u32 flags, struct faultlab_latency *latency);

/* How many callbacks were counted. */
__u64 faultlab_latency_sum(const struct faultlab_latency *latency);

/*
 * The quantile in ns: `millionths` of all callbacks (500000: the median) took that long
 * or less. It is rounded up to the end of its histogram bucket; 0 if nothing was counted.
 */
__u64 faultlab_latency_quantile(const struct faultlab_latency *latency, __u32 millionths);

/* The bounds of a bucket in ns, both inclusive. */
__u64 faultlab_latency_from(unsigned int bucket);
__u64 faultlab_latency_to(unsigned int bucket);

/*
 * text.c
 */

/* "write allow_retry killable user". Returns text. */
#define FAULTLAB_FAULT_FLAGS_TEXT_MAX	160
char *faultlab_fault_flags_text(__u32 flags, char *text, size_t size);

/* "read,exec,remote". Returns text. */
#define FAULTLAB_ACCESS_TEXT_MAX	80
char *faultlab_access_text(__u32 access, char *text, size_t size);

/* One record as one line, as in debugfs faultlab/records. Returns text. */
#define FAULTLAB_RECORD_TEXT_MAX	512
char *faultlab_record_text(const struct faultlab_record *record, char *text, size_t size);

/*
 * symbols.c: names of kernel addresses, from /proc/kallsyms. faultlab_symbols_open()
 * returns NULL and sets errno if that file cannot be read. errno is EPERM if the file
 * shows all addresses as 0, as it does without CAP_SYSLOG.
 */
struct faultlab_symbols;
struct faultlab_symbols *faultlab_symbols_open(void);
void faultlab_symbols_close(struct faultlab_symbols *symbols);

/*
 * "handle_mm_fault+0x1c5", "flab_vm_fault+0x40 [faultlab]" or "0x..."; returns text. The
 * address is a return address from a stack trace, so the function is looked up by the
 * byte before it, which belongs to the call.
 */
#define FAULTLAB_SYMBOL_TEXT_MAX	128
char *faultlab_symbol(const struct faultlab_symbols *symbols, __u64 address, char *text,
		      size_t size);

#endif /* LIBFAULTLAB_RECORD_H */
