// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultlab walk --diff: the differences between two walks, as text or JSON.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "walk/walk.h"

struct snapshot {
	struct faultlab_walk_entry *at;
	size_t nr;
	size_t room;
};

static int keep(const struct faultlab_walk_entry *entry, const struct faultlab_walk_page *page,
		void *arg)
{
	struct snapshot *snapshot = arg;
	struct faultlab_walk_entry *at = snapshot->at;

	(void)page;
	if (snapshot->nr == snapshot->room) {
		snapshot->room = snapshot->room ? 2 * snapshot->room : 1024;
		at = realloc(at, snapshot->room * sizeof(*at));
		if (!at)
			return -ENOMEM;
		snapshot->at = at;
	}
	at[snapshot->nr++] = *entry;
	return 0;
}

/* How an entry changed. Neighbours that changed in the same way are joined to one change. */
struct change {
	__u64 start;
	__u64 end;	/* 0: this struct holds no change */
	__u64 was;	/* flags before; 0: it was not there */
	__u64 is;	/* flags after; 0: it is not there any more */
	__u64 was_pfn;	/* of the first entry */
	__u64 is_pfn;
	unsigned int level;
};

struct changes {
	struct walk_vmas vmas;
	void (*tell)(struct changes *to, const struct change *c);
	struct json_list *list;
	struct change last;
	__u64 came, went, moved, altered;	/* pages: new, gone, other PFN, other flags */
	__u64 words;				/* flags and words for the legend */
};

static bool moved(const struct change *c)
{
	return c->was && c->is && c->was_pfn != c->is_pfn;
}

static void show_bits(const char *sign, __u64 flags, enum style colour)
{
	for (; flags; flags &= flags - 1)
		printf(" %s%s%s%s", style(colour), sign, faultlab_pte_flag_name(flags & -flags),
		       style(STYLE_PLAIN));
}

static void show_present(const char *sign, const char *word, __u64 flags, unsigned int level,
			 __u64 pfn, enum style colour)
{
	char text[WALK_TEXT_MAX], number[FIGURE_MAX];

	printf("  %s%s %s%s, %s, pfn %s: %s", style(colour), sign, word, style(STYLE_PLAIN),
	       walk_what(flags, level), walk_pfn(flags, pfn, number),
	       walk_flags(flags, 0, text));
}

/*
 * The flags and words of a change that the legend has to explain. Of an entry that appeared
 * or went, WRITE and EXEC are shown as letters, which need no legend, and VMA_SOFT_DIRTY
 * is a flag of the VMA, not of the entry.
 */
static __u64 words_of(const struct change *c)
{
	const __u64 letters = FAULTLAB_PTE_WRITE | FAULTLAB_PTE_EXEC | FAULTLAB_PTE_VMA_SOFT_DIRTY;

	if (!c->was || !c->is)
		return (c->was | c->is) & ~letters;
	return (c->was ^ c->is) | (c->was != c->is ? WALK_ALTERED : 0) |
	       (moved(c) ? WALK_MOVED : 0);
}

static void show(struct changes *to, const struct change *c)
{
	char size[FIGURE_MAX];

	to->words |= words_of(c);
	walk_vmas_heading(&to->vmas, c->start, 0);
	printf("%16llx-%-16llx %6s", c->start, c->end, figure_size(size, c->end - c->start));
	if (!c->was) {
		show_present("+", "appeared", c->is, c->level, c->is_pfn, STYLE_GOOD);
	} else if (!c->is) {
		show_present("-", "disappeared", c->was, c->level, c->was_pfn, STYLE_BAD);
	} else {
		printf("  ~");
		show_bits("+", c->is & ~c->was, STYLE_GOOD);
		show_bits("-", c->was & ~c->is, STYLE_BAD);
		if (moved(c))
			printf(" pfn 0x%llx -> 0x%llx", c->was_pfn, c->is_pfn);
	}
	putchar('\n');
}

static struct json_object *state_of(__u64 flags, __u64 pfn)
{
	struct json_object *object;

	if (!flags)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "pfn", walk_json_pfn(flags, pfn));
	json_object_object_add(object, "flags", walk_json_flags(flags));
	return object;
}

static void add_to_list(struct changes *to, const struct change *c)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "start", walk_json_hex(c->start));
	json_object_object_add(object, "end", walk_json_hex(c->end));
	json_object_object_add(object, "level",
			       json_object_new_string(faultlab_level_name(c->level)));
	json_object_object_add(object, "before", state_of(c->was, c->was_pfn));
	json_object_object_add(object, "after", state_of(c->is, c->is_pfn));
	json_list_add(to->list, object);
}

static void flush(struct changes *to)
{
	if (to->last.end)
		to->tell(to, &to->last);
	to->last.end = 0;
}

