/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory without struct page: the range of the module parameter phys=. */
#ifndef FLAB_PHYS_H
#define FLAB_PHYS_H

#include <linux/pgtable.h>
#include <linux/types.h>

struct flab_memory;

int flab_phys_claim(struct flab_memory *memory, u32 cache, u64 max_pages,
		    u64 *nr_pages);
void flab_phys_unclaim(struct flab_memory *memory);
u64 flab_phys_bytes(void);
bool flab_phys_is_claimed(const struct flab_memory *memory);
unsigned long flab_phys_pfn(pgoff_t index);
int flab_phys_copy(loff_t offset, void *buf, size_t len, bool write);
pgprot_t flab_phys_pgprot(const struct flab_memory *memory, pgprot_t prot);

int flab_phys_init(void);
void flab_phys_exit(void);

#endif /* FLAB_PHYS_H */
