/*
 * The bench: takes jobs out of a file of the host's, runs the device program on each behind its
 * wall, and writes what came of it to another. docs/firmware.md gives both files word by word.
 */
#include "bench_support.h"

enum {
  JOB_MAGIC = 0x4A4E4741,    /* AGNJ */
  RESULT_MAGIC = 0x524E4741, /* AGNR */
  INFERENCE_MAGIC = 0x494E4741, /* AGNI */
  STEPWISE = 1,
  PHASE_NONE = 0, PHASE_START = 1, PHASE_REQUEST = 2, PHASE_ANSWER = 3, PHASE_OPERATORS = 16, PHASE_JOB = 4095,
  PAINT = 0xA5A5A5A5u,
};

typedef struct {
  uint32_t magic, flags, plan_bytes, pool_shift, pool_bytes, inferences, input_bytes, path, id;
  uint32_t poke, recursion, answer_bytes, reserved[4];
} bench_job;

typedef struct {
  uint32_t magic, status, fault_cause, fault_address, fault_counter;
  uint32_t stack_used, stray_words, pool_offset;
  uint32_t arena_offset, arena_bytes, arena_used, dictionary_offset, dictionary_bytes;
  uint32_t transmit_offset, transmit_bytes, receive_offset, receive_bytes;
  uint32_t operators, inferences, output_bytes, symbols, answer_words, reserved[10];
} bench_result;

extern uint32_t __ram_start[], __ram_end[], __stack_bottom[], __stack_top[], __pool_start[];
extern uint8_t __plan_start[], __flash_end[];

uint32_t device_poke(uint32_t address);
uint32_t device_recurse(uint32_t depth);

volatile uint32_t bench_marks[4096];
static uint8_t symbols[1 << 20];

__attribute__((noinline)) void bench_mark(uint32_t phase) { bench_marks[phase] = phase; }

static uint32_t jobs, results, inputs_read;

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

static void skip(uint32_t count) {
  uint32_t words[64];
  while (count) {
    uint32_t part = count < sizeof words ? count : sizeof words;
    host_read(jobs, words, part);
    count -= part;
  }
}

static uint32_t run_plan(const bench_job *job, const firmware_layout *layout) {
  if (!(job->flags & STEPWISE)) return bench_call(firmware_infer, 0, 0, 0, 0);
  uint32_t status = FIRMWARE_OK;
  for (uint32_t index = 0; index < layout->operators && status == FIRMWARE_OK; index++) {
    bench_mark(PHASE_OPERATORS + index);
    status = bench_call(firmware_infer_operator, index, 0, 0, 0);
  }
  bench_mark(PHASE_NONE);
  return status;
}

/* Gives the program an answer of the job's to its request. */
static uint32_t take_answer(
    const bench_job *job, const firmware_layout *layout, uint32_t number, firmware_answer *answer) {
  if (job->answer_bytes > layout->receive.bytes) host_exit(BENCH_JOBS);
  host_read(jobs, layout->receive.start, job->answer_bytes);
  firmware_answer *place = (firmware_answer *)__stack_bottom;
  bench_mark(PHASE_ANSWER);
  uint32_t status = bench_call(
      firmware_take_answer, job->id + number, job->answer_bytes, (uint32_t)place, 0);
  bench_mark(PHASE_NONE);
  *answer = *place;
  paint((uint32_t *)place, place + 1);
  return status;
}

/*
 * One inference and its frame, written out as one record. Every word of the pool outside the arena
 * must survive the plan's run, and what is behind the transmit buffer the frame's making.
 */
