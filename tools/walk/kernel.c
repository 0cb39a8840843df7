// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --kernel: the kernel half of the address space, by area (direct map,
 * vmalloc space, ...). Some areas have fixed addresses. KASLR moves the others: their
 * addresses are read from the program headers of /proc/kcore.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>

#include "walk/walk.h"

struct area {
	__u64 start;
	__u64 end;	/* 0: the end of the address space */
	const char *name;
};

/*
 * The areas that KASLR does not move, for four and five levels of page tables. From
 * Documentation/arch/x86/x86_64/mm.rst.
 */
static const struct area fixed[] = {
	{ 0xffff880000000000, 0xffff888000000000, "LDT remap of a process" },
	{ 0xffffec0000000000, 0xfffffc0000000000, "KASAN shadow" },
	{ 0xfffffe0000000000, 0xfffffe8000000000, "CPU entry areas" },
	{ 0xffffff0000000000, 0xffffff8000000000, "espfix stacks" },
	{ 0xffffffef00000000, 0xfffffffeffffffff, "EFI runtime services" },
	{ 0xffffffff80000000, 0xffffffffc0000000, "kernel image" },
	{ 0xffffffffc0000000, 0xffffffffff000000, "modules" },
	{ 0xffffffffff000000, 0xffffffffff600000, "fixmap" },
	{ 0xffffffffff600000, 0xffffffffff601000, "vsyscall" },
	{ 0xffffffffff601000, 0, "fixmap" },
};

#define MAX_MOVING	64

static struct area moving[MAX_MOVING];
static unsigned int nr_moving;

/*
 * Names a segment of /proc/kcore: vmalloc space if it has 1 TiB or more, else the direct
 * map if it has a physical address. NULL: neither, or it is at or above the kernel image.
 */
static const char *kcore_name(const Elf64_Phdr *phdr)
{
	if (phdr->p_vaddr >= fixed[5].start)
		return NULL;
	if (phdr->p_memsz >= 1ULL << 40)
		return "vmalloc space";
	if (phdr->p_paddr != ~0ULL && phdr->p_paddr)
		return "direct map";
	return NULL;
}

static void read_kcore(void)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	__u64 low = ~0ULL;
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	unsigned int i;

	if (fd < 0)
		return;
	if (pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		ehdr.e_phnum = 0;
	for (i = 0; i < ehdr.e_phnum && nr_moving < MAX_MOVING - 1; i++) {
		const char *name;

		if (pread(fd, &phdr, sizeof(phdr), ehdr.e_phoff + i * sizeof(phdr)) !=
		    sizeof(phdr))
			break;
		name = phdr.p_type == PT_LOAD ? kcore_name(&phdr) : NULL;
		if (!name)
			continue;
		moving[nr_moving++] = (struct area) {
			phdr.p_vaddr, phdr.p_vaddr + phdr.p_memsz, name,
		};
		/*
		 * low becomes the base of the direct map. Below, an area of 1 TiB from
		 * there is added, as kcore has no segments for holes of the direct map.
		 */
		if (*name == 'd' && phdr.p_vaddr - phdr.p_paddr < low)
			low = phdr.p_vaddr - phdr.p_paddr;
	}
	if (low != ~0ULL)
		moving[nr_moving++] = (struct area) { low, low + (1ULL << 40), "direct map" };
	close(fd);
}

static const struct area *pick(const struct area *areas, unsigned int nr, __u64 addr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (addr >= areas[i].start && (addr < areas[i].end || !areas[i].end))
			return &areas[i];
	return NULL;
}

static const char *area_name(__u64 addr)
{
	const struct area *area = pick(moving, nr_moving, addr);

	if (!area)
		area = pick(fixed, ARRAY_SIZE(fixed), addr);
	/* In no area: mostly vmemmap, after vmalloc space; kcore_name() does not name it. */
	return area ? area->name : "vmemmap (struct pages), or unknown";
}

/* The most runs that are shown of an area: espfix, for one, maps one page 65,536 times. */
#define MAX_RUNS	40

struct kernel {
	void (*tell)(struct kernel *kernel);
	struct json_list *list;
	const char *area;
	struct faultlab_walk_run run;	/* start == end: none */
	__u64 runs, area_runs;
	__u64 pages, area_pages;
	__u64 flags;	/* of all runs shown */
};

