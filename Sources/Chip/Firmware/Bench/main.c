/*
 * The bench: takes jobs out of a file of the host's, runs the device program on each behind its
 * wall, and writes what came of it to another. docs/firmware.md gives both files word by word.
 */
#include "bench_support.h"

enum {
  JOB_MAGIC = 0x4A4E4741,       /* AGNJ */
  RESULT_MAGIC = 0x524E4741,    /* AGNR */
  INFERENCE_MAGIC = 0x494E4741, /* AGNI */
};

extern uint32_t __ram_start[], __ram_end[], __stack_bottom[], __stack_top[], __pool_start[];
extern uint8_t __plan_start[], __flash_end[];

uint32_t device_poke(uint32_t address);
uint32_t device_recurse(uint32_t depth);

volatile uint32_t bench_marks[4096];

__attribute__((noinline)) void bench_mark(uint32_t phase) { bench_marks[phase] = phase; }

uint32_t jobs, results;
static uint32_t inputs_read, events_read;

static void paint(uint32_t *from, const void *to) {
  while ((const void *)from < to) *from++ = PAINT;
}

/* Words between two addresses that are no longer as they were painted. */
static uint32_t stray(const uint32_t *from, const void *to) {
  uint32_t count = 0;
  for (; (const void *)(from + 1) <= to; from++) count += *from != PAINT;
  return count;
}

static uint32_t offset(firmware_buffer buffer) {
  return buffer.start ? (uint32_t)(buffer.start - (uint8_t *)__ram_start) : 0;
}

/* Everything after a buffer, from the next word on. */
static uint32_t *after(firmware_buffer buffer) {
  return (uint32_t *)(((uint32_t)buffer.start + buffer.bytes + 3) & ~3u);
}

void bench_skip(uint32_t count) {
  uint32_t words[64];
  while (count) {
    uint32_t part = count < sizeof words ? count : sizeof words;
    host_read(jobs, words, part);
    count -= part;
  }
}

static uint32_t run_operators(uint32_t count) {
  uint32_t status = FIRMWARE_OK;
  for (uint32_t index = 0; index < count && status == FIRMWARE_OK; index++) {
    bench_mark(PHASE_OPERATORS + index);
    status = bench_call(firmware_infer_operator, index, 0, 0, 0, 0);
  }
  bench_mark(PHASE_NONE);
  return status;
}

void bench_paint_arena(const firmware_layout *layout) {
  paint((uint32_t *)layout->arena.start, after(layout->arena));
}

void bench_measure_arena(const firmware_layout *layout, bench_result *result) {
  uint32_t *last = after(layout->arena);
  while (last > (uint32_t *)layout->arena.start && last[-1] == PAINT) last--;
  uint32_t used = (uint32_t)((uint8_t *)last - layout->arena.start);
  if (used > result->arena_used) result->arena_used = used;
}

/*
 * One run of the whole plan, its outputs written out as one record. Every word of the pool outside
 * the arena must survive it.
 */
static uint32_t infer(
    const bench_job *job, bench_result *result, const firmware_layout *layout) {
  static const uint32_t magic = INFERENCE_MAGIC;
  bench_paint_arena(layout);
  for (uint32_t index = 0; index < layout->inputs; index++) {
    firmware_buffer input = firmware_input(index);
    host_read(jobs, input.start, input.bytes);
  }
  uint32_t status = job->flags & STEPWISE ? run_operators(layout->operators)
                                          : bench_call(firmware_infer, 0, 0, 0, 0, 0);
  bench_measure_arena(layout, result);
  result->stray_words += stray(after(layout->arena), __ram_end);
  if (status != FIRMWARE_OK) return status;
  host_write(results, &magic, sizeof magic);
  for (uint32_t index = 0; index < layout->outputs; index++) {
    firmware_buffer output = firmware_output(index);
    host_write(results, output.start, output.bytes);
  }
  return FIRMWARE_OK;
}

/* Starts the plan that lies in flash. */
static uint32_t start(const bench_job *job, bench_result *result, firmware_layout *layout) {
  uint32_t pool = (uint32_t)__pool_start + job->pool_shift;
  uint32_t bytes = job->pool_bytes ? job->pool_bytes : (uint32_t)__ram_end - pool;
  /* The program may read its stack, so that is where the settings lie. */
  firmware_settings *settings = (firmware_settings *)__stack_bottom;
  *settings = job->settings;
  bench_mark(PHASE_START);
  uint32_t status = bench_call(
      firmware_start, (uint32_t)__plan_start, job->plan_bytes, pool, bytes, (uint32_t)settings);
  bench_mark(PHASE_NONE);
  paint((uint32_t *)settings, settings + 1);
  /* A plan that is refused leaves the pool as it was, and nothing behind the pool is ever touched. */
  result->stray_words += stray((uint32_t *)((pool + bytes + 3) & ~3u), __ram_end);
  if (status != FIRMWARE_OK) {
    if (status < FIRMWARE_POOL_TOO_SMALL) result->stray_words += stray(__pool_start, __ram_end);
    return status;
  }
  *layout = firmware_memory();
  for (uint32_t index = 0; index < layout->outputs; index++) {
    result->output_bytes += firmware_output(index).bytes;
  }
  uint32_t input_bytes = 0;
  for (uint32_t index = 0; index < layout->inputs; index++) {
    input_bytes += firmware_input(index).bytes;
  }
  /* An input of another size would put all that follow out of step. */
  if (input_bytes != job->input_bytes && job->inferences) host_exit(BENCH_JOBS);
  paint((uint32_t *)layout->workspace.start, after(layout->workspace));
  paint((uint32_t *)layout->transmit.start, after(layout->transmit));
  paint((uint32_t *)layout->receive.start, after(layout->receive));
  return FIRMWARE_OK;
}

