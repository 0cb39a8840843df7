// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads and processes that fault: see tlib.h.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/tlib.h"

static void *touch_thread(void *arg)
{
	struct tlib_toucher *t = arg;

	tlib_warm_up(&t->witness);
	__atomic_store_n(&t->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	faultlab_witness_begin(&t->witness, RUSAGE_THREAD);
	if (t->write)
		faultlab_touch_write(t->addr, t->value, &t->touch);
	else
		faultlab_touch_read(t->addr, &t->touch);
	faultlab_witness_end(&t->witness);
	__atomic_store_n(&t->done, true, __ATOMIC_RELEASE);
	return NULL;
}

int tlib_touch_start(struct tlib_toucher *t, char *addr, bool write, __u8 value)
{
	struct timespec nap = { .tv_nsec = NSEC_PER_MS };
	int err;

	*t = (struct tlib_toucher) { .addr = addr, .write = write, .value = value };
	err = pthread_create(&t->thread, NULL, touch_thread, t);
	if (err)
		return -err;
	while (!__atomic_load_n(&t->tid, __ATOMIC_ACQUIRE))
		nanosleep(&nap, NULL);
	return 0;
}

int tlib_touch_join(struct tlib_toucher *t)
{
	return -pthread_join(t->thread, NULL);
}

static void *hammer_thread(void *arg)
{
	struct tlib_hammer *h = arg;
	struct faultlab_touch touch;
	size_t i;

	h->tid = syscall(SYS_gettid);
	for (i = 0; ; i = (i + 1) % h->pages) {
		if (h->write)
			faultlab_touch_write(tlib_at(h->at, i), 1, &touch);
		else
			faultlab_touch_read(tlib_at(h->at, i), &touch);
		if (touch.signal)
			__atomic_add_fetch(&h->faults, 1, __ATOMIC_RELAXED);
		if (i == h->pages - 1)
			__atomic_add_fetch(&h->rounds, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

int tlib_hammer_start(struct tlib_hammer *h, char *at, size_t pages, bool write)
{
	int err;

	*h = (struct tlib_hammer) { .at = at, .pages = pages, .write = write };
	err = pthread_create(&h->thread, NULL, hammer_thread, h);
	if (err)
		return -err;
	tlib_hammer_await(&h->rounds);
	return 0;
}

void tlib_hammer_await(const unsigned long *counter)
{
	while (!__atomic_load_n(counter, __ATOMIC_ACQUIRE))
		sched_yield();
}

static bool is_delayed(pid_t tid)
{
	char path[64], where[64] = "";
	FILE *wchan;

	snprintf(path, sizeof(path), "/proc/%d/wchan", tid);
	wchan = fopen(path, "re");
	if (!wchan)
		return false;
	if (!fgets(where, sizeof(where), wchan))
		where[0] = '\0';
	fclose(wchan);
	return !strncmp(where, "flab_", 5);
}

static bool is_asleep(pid_t tid)
{
	char path[64], state = '?';
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	stat = fopen(path, "re");
	if (!stat)
		return false;
	if (fscanf(stat, "%*d %*s %c", &state) != 1)
		state = '?';
	fclose(stat);
	return state == 'S';
}

static int wait_until(bool (*is)(pid_t tid), pid_t tid)
{
	struct timespec nap = { .tv_nsec = NSEC_PER_MS };
	__u64 end = tlib_now() + 10000 * NSEC_PER_MS;

	while (!is(tid)) {
		if (kill(tid, 0))
			return -errno;
		if (tlib_now() > end)
			return -ETIMEDOUT;
		nanosleep(&nap, NULL);
	}
	return 0;
}

int tlib_wait_delayed(pid_t tid)
{
	return wait_until(is_delayed, tid);
}

int tlib_wait_asleep(pid_t tid)
{
	return wait_until(is_asleep, tid);
}

pid_t tlib_peer_fork(struct tlib_peer *peer)
{
	int sock[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		return -1;
	peer->pid = fork();
	peer->sock = sock[!peer->pid];
	close(sock[!!peer->pid]);
	return peer->pid;
}

int tlib_peer_nudge(struct tlib_peer *peer)
{
	return send(peer->sock, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -EPIPE;
}

int tlib_peer_await(struct tlib_peer *peer)
{
	char byte;

	return read(peer->sock, &byte, 1) == 1 ? 0 : -EPIPE;
}

int tlib_peer_join(struct tlib_peer *peer)
{
	int status;

	close(peer->sock);
	if (waitpid(peer->pid, &status, 0) != peer->pid)
		return -ECHILD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

__u64 tlib_now(void)
{
	return monotonic_ns();
}
