/* Arm semihosting (IHI "Semihosting for AArch32 and AArch64", version 2), as QEMU offers it. */
#include "bench_support.h"

enum {
  SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_GET_CMDLINE = 0x15,
  SYS_EXIT_EXTENDED = 0x20, EXIT_OK = 0x20026,
};

static uint32_t call(uint32_t operation, const void *block) {
  register uint32_t r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = block;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static uint32_t length(const char *text) {
  uint32_t count = 0;
  while (text[count]) count++;
  return count;
}

uint32_t host_open(const char *path, int writes) {
  uint32_t block[3] = {(uint32_t)path, writes ? 5 : 1, length(path)};
  uint32_t file = call(SYS_OPEN, block);
  if (file == UINT32_MAX) host_exit(BENCH_FILES);
  return file;
}

uint32_t host_read_some(uint32_t file, void *bytes, uint32_t count) {
  uint32_t block[3] = {file, (uint32_t)bytes, count};
  return count - call(SYS_READ, block);
}

void host_read(uint32_t file, void *bytes, uint32_t count) {
  if (host_read_some(file, bytes, count) != count) host_exit(BENCH_FILES);
}

void host_write(uint32_t file, const void *bytes, uint32_t count) {
  uint32_t block[3] = {file, (uint32_t)bytes, count};
  if (count && call(SYS_WRITE, block) != 0) host_exit(BENCH_FILES);
}

void host_command_line(char *text, uint32_t count) {
  uint32_t block[2] = {(uint32_t)text, count};
  if (call(SYS_GET_CMDLINE, block) != 0) host_exit(BENCH_FILES);
}

_Noreturn void host_exit(uint32_t status) {
  uint32_t block[2] = {EXIT_OK, status};
  call(SYS_EXIT_EXTENDED, block);
  for (;;) {
  }
}
