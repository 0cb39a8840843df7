// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk as JSON: addresses and raw words in hexadecimal, flags as arrays of names.
 * What the module hid from the caller (secrets) is null.
 */
#include <stdio.h>

#include "walk/walk.h"

struct json_object *walk_json_hex(__u64 number)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%llx", number);
	return json_object_new_string(text);
}

struct json_object *walk_json_flags(__u64 flags)
{
	struct json_object *array = json_object_new_array();
	const char *name;

	for (; flags; flags &= flags - 1) {
		name = faultlab_pte_flag_name(flags & -flags);
		json_object_array_add(array, json_object_new_string(name));
	}
	return array;
}

static struct json_object *kpf_flags(__u64 flags)
{
	struct json_object *array = json_object_new_array();
	const char *name;

	for (; flags; flags &= flags - 1) {
		name = faultlab_kpf_name(__builtin_ctzll(flags));
		if (name)
			json_object_array_add(array, json_object_new_string(name));
	}
	return array;
}

#define HAS_PFN	(FAULTLAB_PTE_LEAF | FAULTLAB_PTE_TABLE | FAULTLAB_PTE_SWAP)

struct json_object *walk_json_pfn(__u64 flags, __u64 pfn)
{
	return (flags & HAS_PFN) && pfn ? json_object_new_uint64(pfn) : NULL;
}

struct json_list walk_json_begin(const struct walk_query *q, const char *name)
{
	struct json_list list = { .name = name, .head = json_object_new_object() };

	json_object_object_add(list.head, "pid", json_object_new_int(q->pid));
	json_object_object_add(list.head, "start", walk_json_hex(q->start));
	json_object_object_add(list.head, "end", walk_json_hex(q->end));
	return list;
}

int walk_json_end(const struct walk_query *q, struct json_list *list, int err)
{
	if (!err) {
		json_list_end(list);
		return 0;
	}
	json_list_drop(list);
	return walk_failed(err, q);
}

struct json_object *walk_json_run(const struct faultlab_walk_run *run)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "start", walk_json_hex(run->start));
	json_object_object_add(object, "end", walk_json_hex(run->end));
	json_object_object_add(object, "level",
			       json_object_new_string(faultlab_level_name(run->level)));
	json_object_object_add(object, "pfn", walk_json_pfn(run->flags, run->pfn));
	json_object_object_add(object, "pkey", json_object_new_int(run->pkey));
	json_object_object_add(object, "flags", walk_json_flags(run->flags));
	return object;
}

static int add_run(const struct faultlab_walk_run *run, void *list)
{
	return json_list_add(list, walk_json_run(run));
}

int walk_json_runs(const struct walk_query *q)
{
	struct json_list list;

	if (q->flags & FAULTLAB_WALK_KERNEL)
		return walk_json_kernel(q);
	list = walk_json_begin(q, "runs");
	return walk_json_end(q, &list, walk_runs(q, add_run, &list));
}

static struct json_object *entry_object(const struct faultlab_walk_entry *e,
					const struct faultlab_walk_page *page)
{
	struct json_object *object = json_object_new_object(), *behind;
	bool gap = e->flags & FAULTLAB_PTE_NO_VMA;
	bool hidden = (e->flags & HAS_PFN) && !e->raw && !(e->flags & FAULTLAB_PTE_FOLDED);

	json_object_object_add(object, "address", walk_json_hex(e->addr));
	json_object_object_add(object, "bytes", json_object_new_uint64(e->bytes));
	json_object_object_add(object, "level", gap ? NULL :
			       json_object_new_string(faultlab_level_name(e->level)));
	json_object_object_add(object, "index", gap ? NULL : json_object_new_int(e->index));
	/* PFN 0 means a hidden PFN, unless a raw word is there: then it really is frame 0. */
	json_object_object_add(object, "pfn", e->raw && (e->flags & FAULTLAB_PTE_LEAF) ?
			       json_object_new_uint64(e->pfn) : walk_json_pfn(e->flags, e->pfn));
	json_object_object_add(object, "raw", hidden ? NULL : walk_json_hex(e->raw));
	json_object_object_add(object, "pkey", json_object_new_int(e->pkey));
	json_object_object_add(object, "flags", walk_json_flags(e->flags));
	if (page && (e->flags & FAULTLAB_PTE_LEAF)) {
		behind = json_object_new_object();
		json_object_object_add(behind, "refcount", json_object_new_int(page->refcount));
		json_object_object_add(behind, "mapcount", json_object_new_int(page->mapcount));
		json_object_object_add(behind, "order", json_object_new_int(page->order));
		json_object_object_add(behind, "flags", kpf_flags(page->flags));
		json_object_object_add(object, "page", behind);
	}
	return object;
}

