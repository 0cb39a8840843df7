// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a task may see PFNs, kernel addresses, or what other tasks do. Every interface
 * (ioctl, read() of records, debugfs) asks here and nowhere else; docs/guide/observe.md lists
 * them.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/security.h>
#include "may_see.h"

/**
 * flab_may_see - whether the caller may see a secret through a file
 * @file: the open file that is read or called
 * @secret: the sort of secret
 *
 * A descriptor can be passed on, so both caller and opener need CAP_SYS_ADMIN. With the
 * opener's alone, a descriptor that root opened would show everything to a task that
 * inherits it. With the caller's alone, a privileged program could be made to read for
 * another one that gave it the file as standard input.
 *
 * Secrets of the kernel are kept from root, too, where the kernel is locked down for
 * confidentiality. A module cannot add a lockdown reason of its own: LOCKDOWN_KCORE is
 * used, since /proc/kcore shows much the same, and the kernel logs that name.
 *
 * Return: true if so. Check in each call: caller and lockdown can change.
 */
bool flab_may_see(const struct file *file, enum flab_secret secret)
{
	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN) || !capable(CAP_SYS_ADMIN))
		return false;
	return secret != FLAB_SECRET_KERNEL || !security_locked_down(LOCKDOWN_KCORE);
}
