/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens the gate of a region for faults, during one access.
 */
#ifndef FAULTLAB_MATRIX_GATE_H
#define FAULTLAB_MATRIX_GATE_H

/* Starts the thread, once per process. Returns 0 or -errno. */
int matrix_gate_start(void);

/* Lets faults that wait at this region's gate pass one by one, until _leave(). */
void matrix_gate_keep(int fd);
void matrix_gate_leave(void);

#endif /* FAULTLAB_MATRIX_GATE_H */
