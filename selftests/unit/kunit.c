// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests only: flab_kunit.ko, the unit tests as KUnit suites. They run when it is loaded,
 * and debugfs kunit/SUITE/results has their results until it is unloaded. Each unit_*.c
 * has a copy of its own of the files of the module that it tests. All of them use this
 * copy of common/: kbuild warns of an object that is a part of two modules.
 */
#include <linux/module.h>
#include "common/names.c"
#include "common/record_text.c"
#include "common/rule_check.c"
#include "common/rule_text.c"
#include "common/value.c"

MODULE_DESCRIPTION("Unit tests of faultlab");
MODULE_AUTHOR("The faultlab authors");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
