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
    void *function, uint32_t a, uint32_t b, uint32_t c, uint32_t d);

/* Semihosting: the host's files and the end. */
uint32_t host_open(const char *path, int writes);
void host_read(uint32_t file, void *bytes, uint32_t count);
uint32_t host_read_some(uint32_t file, void *bytes, uint32_t count);
void host_write(uint32_t file, const void *bytes, uint32_t count);
void host_command_line(char *text, uint32_t count);
_Noreturn void host_exit(uint32_t status);

/* Tells the counter that a phase begins. */
void bench_mark(uint32_t phase);

/* The symbols of the features that lie in the arena, for comparison alone. */
uint32_t bench_symbols(uint8_t *symbols, uint32_t capacity);

#endif
