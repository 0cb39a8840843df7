// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin that counts how often the guest executes each instruction between a begin
 * mark and an end mark (tools/bench/mark.h). At each end mark it writes to FILE a line
 * "=", a line "0 COUNT" for all instructions of user space together, and a line "ADDRESS
 * COUNT" for each instruction of the kernel that was executed. Argument: out=FILE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/mark.h"
#include "plugin.h"

#define NR_SLOTS	(1U << 22)	/* 2^22, as counter() hashes to 22 bits; never all used */
#define KERNEL		(1ULL << 63)

static struct slot {
	uint64_t addr;
	uint64_t count;
} *slots;

static uint64_t user;
static FILE *out;

EXPORT int qemu_plugin_version = 1;

/* The counter of the instruction at addr; all of user space shares one. */
static uint64_t *counter(uint64_t addr)
{
	uint64_t i = addr * 0x9e3779b97f4a7c15ULL >> 42;

	if (addr < KERNEL)
		return &user;
	while (slots[i].addr && slots[i].addr != addr)
		i = (i + 1) % NR_SLOTS;
	slots[i].addr = addr;
	return &slots[i].count;
}

static void figure_begin(unsigned int cpu, void *arg)
{
	unsigned int i;

	(void)cpu;
	(void)arg;
	for (i = 0; i < NR_SLOTS; i++)
		slots[i].count = 0;
	user = 0;
}

static void figure_end(unsigned int cpu, void *arg)
{
	unsigned int i;

	(void)cpu;
	(void)arg;
	fprintf(out, "=\n0 %llu\n", (unsigned long long)user);
	for (i = 0; i < NR_SLOTS; i++)
		if (slots[i].count)
			fprintf(out, "%llx %llu\n", (unsigned long long)slots[i].addr,
				(unsigned long long)slots[i].count);
	fflush(out);
}

/* Whether the instruction is a mark; if so, *mark is which of the two. */
static bool is_mark(const struct qemu_plugin_insn *insn, uint32_t *mark)
{
	static const uint8_t nop[] = { 0x0f, 0x1f, 0x84, 0x00 };
	const uint8_t *data = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != sizeof(nop) + sizeof(*mark) ||
	    memcmp(data, nop, sizeof(nop)))
		return false;
	memcpy(mark, data + sizeof(nop), sizeof(*mark));
	return *mark == BENCH_MARK_BEGIN || *mark == BENCH_MARK_END;
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	uint32_t mark;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_mark(insn, &mark))
			qemu_plugin_register_vcpu_insn_exec_cb(insn,
							       mark == BENCH_MARK_BEGIN ?
							       figure_begin : figure_end,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   counter(qemu_plugin_insn_vaddr(insn)),
							   1);
	}
}

int qemu_plugin_install(uint64_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	slots = calloc(NR_SLOTS, sizeof(*slots));
	if (!out || !slots)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