static void end_area(struct kernel *kernel)
{
	char size[FIGURE_MAX];

	if (kernel->area_runs > MAX_RUNS)
		printf("  ... and %s more runs: --entries shows all\n",
		       figure_grouped(size, kernel->area_runs - MAX_RUNS));
	if (kernel->area_pages)
		printf("  %s: %s mapped\n", kernel->area,
		       figure_size(size, kernel->area_pages * 4096));
	kernel->area_pages = 0;
	kernel->area_runs = 0;
}

/* The kernel half maps frame 0. In walks of processes PFN 0 stands for a hidden PFN. */
static char *frame(const struct faultlab_walk_run *run, char *text)
{
	if (!(run->flags & FAULTLAB_PTE_LEAF))
		return walk_pfn(run->flags, run->pfn, text);
	snprintf(text, FIGURE_MAX, "0x%llx", run->pfn);
	return text;
}

static void show_run(struct kernel *kernel)
{
	const struct faultlab_walk_run *run = &kernel->run;
	char flags[WALK_TEXT_MAX], size[FIGURE_MAX], pfn[FIGURE_MAX];
	const char *area = area_name(run->start);

	if (!kernel->runs)
		printf("%s%16s-%-16s %6s  %-10s  %-10s  %s%s\n", style(STYLE_DIM), "start", "end",
		       "size", "what", "pfn", "flags", style(STYLE_PLAIN));
	if (area != kernel->area) {
		end_area(kernel);
		kernel->area = area;
		printf("%s%s%s\n", style(STYLE_BOLD), area, style(STYLE_PLAIN));
	}
	if (kernel->area_runs++ < MAX_RUNS) {
		kernel->flags |= run->flags;
		printf("%16llx-%-16llx %6s  %-10s  %-10s  %s\n", run->start, run->end,
		       figure_size(size, run->end - run->start),
		       walk_what(run->flags, run->level), frame(run, pfn),
		       walk_flags(run->flags, 0, flags));
	}
	kernel->runs++;
	if (run->flags & FAULTLAB_PTE_LEAF) {
		kernel->pages += (run->end - run->start) / 4096;
		kernel->area_pages += (run->end - run->start) / 4096;
	}
}

static void add_run(struct kernel *kernel)
{
	struct json_object *object = walk_json_run(&kernel->run);

	if (kernel->run.flags & FAULTLAB_PTE_LEAF)
		json_object_object_add(object, "pfn", json_object_new_uint64(kernel->run.pfn));
	json_object_object_add(object, "region",
			       json_object_new_string(area_name(kernel->run.start)));
	json_list_add(kernel->list, object);
}

static void flush(struct kernel *kernel)
{
	if (kernel->run.end != kernel->run.start)
		kernel->tell(kernel);
	kernel->run.end = kernel->run.start;
}

/* Flags that do not end a run: in the kernel half they change often and mean little. */
#define IDLE	(FAULTLAB_PTE_ACCESSED | FAULTLAB_PTE_DIRTY)

static int on_entry(const struct faultlab_walk_entry *e, void *arg)
{
	struct kernel *kernel = arg;
	struct faultlab_walk_run *run = &kernel->run;
	const __u64 flags = e->flags & ~IDLE;

	if (run->end != run->start && run->end == e->addr && run->flags == flags &&
	    run->level == e->level &&
	    area_name(run->start) == area_name(e->addr)) {
		run->end += e->bytes;
		return 0;
	}
	flush(kernel);
	*run = (struct faultlab_walk_run) {
		.start = e->addr, .end = e->addr + e->bytes, .pfn = e->pfn, .flags = flags,
		.level = e->level,
	};
	return 0;
}

static int walk(const struct walk_query *q, struct kernel *kernel)
{
	int err;

	read_kcore();
	err = faultlab_walk_entries(q->fd, 0, q->start, q->end, q->flags, q->require,
				    q->exclude, on_entry, kernel);
	flush(kernel);
	return err;
}

int walk_json_kernel(const struct walk_query *q)
{
	struct json_list list = walk_json_begin(q, "runs");
	struct kernel kernel = { .tell = add_run, .list = &list };
	int err = walk(q, &kernel);

	return walk_json_end(q, &list, err);
}

int walk_show_kernel(const struct walk_query *q)
{
	char runs[WALK_TEXT_MAX], size[FIGURE_MAX];
	struct kernel kernel = { .tell = show_run };
	int err = walk(q, &kernel);

	end_area(&kernel);
	if (err)
		return walk_failed(err, q);
	walk_legend(WALK_IN_KERNEL, kernel.flags);
	printf("%s, %s mapped. Best effort: no lock keeps the tables from changing meanwhile.\n",
	       walk_number(kernel.runs, "run", runs), figure_size(size, kernel.pages * 4096));
	return 0;
}