static uint32_t infer(
    const bench_job *job, bench_result *result, const firmware_layout *layout, uint32_t number) {
  static const uint32_t magic = INFERENCE_MAGIC;
  uint32_t *arena_end = after(layout->arena);
  paint((uint32_t *)layout->arena.start, arena_end);
  for (uint32_t index = 0; index < layout->inputs; index++) {
    firmware_buffer input = firmware_input(index);
    host_read(jobs, input.start, input.bytes);
  }
  uint32_t status = run_plan(job, layout);
  uint32_t *last = arena_end;
  while (last > (uint32_t *)layout->arena.start && last[-1] == PAINT) last--;
  uint32_t used = (uint32_t)((uint8_t *)last - layout->arena.start);
  if (used > result->arena_used) result->arena_used = used;
  result->stray_words += stray(arena_end, __ram_end);
  if (status != FIRMWARE_OK) {
    skip(job->answer_bytes);
    return status;
  }

  /* The program may write its stack, so that is where the frame's length goes. */
  uint32_t *place = __stack_bottom, frame_bytes = 0;
  if (layout->transmit.start) {
    bench_mark(PHASE_REQUEST);
    status = bench_call(firmware_request, job->id + number, job->path, (uint32_t)place, 0);
    bench_mark(PHASE_NONE);
    frame_bytes = *place;
    *place = PAINT;
    result->stray_words += stray(after(layout->transmit), __ram_end);
    if (status != FIRMWARE_OK) {
      skip(job->answer_bytes);
      return status;
    }
  }
  firmware_answer answer = {0};
  if (job->answer_bytes) {
    status = take_answer(job, layout, number, &answer);
    result->stray_words += stray(after(layout->receive), __ram_end);
    paint((uint32_t *)layout->receive.start, after(layout->receive));
    if (status != FIRMWARE_OK) return status;
  }
  host_write(results, &magic, sizeof magic);
  for (uint32_t index = 0; index < layout->outputs; index++) {
    firmware_buffer output = firmware_output(index);
    host_write(results, output.start, output.bytes);
  }
  if (layout->transmit.start) {
    host_write(results, symbols, bench_symbols(symbols, sizeof symbols));
    host_write(results, &frame_bytes, sizeof frame_bytes);
    host_write(results, layout->transmit.start, frame_bytes);
    paint((uint32_t *)layout->dictionary.start, after(layout->dictionary));
    paint((uint32_t *)layout->transmit.start, after(layout->transmit));
  }
  if (job->answer_bytes) host_write(results, &answer, sizeof answer);
  return FIRMWARE_OK;
}

/* Starts the plan that lies in flash. */
static uint32_t start(const bench_job *job, bench_result *result, firmware_layout *layout) {
  uint32_t pool = (uint32_t)__pool_start + job->pool_shift;
  uint32_t bytes = job->pool_bytes ? job->pool_bytes : (uint32_t)__ram_end - pool;
  bench_mark(PHASE_START);
  uint32_t status =
      bench_call(firmware_start, (uint32_t)__plan_start, job->plan_bytes, pool, bytes);
  bench_mark(PHASE_NONE);
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
  paint((uint32_t *)layout->dictionary.start, after(layout->dictionary));
  paint((uint32_t *)layout->transmit.start, after(layout->transmit));
  paint((uint32_t *)layout->receive.start, after(layout->receive));
  return FIRMWARE_OK;
}

static void run_job(const bench_job *job, bench_result *result) {
  firmware_layout layout = {0};
  paint(__stack_bottom, __stack_top);
  paint(__pool_start, __ram_end);
  result->magic = RESULT_MAGIC;
  result->pool_offset = (uint32_t)((uint8_t *)__pool_start - (uint8_t *)__ram_start);
  if (job->plan_bytes > (uint32_t)(__flash_end - __plan_start)) {
    skip((job->plan_bytes + 3) & ~3u);
    result->status = FIRMWARE_PLAN_LARGER_THAN_FLASH;
  } else {
    host_read(jobs, __plan_start, (job->plan_bytes + 3) & ~3u);
    if (job->poke) {
      result->status = bench_call(device_poke, job->poke, 0, 0, 0);
      result->stray_words = stray(__pool_start, __ram_end);
    } else if (job->recursion) {
      result->status = bench_call(device_recurse, job->recursion, 0, 0, 0);
    } else {
      result->status = start(job, result, &layout);
    }
  }
  result->symbols =
      result->status == FIRMWARE_OK && layout.transmit.start ? bench_symbols(symbols, 0) : 0;
  uint32_t done = 0;
  inputs_read = 0;
  result->answer_words = job->answer_bytes ? sizeof(firmware_answer) / 4 : 0;
  host_write(results, result, sizeof *result);
  while (result->status == FIRMWARE_OK && done < job->inferences) {
    inputs_read++;
    result->status = infer(job, result, &layout, done);
    if (result->status == FIRMWARE_OK) done++;
  }
  skip((job->inferences - inputs_read) * (job->input_bytes + job->answer_bytes));
  result->inferences = done;
  uint32_t *lowest = __stack_bottom;
  while (lowest < __stack_top && *lowest == PAINT) lowest++;
  result->stack_used = (uint32_t)((uint8_t *)__stack_top - (uint8_t *)lowest);
  result->fault_cause = last_fault.cause;
  result->fault_address = last_fault.address;
  result->fault_counter = last_fault.counter;
  last_fault = (bench_fault){0};
  result->arena_offset = offset(layout.arena);
  result->arena_bytes = layout.arena.bytes;
  result->dictionary_offset = offset(layout.dictionary);
  result->dictionary_bytes = layout.dictionary.bytes;
  result->transmit_offset = offset(layout.transmit);
  result->transmit_bytes = layout.transmit.bytes;
  result->receive_offset = offset(layout.receive);
  result->receive_bytes = layout.receive.bytes;
  result->operators = layout.operators;
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
