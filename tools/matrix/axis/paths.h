/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The access paths, in the order of the matrix: MATRIX_PATH(NAME, name, fields...), with
 * the fields of struct matrix_path up to .value, and then the matrix_answer_*() function
 * that describes the result. The file that includes this one defines MATRIX_PATH. Each
 * row becomes an enumerator PATH(NAME), the prototype of matrix_path_name(), and an
 * element of matrix_paths[].
 */
#define TWO_PAGES	"8192 bytes"
#define PAGE_AND_HALF	"6144 bytes"

MATRIX_PATH(MMAP, mmap, "mmap", "mapped", "mmap() alone",
	    FACT_MAPS, MATRIX_NO_SPAN, 0, call)
MATRIX_PATH(LOAD, load, "load", "1 byte", "the task reads a byte",
	    FACT_CPU, MATRIX_BYTE, 0, touch)
MATRIX_PATH(STORE, store, "store", "1 byte", "the task writes a byte",
	    FACT_CPU | FACT_WRITES, MATRIX_BYTE, 1, touch)
MATRIX_PATH(EXEC, exec, "exec", "returned", "the task calls a function that is there",
	    FACT_CPU | FACT_FETCH, MATRIX_NO_SPAN, 0, touch)
MATRIX_PATH(READ, read, "read", TWO_PAGES, "read() of a file into the mapping",
	    FACT_COPY | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN, bytes)
MATRIX_PATH(WRITE, write, "write", TWO_PAGES, "write() of the mapping into a file",
	    FACT_COPY | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(ZERO_READ, zero_read, "zero-read", TWO_PAGES,
	    "read() of /dev/zero, which clears the mapping",
	    FACT_COPY | FACT_WRITES | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(DIRECT_READ, direct_read, "direct-read", TWO_PAGES,
	    "read() with O_DIRECT of a block device into the mapping",
	    FACT_GUP | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN, bytes)
MATRIX_PATH(DIRECT_WRITE, direct_write, "direct-write", TWO_PAGES,
	    "write() with O_DIRECT of the mapping to a block device",
	    FACT_GUP | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(VM_READV, vm_readv, "vm-readv", TWO_PAGES,
	    "process_vm_readv() from another process's mapping",
	    FACT_GUP | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(VM_WRITEV, vm_writev, "vm-writev", PAGE_AND_HALF,
	    "process_vm_writev() into another process's mapping",
	    FACT_GUP | FACT_WRITES | FACT_TWO, MATRIX_PART, MATRIX_WRITTEN, bytes)
MATRIX_PATH(PEEK, peek, "peek", "8 bytes", "PTRACE_PEEKDATA",
	    FACT_GUP | FACT_FORCE, MATRIX_WORD, 0, call)
MATRIX_PATH(POKE, poke, "poke", "8 bytes", "PTRACE_POKEDATA",
	    FACT_GUP | FACT_FORCE | FACT_WRITES, MATRIX_WORD, MATRIX_WRITTEN, call)
MATRIX_PATH(MEM_READ, mem_read, "mem-read", TWO_PAGES, "read() of /proc/PID/mem",
	    FACT_GUP | FACT_FORCE | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(MEM_WRITE, mem_write, "mem-write", PAGE_AND_HALF, "write() to /proc/PID/mem",
	    FACT_GUP | FACT_FORCE | FACT_WRITES | FACT_TWO, MATRIX_PART, MATRIX_WRITTEN, bytes)
MATRIX_PATH(URING_READ, uring_read, "uring-read", TWO_PAGES,
	    "IORING_OP_READ of a pipe into the mapping",
	    FACT_COPY | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN, bytes)
MATRIX_PATH(URING_WRITE, uring_write, "uring-write", TWO_PAGES,
	    "IORING_OP_WRITE of the mapping into a pipe",
	    FACT_COPY | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(URING_DIRECT_READ, uring_direct_read, "uring-direct-read", TWO_PAGES,
	    "IORING_OP_READ, by a worker, of a block device with O_DIRECT into the mapping",
	    FACT_GUP | FACT_WRITES | FACT_TWO, MATRIX_PAGES, MATRIX_WRITTEN, bytes)
MATRIX_PATH(URING_DIRECT_WRITE, uring_direct_write, "uring-direct-write", TWO_PAGES,
	    "IORING_OP_WRITE, by a worker, of the mapping to a block device with O_DIRECT",
	    FACT_GUP | FACT_TWO, MATRIX_PAGES, 0, bytes)
MATRIX_PATH(URING_REGISTER, uring_register, "uring-register", "registered",
	    "IORING_REGISTER_BUFFERS: pins for long, for writing",
	    FACT_GUP | FACT_PREFAULT | FACT_WRITES | FACT_TWO, MATRIX_NO_SPAN, 0, call)
MATRIX_PATH(POPULATE, populate, "populate", "mapped, present", "mmap() with MAP_POPULATE",
	    FACT_GUP | FACT_PREFAULT | FACT_MAPS, MATRIX_NO_SPAN, 0, present)
MATRIX_PATH(MADV_READ, madv_read, "madv-read", "populated", "MADV_POPULATE_READ",
	    FACT_GUP | FACT_PREFAULT | FACT_TWO, MATRIX_NO_SPAN, 0, call)
MATRIX_PATH(MADV_WRITE, madv_write, "madv-write", "populated", "MADV_POPULATE_WRITE",
	    FACT_GUP | FACT_PREFAULT | FACT_WRITES | FACT_TWO, MATRIX_NO_SPAN, 0, call)
MATRIX_PATH(MLOCK, mlock, "mlock", "locked, present", "mlock()",
	    FACT_GUP | FACT_PREFAULT | FACT_TWO, MATRIX_NO_SPAN, 0, present)
MATRIX_PATH(FUTEX, futex, "futex", "EAGAIN", "FUTEX_WAIT_PRIVATE, on a word that differs",
	    FACT_COPY, MATRIX_NO_SPAN, 0, call)
MATRIX_PATH(FUTEX_SHARED, futex_shared, "futex-shared", "EAGAIN",
	    "FUTEX_WAIT, on a word that differs",
	    FACT_GUP, MATRIX_NO_SPAN, 0, call)
MATRIX_PATH(VMSPLICE, vmsplice, "vmsplice", TWO_PAGES, "vmsplice() of the mapping into a pipe",
	    FACT_GUP | FACT_TWO, MATRIX_PAGES, 0, bytes)

#undef MATRIX_PATH
#undef TWO_PAGES
#undef PAGE_AND_HALF
