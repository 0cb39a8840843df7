// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/machine/image.h"
#include "lib/sys.h"
#include "util.h"

static int read_image(const char *path, struct tlib_image *image)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	image->size = st.st_size;
	image->data = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			   -1, 0);
	if (image->data != MAP_FAILED)
		n = read(fd, image->data, st.st_size);
	close(fd);
	return n == st.st_size ? 0 : -EIO;
}

/* The module's .modinfo contains the release of the kernel that it was built for. */
static bool is_for_this_kernel(const struct tlib_image *image)
{
	char vermagic[128];
	struct utsname name;

	uname(&name);
	snprintf(vermagic, sizeof(vermagic), "vermagic=%s ", name.release);
	return memmem(image->data, image->size, vermagic, strlen(vermagic));
}

int tlib_image_find(struct tlib_image *image)
{
	const char *given = getenv("FAULTLAB_KO");
	char pattern[512] = "";
	int err = -ENOENT;
	glob_t found;
	size_t i;

	if (readlink("/proc/self/exe", pattern, sizeof(pattern) - 32) < 0)
		return -errno;
	strcpy(strrchr(pattern, '/'), "/../../*/faultlab.ko");
	if (glob(given ?: pattern, 0, NULL, &found))
		return -ENOENT;
	for (i = 0; i < found.gl_pathc && err; i++) {
		if (read_image(found.gl_pathv[i], image))
			continue;
		if (is_for_this_kernel(image))
			err = 0;
		else
			munmap(image->data, image->size);
	}
	globfree(&found);
	return err;
}

int tlib_module_parameters(char *text, size_t size)
{
	static const char *const names[] = { "max_pages", "max_total_pages", "phys" };
	char path[128], value[128];
	unsigned int i;

	*text = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), TLIB_PARAMETERS "%s", names[i]);
		if (tlib_read_text(path, value, sizeof(value)) < 0)
			return -ENOENT;
		if (strcmp(value, "(null)"))
			snprintf(text + strlen(text), size - strlen(text), "%s=%s ",
				 names[i], value);
	}
	return 0;
}

int tlib_module_load(const struct tlib_image *image, const char *parameters)
{
	if (syscall(SYS_init_module, image->data, image->size, parameters))
		return -errno;
	return 0;
}

int tlib_module_unload(void)
{
	return syscall(SYS_delete_module, "faultlab", O_NONBLOCK) ? -errno : 0;
}

bool tlib_module_is_loaded(void)
{
	return !access("/sys/module/faultlab", F_OK);
}

int tlib_module_keep(struct tlib_module *module)
{
	return tlib_module_parameters(module->parameters, sizeof(module->parameters)) ?:
	       tlib_image_find(&module->image);
}

int tlib_module_reload(const struct tlib_module *module)
{
	return tlib_module_load(&module->image, module->parameters);
}

/* The image was found by the test's process: it is not mapped in the parent. */
void tlib_module_restore(const struct tlib_module *module)
{
	struct tlib_image image;

	if (*module->parameters && !tlib_module_is_loaded() && !tlib_image_find(&image))
		tlib_module_load(&image, module->parameters);
}
