// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a task may see PFNs, kernel addresses, or what other tasks do. Every interface
 * (ioctl, read() of records, debugfs) asks here and nowhere else; docs/observe.md lists
 * them.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/security.h>
#include "may_see.h"

/**
 * flab_may_see - whether the caller may see a secret through a file
 * @file: what is read or called
 * @secret: what it would show
 *
 * A descriptor can be passed on, so both are asked: who calls, or one that root opened
 * would show all to whoever inherits it; and who opened the file, or a privileged
 * program could be made to read for another one, that gave it as its standard input.
 *
 * Secrets of the kernel are kept from root, too, where it is locked down for
 * confidentiality. There is no reason of our own to be given: /proc/kcore shows much
 * the same, and the kernel names it in the line that it logs.
 *
 * Return: true if so. To be asked for each call: who calls and the lockdown change.
 */
bool flab_may_see(const struct file *file, enum flab_secret secret)
{
	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN) || !capable(CAP_SYS_ADMIN))
		return false;
	return secret != FLAB_SECRET_KERNEL || !security_locked_down(LOCKDOWN_KCORE);
}