static int add_entry(const struct faultlab_walk_entry *entry,
		     const struct faultlab_walk_page *page, void *list)
{
	return json_list_add(list, entry_object(entry, page));
}

int walk_json_entries(const struct walk_query *q)
{
	struct json_list list = walk_json_begin(q, "entries");

	return walk_json_end(q, &list, walk_entries(q, add_entry, &list));
}

static int add_raw(const struct faultlab_walk_raw *table, const __u64 *words, void *list)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < table->nr; i++)
		json_object_array_add(array, walk_json_hex(words[i]));
	json_object_object_add(object, "address", walk_json_hex(table->addr));
	json_object_object_add(object, "level",
			       json_object_new_string(faultlab_level_name(table->level)));
	json_object_object_add(object, "index", json_object_new_int(table->index));
	json_object_object_add(object, "words", array);
	return json_list_add(list, object);
}

int walk_json_raw(const struct walk_query *q)
{
	struct json_list list = walk_json_begin(q, "tables");

	return walk_json_end(q, &list,
			     faultlab_walk_raw(q->fd, q->pid, q->start, q->end, q->flags, add_raw,
					       &list));
}

static struct json_object *by_level(const __u64 *nr)
{
	struct json_object *object = json_object_new_object();
	unsigned int i;

	for (i = 0; i <= FAULTLAB_LEVEL_PGD; i++)
		json_object_object_add(object, faultlab_level_name(i),
				       json_object_new_uint64(nr[i]));
	return object;
}

static int add_counts(const struct faultlab_walk_counts *c, void *list)
{
	struct json_object *object = json_object_new_object();
	struct json_object *flags = json_object_new_object();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->flag); i++)
		if (c->flag[i])
			json_object_object_add(flags, faultlab_pte_flag_name(1ULL << i),
					       json_object_new_uint64(c->flag[i]));
	json_object_object_add(object, "start", walk_json_hex(c->start));
	json_object_object_add(object, "end", walk_json_hex(c->end));
	json_object_object_add(object, "vm_flags", walk_json_hex(c->vm_flags));
	json_object_object_add(object, "leaves", by_level(c->leaf));
	json_object_object_add(object, "none", by_level(c->none));
	json_object_object_add(object, "tables", by_level(c->table));
	json_object_object_add(object, "bytes_by_flag", flags);
	return json_list_add(list, object);
}

int walk_json_counts(const struct walk_query *q)
{
	struct json_list list = walk_json_begin(q, "mappings");

	return walk_json_end(q, &list,
			     faultlab_walk_counts(q->fd, q->pid, q->start, q->end, add_counts,
						  &list));
}

int walk_json_chain(const struct walk_query *q)
{
	struct json_object *levels = json_object_new_array(), *object;
	struct faultlab_chain chain;
	int level;
	int err;

	err = faultlab_walk_chain(q->fd, q->pid, (const void *)(uintptr_t)q->start, &chain);
	if (err) {
		json_object_put(levels);
		return walk_failed(err, q);
	}
	for (level = FAULTLAB_LEVEL_PGD; level >= (int)chain.last; level--)
		json_object_array_add(levels,
				      entry_object(&chain.entry[level],
						   chain.has_page && level == (int)chain.last ?
						   &chain.page : NULL));
	object = json_object_new_object();
	json_object_object_add(object, "pid", json_object_new_int(q->pid));
	json_object_object_add(object, "address", walk_json_hex(q->start));
	json_object_object_add(object, "levels", levels);
	json_object_object_add(object, "allows", walk_json_flags(chain.allows));
	print_json(object);
	return 0;
}
