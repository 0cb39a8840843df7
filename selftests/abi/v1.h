/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this program share: checks, skips, and the few things that most
 * tests do first. Each test runs in a process of its own, so a failed check ends that
 * process, and nothing has to be cleaned up.
 */
#ifndef V1_H
#define V1_H

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <linux/faultlab.h>

#define PAGE	((size_t)getpagesize())
#define RW	(PROT_READ | PROT_WRITE)

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Reasons for a skip. scripts/test accepts the first one where it is true (LACKS). */
#define NO_HUGE		"no .huge_fault for PFN mappings (ARCH_SUPPORTS_PMD_PFNMAP, since 6.12)"
#define NO_PHYS		"the module was loaded without phys="
#define PHYS_BUSY	"another region has the range of phys="
#define NO_PUD		"no range of phys= that a PUD can map"
#define NO_ADMIN	"no CAP_SYS_ADMIN, or the kernel is locked down"

struct v1_test {
	const char *subject;
	const char *name;
	void (*run)(unsigned int arg);	/* returns if the test has passed */
	unsigned int arg;
};

/* Each ends with a row of zeros. */
extern const struct v1_test v1_struct_tests[];
extern const struct v1_test v1_region_tests[];
extern const struct v1_test v1_memory_tests[];
extern const struct v1_test v1_rule_tests[];
extern const struct v1_test v1_gate_tests[];
extern const struct v1_test v1_walk_tests[];
extern const struct v1_test v1_record_tests[];
extern const struct v1_test v1_latency_tests[];

/* The test has failed unless the two numbers are the same. */
#define CHECK(want, got) \
	v1_check(__FILE__, __LINE__, #got, (long long)(want), (long long)(got))
#define CHECK_TRUE(condition) \
	v1_check(__FILE__, __LINE__, #condition, 1, !!(condition))

void v1_check(const char *file, int line, const char *what, long long want, long long got);
void v1_skip(const char *why) __attribute__((noreturn));
extern char *v1_reason;		/* of the skip, in memory shared with main() */

/* 0 or -errno */
int v1_ioctl(int fd, unsigned long request, void *arg);

int v1_open(void);
int v1_region(__u32 kind, __u64 flags, unsigned int pages);
int v1_region_of(const struct faultlab_config *config);	/* skips if the machine lacks it */
struct faultlab_info v1_info(int fd);
struct faultlab_features v1_features(int fd, __u32 kind);
__u64 v1_stat(int fd, unsigned int stat);
int v1_evict(int fd, __u32 flags);	/* all of the region */
int v1_unplug(int fd);

/* Sets this rule alone; 0 or -errno. A length of 0 means all of the region. */
int v1_try_rule(int fd, struct faultlab_rule rule);
void v1_set_rule(int fd, struct faultlab_rule rule);
__u64 v1_hits(int fd);

/* Room for a mapping, up to 2 MiB, with page tables that no other mapping uses. */
char *v1_room(void);

/* Maps the region there, from its start on. */
char *v1_map(int fd, int prot, int flags, unsigned int pages);
struct faultlab_walk_entry v1_entry(int fd, const char *at);

/* Accesses in this process. */
int v1_get(const char *at);
void v1_put(char *at, char value);

/* An access in a child, and the signal in which it ended; sig is 0 if there was none. */
struct v1_end {
	int sig, code, lsb;
};

struct v1_end v1_touch(char *at, bool write);

/* A child that reads a byte and ends with status 0. */
pid_t v1_start_read(char *at);
bool v1_is_running(pid_t pid);
void v1_await_stop(pid_t pid);	/* until SIGSTOP has stopped it */
int v1_wait(pid_t pid);		/* exit status, or -signal */

#endif /* V1_H */
