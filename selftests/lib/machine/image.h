/* SPDX-License-Identifier: GPL-2.0-only */
/* Load and unload the module: for programs that run where nothing else does (scripts/test). */
#ifndef TLIB_IMAGE_H
#define TLIB_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

/* The contents of faultlab.ko. */
struct tlib_image {
	void *data;
	size_t size;
};

/* Find the module's file: $FAULTLAB_KO, or one near the test programs. 0 or -errno. */
int tlib_image_find(struct tlib_image *image);

/* The parameters of the module that is loaded, as text for tlib_module_load(). 0 or -ENOENT. */
int tlib_module_parameters(char *text, size_t size);

/* 0 or -errno; unload does not wait: -EWOULDBLOCK while the module is in use. */
int tlib_module_load(const struct tlib_image *image, const char *parameters);
int tlib_module_unload(void);
bool tlib_module_is_loaded(void);

/* For tests that unload it: its file, and the parameters that it was loaded with. */
struct tlib_module {
	struct tlib_image image;
	char parameters[512];
};

/* Of the module that is loaded. 0 or -errno. */
int tlib_module_keep(struct tlib_module *module);

/* Load it as it was. 0 or -errno. */
int tlib_module_reload(const struct tlib_module *module);

/*
 * The same if it is not loaded. For FIXTURE_TEARDOWN_PARENT: it runs when the test's process
 * has ended, even by a crash, so that none of its descriptors keeps the module in use. It does
 * not run if the test is killed for its time limit: scripts/parts/test/settings loads the
 * module then.
 */
void tlib_module_restore(const struct tlib_module *module);

#endif /* TLIB_IMAGE_H */