static void put(struct changes *to, const struct change *now)
{
	struct change *last = &to->last;
	__u64 pages = (now->end - now->start) / 4096;

	to->came += now->was ? 0 : pages;
	to->went += now->is ? 0 : pages;
	to->moved += moved(now) ? pages : 0;
	to->altered += now->was && now->is && now->was != now->is ? pages : 0;
	/* Moved entries do not share a line: each has its own PFNs to show. */
	if (last->end == now->start && last->was == now->was && last->is == now->is &&
	    last->level == now->level && !moved(last) && !moved(now) &&
	    walk_vmas_find(&to->vmas, last->start) == walk_vmas_find(&to->vmas, now->start)) {
		last->end = now->end;
		return;
	}
	flush(to);
	*last = *now;
}

static void compare(struct changes *to, const struct faultlab_walk_entry *was,
		    const struct faultlab_walk_entry *is)
{
	const struct faultlab_walk_entry *e = was ? was : is;
	const struct change now = {
		.start = e->addr, .end = e->addr + e->bytes, .level = e->level,
		.was = was ? was->flags : 0, .was_pfn = was ? was->pfn : 0,
		.is = is ? is->flags : 0, .is_pfn = is ? is->pfn : 0,
	};

	if (now.was != now.is || now.was_pfn != now.is_pfn)
		put(to, &now);
}

/*
 * Entries match by address and level. If a large page replaces small ones, the small ones
 * count as gone and the large one as new.
 */
static void compare_all(struct changes *to, const struct snapshot *was,
			const struct snapshot *is)
{
	size_t i = 0, j = 0;

	while (i < was->nr || j < is->nr) {
		const struct faultlab_walk_entry *a = i < was->nr ? &was->at[i] : NULL;
		const struct faultlab_walk_entry *b = j < is->nr ? &is->at[j] : NULL;

		if (a && b && a->addr == b->addr && a->level == b->level) {
			compare(to, a, b);
			i++;
			j++;
		} else if (!b || (a && a->addr <= b->addr)) {
			compare(to, a, NULL);
			i++;
		} else {
			compare(to, NULL, b);
			j++;
		}
	}
	flush(to);
}

static void count_alone(struct changes *to, const struct change *c)
{
	(void)to;
	(void)c;
}

/*
 * In JSON the sums come before the changes. So compare everything twice, first for the
 * sums only, rather than store the changes.
 */
static void tell_sums(const struct walk_query *q, struct changes *changes,
		      const struct snapshot *was, const struct snapshot *is)
{
	struct changes c = { .tell = count_alone, .vmas = changes->vmas };
	struct json_object *head = json_object_new_object();

	compare_all(&c, was, is);
	json_object_object_add(head, "pid", json_object_new_int(q->pid));
	json_object_object_add(head, "pages_appeared", json_object_new_uint64(c.came));
	json_object_object_add(head, "pages_went", json_object_new_uint64(c.went));
	json_object_object_add(head, "pages_moved", json_object_new_uint64(c.moved));
	json_object_object_add(head, "pages_changed_flags", json_object_new_uint64(c.altered));
	changes->list->head = head;
}

/* Between the two walks: runs the command, or waits q->seconds. */
static int between(const struct walk_query *q, bool json)
{
	pid_t pid;
	int status;

	if (!q->command) {
		sleep(q->seconds);
		return 0;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* The command's output must not get into the JSON. */
		if (json)
			dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(q->command[0], q->command);
		failed("cannot run %s: %s.", q->command[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return failed("cannot run %s: %s.", q->command[0], strerror(errno));
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? EXIT_FAILED : 0;
}

static int run(const struct walk_query *q, struct changes *changes)
{
	struct snapshot was = { 0 }, is = { 0 };
	int status = 0;
	int err;

	err = walk_entries(q, keep, &was);
	if (!err)
		status = between(q, changes->list);
	if (!err && !status)
		err = walk_entries(q, keep, &is);
	if (!err && !status) {
		walk_vmas_read(&changes->vmas, q->pid);
		if (changes->list)
			tell_sums(q, changes, &was, &is);
		compare_all(changes, &was, &is);
		walk_vmas_free(&changes->vmas);
	}
	free(was.at);
	free(is.at);
	return err ? walk_failed(err, q) : status;
}

int walk_diff(const struct walk_query *q)
{
	struct changes c = { .tell = show };
	int status = run(q, &c);
	char text[4][FIGURE_MAX];

	if (status)
		return status;
	walk_legend(WALK_IN_DIFF, c.words);
	printf("pages: %s appeared, %s disappeared, %s moved, %s changed flags\n",
	       figure_grouped(text[0], c.came), figure_grouped(text[1], c.went),
	       figure_grouped(text[2], c.moved), figure_grouped(text[3], c.altered));
	return 0;
}

int walk_json_diff(const struct walk_query *q)
{
	struct json_list list = { .name = "changes" };
	struct changes c = { .tell = add_to_list, .list = &list };
	int status = run(q, &c);

	if (!status)
		json_list_end(&list);
	return status;
}
