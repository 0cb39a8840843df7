// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that waits until a fault waits at the gate, and lets that fault pass.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <faultlab.h>
#include "matrix/gate.h"

#define AWAIT_US	2000

static sem_t begin, ended;
static atomic_int gate_fd;
static atomic_bool returned;

static void *keep(void *arg)
{
	(void)arg;
	for (;;) {
		while (sem_wait(&begin))
			;
		while (!returned)
			if (!faultlab_gate(gate_fd, FAULTLAB_GATE_AWAIT, 1, AWAIT_US, NULL))
				faultlab_gate(gate_fd, FAULTLAB_GATE_PASS, 1, 0, NULL);
		faultlab_gate(gate_fd, FAULTLAB_GATE_CLOSE, 0, 0, NULL);
		sem_post(&ended);
	}
	return NULL;
}

int matrix_gate_start(void)
{
	pthread_t thread;

	sem_init(&begin, 0, 0);
	sem_init(&ended, 0, 0);
	return -pthread_create(&thread, NULL, keep, NULL);
}

void matrix_gate_keep(int fd)
{
	gate_fd = fd;
	returned = false;
	sem_post(&begin);
}

void matrix_gate_leave(void)
{
	returned = true;
	while (sem_wait(&ended))
		;
}
