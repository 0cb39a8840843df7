/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a module parameter that can be written at any time (mode 0644). */
#ifndef FLAB_PARAM_H
#define FLAB_PARAM_H

#include <linux/compiler.h>

/* data_race(): the core writes parameters by plain stores (kstrtoul()). */
#define flab_param(name)	data_race(READ_ONCE(name))

#endif /* FLAB_PARAM_H */
