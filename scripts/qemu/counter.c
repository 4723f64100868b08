/*
 * A QEMU plugin that counts executed instructions: for each phase that the bench marks and each
 * instruction, how often it was executed, and how often control did not go on behind it.
 *
 *   -plugin libcounter.so,out=FILE,mark=ADDRESS,marks=ADDRESS
 *
 * mark is the function that marks phases, marks the table that it stores to: a store to word n
 * begins phase n. Phase 0 is not counted; phase 4095 ends a job: its counts are written and cleared.
 * The output is text: a line "job N", then for each phase and instruction that was executed
 *
 *   phase address count leaves
 *
 * in decimal, hexadecimal, decimal, decimal, by phase and address. An instruction that an IT block
 * leaves out counts as executed, for it takes its slot.
 *
 * Debian ships no qemu-plugin.h: what is used of interface version 1, which QEMU 4.2 to 8.1 have, is
 * declared here, as QEMU's documentation and its exported symbols have it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
typedef void (*tb_translated)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*executed)(unsigned int, void *);
typedef void (*accessed)(unsigned int, qemu_plugin_meminfo_t, uint64_t, void *);
typedef void (*finished)(qemu_plugin_id_t, void *);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, tb_translated);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, executed, int, void *);
void qemu_plugin_register_vcpu_mem_cb(
    struct qemu_plugin_insn *, accessed, int flags, int reads_or_writes, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, finished, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { NO_REGISTERS = 0, WRITES = 2, PHASES = 4096, END_OF_JOB = PHASES - 1, MARK_BYTES = 64 };

/* A straight run of instructions, as QEMU translated it. */
typedef struct block {
  struct block *next;
  uint32_t start, end; /* end: behind the last instruction */
  uint32_t count;
  uint64_t runs, leaves;
  uint32_t addresses[];
} block;

typedef struct {
  uint32_t address;
  uint64_t runs, leaves;
} tally;

static FILE *out;
static uint32_t mark, marks, phase, job;
static block *blocks, *last;

/* The counts of finished phases of this job, by phase. */
static struct {
  tally *tallies;
  size_t count, room;
} phases[PHASES];

static void add(uint32_t to, uint32_t address, uint64_t runs, uint64_t leaves) {
  if (phases[to].count == phases[to].room) {
    phases[to].room = phases[to].room ? 2 * phases[to].room : 256;
    phases[to].tallies = realloc(phases[to].tallies, phases[to].room * sizeof(tally));
    if (!phases[to].tallies) abort();
  }
  phases[to].tallies[phases[to].count++] = (tally){address, runs, leaves};
}

static void close_phase(void) {
  for (block *b = blocks; b; b = b->next) {
    if (phase && b->runs) {
      for (uint32_t i = 0; i < b->count; i++) {
        add(phase, b->addresses[i], b->runs, i + 1 == b->count ? b->leaves : 0);
      }
    }
    b->runs = b->leaves = 0;
  }
}

static int by_address(const void *left, const void *right) {
  uint32_t a = ((const tally *)left)->address, b = ((const tally *)right)->address;
  return a < b ? -1 : a > b;
}

static void write_job(void) {
  fprintf(out, "job %" PRIu32 "\n", job++);
  for (uint32_t p = 1; p < END_OF_JOB; p++) {
    tally *t = phases[p].tallies;
    size_t count = phases[p].count;
    if (!count) continue;
    qsort(t, count, sizeof *t, by_address);
    for (size_t i = 0; i < count;) {
      tally sum = t[i++];
      for (; i < count && t[i].address == sum.address; i++) {
        sum.runs += t[i].runs;
        sum.leaves += t[i].leaves;
      }
      fprintf(out, "%" PRIu32 " %08" PRIx32 " %" PRIu64 " %" PRIu64 "\n", p, sum.address, sum.runs,
              sum.leaves);
    }
    phases[p].count = 0;
  }
}

static void on_mark(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data) {
  (void)cpu, (void)info, (void)data;
  uint32_t next = ((uint32_t)address - marks) / 4;
  if ((uint32_t)address < marks || next >= PHASES) return;
  close_phase();
  phase = next;
  if (next == END_OF_JOB) {
    write_job();
    phase = 0;
  }
}

static void on_run(unsigned int cpu, void *data) {
  (void)cpu;
  block *b = data;
  b->runs++;
  if (last && last->end != b->start) last->leaves++;
  last = b;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  size_t count = qemu_plugin_tb_n_insns(tb);
  block *b = calloc(1, sizeof *b + count * sizeof b->addresses[0]);
  if (!b) abort();
  b->next = blocks;
  blocks = b;
  b->start = (uint32_t)qemu_plugin_tb_vaddr(tb);
  b->count = (uint32_t)count;
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    b->addresses[i] = (uint32_t)qemu_plugin_insn_vaddr(insn);
    b->end = b->addresses[i] + (uint32_t)qemu_plugin_insn_size(insn);
    if (b->addresses[i] >= mark && b->addresses[i] < mark + MARK_BYTES) {
      qemu_plugin_register_vcpu_mem_cb(insn, on_mark, NO_REGISTERS, WRITES, NULL);
    }
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_run, NO_REGISTERS, b);
}

static void on_end(qemu_plugin_id_t id, void *data) {
  (void)id, (void)data;
  if (fclose(out) != 0) abort();
}

__attribute__((visibility("default"))) int qemu_plugin_install(
    qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv) {
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (!strncmp(argv[i], "out=", 4)) out = fopen(argv[i] + 4, "w");
    if (!strncmp(argv[i], "mark=", 5)) mark = (uint32_t)strtoul(argv[i] + 5, NULL, 0);
    if (!strncmp(argv[i], "marks=", 6)) marks = (uint32_t)strtoul(argv[i] + 6, NULL, 0);
  }
  if (!out || !mark || !marks) {
    fprintf(stderr, "counter: out=FILE,mark=ADDRESS,marks=ADDRESS are needed\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, on_end, NULL);
  return 0;
}
