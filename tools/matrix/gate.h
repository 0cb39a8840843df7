/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that lets faults pass the gate of a region while an access is measured.
 */
#ifndef FAULTLAB_MATRIX_GATE_H
#define FAULTLAB_MATRIX_GATE_H

/* Starts the thread, once per process. Returns 0 or -errno. */
int matrix_gate_start(void);

/*
 * From matrix_gate_keep() to matrix_gate_leave(), a thread of gate.c lets the faults that wait
 * at this region's gate pass, one by one. After matrix_gate_leave() the gate is closed: faults
 * that wait there go on waiting.
 */
void matrix_gate_keep(int fd);
void matrix_gate_leave(void);

#endif /* FAULTLAB_MATRIX_GATE_H */
