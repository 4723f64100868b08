/* Between the bench's parts: the trusted side of the QEMU bench, which is no part of the device. */
#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <firmware.h>

/* Exit statuses of the bench itself: a file of the host's, a job that is none, a fault of its own. */
enum { BENCH_FILES = 60, BENCH_JOBS = 61, BENCH_FAULT = 62 };

/* Where a fault in the device program happened. */
typedef struct {
  uint32_t cause;   /* CFSR */
  uint32_t address; /* of the access, where known */
  uint32_t counter; /* the instruction, where known */
} bench_fault;
extern bench_fault last_fault;

/* Closes the device program in: flash to read, SRAM to write, nothing else. */
void bench_close_in(void);

/*
 * Calls a function of the device program on its own stack, without privileges. Gives its result,
 * or FIRMWARE_FAULT.
 */
uint32_t bench_call(
    void *function, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e);

/* Semihosting: the host's files and the end. */
uint32_t host_open(const char *path, int writes);
void host_read(uint32_t file, void *bytes, uint32_t count);
uint32_t host_read_some(uint32_t file, void *bytes, uint32_t count);
void host_write(uint32_t file, const void *bytes, uint32_t count);
void host_command_line(char *text, uint32_t count);
_Noreturn void host_exit(uint32_t status);

/* Tells the counter that a phase begins. */
void bench_mark(uint32_t phase);
enum {
  PHASE_NONE = 0, PHASE_START = 1, PHASE_CODE = 2, PHASE_ANSWER = 3, PHASE_ASK = 4,
  PHASE_EVENT = 5, PHASE_OPERATORS = 16, PHASE_JOB = 4095,
};

/* The files of jobs and results. */
extern uint32_t jobs, results;

/* A job's head: docs/firmware.md. */
typedef struct {
  uint32_t magic, flags, plan_bytes, pool_shift, pool_bytes, inferences, input_bytes, events;
  uint32_t poke, recursion;
  firmware_settings settings;
  uint32_t reserved[4];
} bench_job;

/* A result's: the same file. */
typedef struct {
  uint32_t magic, status, fault_cause, fault_address, fault_counter;
  uint32_t stack_used, stray_words, pool_offset, arena_used;
  uint32_t arena_offset, arena_bytes, workspace_offset, workspace_bytes;
  uint32_t transmit_offset, transmit_bytes, receive_offset, receive_bytes;
  uint32_t operators, paths, inferences, output_bytes, events, reserved[10];
} bench_result;

enum { STEPWISE = 1, PAINT = 0xA5A5A5A5u };

/* Runs the job's next event and writes what came of it. */
uint32_t bench_event(bench_result *result, const firmware_layout *layout);
/* Forgets what the job before had on the air. */
void bench_begin_events(void);
/* Skips what is left of an event, or of an input, in the file. */
void bench_skip(uint32_t bytes);
/* Paints the arena; and how many bytes of it are no longer so. */
void bench_paint_arena(const firmware_layout *layout);
void bench_measure_arena(const firmware_layout *layout, bench_result *result);

#endif
