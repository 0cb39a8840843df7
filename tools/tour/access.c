// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses by this process, and by a child that makes them on command.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tour/tour.h"

void tour_read(struct tour *tour, const char *what, void *addr, const struct expect *expect)
{
	struct access access = { .addr = addr };

	tour_measure(tour->fd, &access, &tour->last);
	tour_judge(tour, what, &access, expect);
}

void tour_write(struct tour *tour, const char *what, void *addr, __u8 value,
		const struct expect *expect)
{
	struct access access = { .addr = addr, .write = true, .value = value };

	tour_measure(tour->fd, &access, &tour->last);
	tour_judge(tour, what, &access, expect);
}

/* Makes accesses on command until the other end of the socket is closed. */
static void obey(int fd, int sock)
{
	struct access access;
	struct outcome outcome;

	while (recv(sock, &access, sizeof(access), 0) == sizeof(access)) {
		tour_measure(fd, &access, &outcome);
		if (send(sock, &outcome, sizeof(outcome), MSG_NOSIGNAL) != sizeof(outcome))
			break;
	}
}

bool puppet_start(struct tour *tour)
{
	int pair[2];

	if (!tour_check(tour, !socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair),
			"socketpair failed: %s", strerror(errno)))
		return false;
	tour->puppet.pid = fork();
	if (!tour->puppet.pid) {
		close(pair[0]);
		obey(tour->fd, pair[1]);
		_exit(0);
	}
	close(pair[1]);
	tour->puppet.sock = pair[0];
	return tour_check(tour, tour->puppet.pid > 0, "fork failed: %s", strerror(errno));
}

void puppet_stop(struct tour *tour)
{
	struct puppet *puppet = &tour->puppet;

	if (puppet->pid)
		close(puppet->sock);
	if (puppet->pid > 0)
		waitpid(puppet->pid, NULL, 0);
	puppet->pid = 0;
}

static void command(struct tour *tour, const char *what, const struct access *access,
		    const struct expect *expect)
{
	int sock = tour->puppet.sock;

	memset(&tour->last, 0, sizeof(tour->last));
	if (send(sock, access, sizeof(*access), MSG_NOSIGNAL) != sizeof(*access) ||
	    recv(sock, &tour->last, sizeof(tour->last), 0) != sizeof(tour->last))
		tour->last.err = -ECHILD;
	tour_judge(tour, what, access, expect);
}

void puppet_read(struct tour *tour, const char *what, void *addr, const struct expect *expect)
{
	struct access access = { .addr = addr };

	command(tour, what, &access, expect);
}

void puppet_write(struct tour *tour, const char *what, void *addr, __u8 value,
		  const struct expect *expect)
{
	struct access access = { .addr = addr, .write = true, .value = value };

	command(tour, what, &access, expect);
}
