// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a task may see PFNs, kernel addresses, or what other tasks do. Every interface that
 * can show these (ioctl, read() of records, debugfs) calls flab_may_see() and has no other
 * check; docs/guide/observe.md lists the interfaces.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/security.h>
#include "may_see.h"

/**
 * flab_may_see - whether the caller may see a secret through a file
 * @file: the open file that is read, or on which the ioctl is called
 * @secret: the sort of secret
 *
 * A descriptor can be passed on, so both caller and opener need CAP_SYS_ADMIN. With the
 * opener's alone, a descriptor that root opened would show everything to a task that
 * inherits it. With the caller's alone, an unprivileged task could open the file, pass it
 * to a privileged program as standard input, and have that program read it.
 *
 * FLAB_SECRET_KERNEL is refused even to root if the kernel is locked down for
 * confidentiality. A module cannot add a lockdown reason of its own. LOCKDOWN_KCORE is
 * used, since /proc/kcore shows much the same; the kernel logs the name of that reason.
 *
 * Return: true if so. Call it at each access: caller and lockdown can change.
 */
bool flab_may_see(const struct file *file, enum flab_secret secret)
{
	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN) || !capable(CAP_SYS_ADMIN))
		return false;
	return secret != FLAB_SECRET_KERNEL || !security_locked_down(LOCKDOWN_KCORE);
}
