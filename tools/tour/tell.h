/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of tell.c that judge.c uses: they print or describe an access.
 */
#ifndef FAULTLAB_TOOL_TOUR_TELL_H
#define FAULTLAB_TOOL_TOUR_TELL_H

#include "tour/tour.h"

void tour_tell(const char *what, const struct outcome *outcome);
const char *tour_signal_text(int signal, int code);
bool tour_reached_module(const struct outcome *outcome);

#endif /* FAULTLAB_TOOL_TOUR_TELL_H */