/* Puts the plan into flash and starts it, or does what the job wants instead. */
static uint32_t prepare(const bench_job *job, bench_result *result, firmware_layout *layout) {
  uint32_t padded = (job->plan_bytes + 3) & ~3u;
  if (job->plan_bytes > (uint32_t)(__flash_end - __plan_start)) {
    bench_skip(padded);
    return FIRMWARE_PLAN_LARGER_THAN_FLASH;
  }
  host_read(jobs, __plan_start, padded);
  if (job->poke) {
    uint32_t status = bench_call(device_poke, job->poke, 0, 0, 0, 0);
    result->stray_words = stray(__pool_start, __ram_end);
    return status;
  }
  if (job->recursion) return bench_call(device_recurse, job->recursion, 0, 0, 0, 0);
  return start(job, result, layout);
}

/* Skips the events that are left. */
static void skip_events(const bench_job *job) {
  uint32_t head[4];
  for (; events_read < job->events; events_read++) {
    host_read(jobs, head, sizeof head);
    bench_skip((head[3] + 3) & ~3u);
  }
}

static void run_job(const bench_job *job, bench_result *result) {
  firmware_layout layout = {0};
  paint(__stack_bottom, __stack_top);
  paint(__pool_start, __ram_end);
  result->magic = RESULT_MAGIC;
  result->pool_offset = (uint32_t)((uint8_t *)__pool_start - (uint8_t *)__ram_start);
  result->status = prepare(job, result, &layout);
  host_write(results, result, sizeof *result);
  for (inputs_read = 0; result->status == FIRMWARE_OK && inputs_read < job->inferences;) {
    inputs_read++;
    result->status = infer(job, result, &layout);
    if (result->status == FIRMWARE_OK) result->inferences++;
  }
  bench_skip((job->inferences - inputs_read) * job->input_bytes);
  bench_begin_events();
  /* After a code the next events show that the program still knows itself; after a fault it may not. */
  uint32_t last = result->status;
  for (events_read = 0; last != FIRMWARE_FAULT && events_read < job->events;) {
    if (!layout.paths) break;
    events_read++;
    last = bench_event(result, &layout);
    result->events++;
    if (result->status == FIRMWARE_OK) result->status = last;
  }
  skip_events(job);
  uint32_t *lowest = __stack_bottom;
  while (lowest < __stack_top && *lowest == PAINT) lowest++;
  result->stack_used = (uint32_t)((uint8_t *)__stack_top - (uint8_t *)lowest);
  result->fault_cause = last_fault.cause;
  result->fault_address = last_fault.address;
  result->fault_counter = last_fault.counter;
  last_fault = (bench_fault){0};
  result->arena_offset = offset(layout.arena);
  result->arena_bytes = layout.arena.bytes;
  result->workspace_offset = offset(layout.workspace);
  result->workspace_bytes = layout.workspace.bytes;
  result->transmit_offset = offset(layout.transmit);
  result->transmit_bytes = layout.transmit.bytes;
  result->receive_offset = offset(layout.receive);
  result->receive_bytes = layout.receive.bytes;
  result->operators = layout.operators;
  result->paths = layout.paths;
  host_write(results, result, sizeof *result);
  bench_mark(PHASE_JOB);
}

/* The command line is two files' names, jobs and results. */
__attribute__((used, noreturn)) void bench_main(void) {
  static char line[1024];
  bench_close_in();
  host_command_line(line, sizeof line);
  char *second = line;
  while (*second && *second != ' ') second++;
  if (!*second) host_exit(BENCH_JOBS);
  *second++ = 0;
  jobs = host_open(line, 0);
  results = host_open(second, 1);
  uint32_t first_failure = FIRMWARE_OK;
  bench_job job;
  uint32_t got;
  while ((got = host_read_some(jobs, &job, sizeof job)) == sizeof job) {
    if (job.magic != JOB_MAGIC) host_exit(BENCH_JOBS);
    bench_result result = {0};
    run_job(&job, &result);
    if (first_failure == FIRMWARE_OK) first_failure = result.status;
  }
  host_exit(got ? BENCH_JOBS : first_failure);
}

/* The bench has a stack of its own, so that the device's shows what the device program uses. */
__attribute__((used, aligned(16))) uint8_t bench_stack[1 << 16];

__attribute__((naked, used)) int main(void) {
  __asm volatile(
      "ldr r0, =bench_stack + 65536\n"
      "msr msp, r0\n"
      "isb\n"
      "b bench_main\n");
}
