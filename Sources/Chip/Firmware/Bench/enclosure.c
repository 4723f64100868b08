/*
 * The wall around the device program: it runs without privileges, on its own stack, behind a memory
 * protection unit that shows it the chip's flash and SRAM and nothing else. A store outside them, or
 * a stack that grows out of them, is a fault; the bench goes on after it.
 */
#include "bench_support.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SHCSR REGISTER(0xE000ED24)
#define CFSR REGISTER(0xE000ED28)
#define HFSR REGISTER(0xE000ED2C)
#define MMFAR REGISTER(0xE000ED34)
#define BFAR REGISTER(0xE000ED38)
#define MPU_CTRL REGISTER(0xE000ED94)
#define MPU_RBAR REGISTER(0xE000ED9C)
#define MPU_RASR REGISTER(0xE000EDA0)
#define FPCCR REGISTER(0xE000EF34)

extern uint8_t __flash_start[], __ram_start[], __ram_end[], __stack_top[];

bench_fault last_fault;

void bench_close_in(void) {
  /* 1 MiB, to read and execute, for all. */
  MPU_RBAR = (uint32_t)__flash_start | 1u << 4 | 0;
  MPU_RASR = 6u << 24 | 2u << 16 | 19u << 1 | 1;
  /* 512 KiB of which the upper three eighths are left out: 320 KiB; to read and write, for all. */
  MPU_RBAR = (uint32_t)__ram_start | 1u << 4 | 1;
  MPU_RASR = 1u << 28 | 3u << 24 | 1u << 16 | 0xE0u << 8 | 18u << 1 | 1;
  MPU_CTRL = 1u << 2 | 1; /* the bench itself sees everything */
  /* No room for the FPU's registers on exceptions: nothing here uses them in a handler. */
  FPCCR = 0;
  SHCSR |= 7u << 16;
  __asm volatile("dsb\n isb" ::: "memory");
}

/* Where the device program's functions return to; it lies in flash, for it runs unprivileged. */
__attribute__((naked, used, section(".device_return"))) void device_return(void) {
  __asm volatile("svc #0");
}

/* A store at an address of the bench's choice, from inside the wall. */
__attribute__((used, noinline, section(".device_return"))) uint32_t device_poke(uint32_t address) {
  *(volatile uint32_t *)address = 0x5A5A5A5A;
  return FIRMWARE_OK;
}

/* Recursion of a depth of the bench's choice: a stack that grows too far. */
__attribute__((used, noinline, section(".device_return"))) uint32_t device_recurse(uint32_t depth) {
  volatile uint32_t frame[16];
  frame[depth % 16] = depth;
  uint32_t below = depth ? device_recurse(depth - 1) : 0;
  return below + frame[depth % 16] - depth;
}

typedef struct {
  uint32_t r[4], r12, lr, pc, psr;
} exception_frame;

__attribute__((naked, noinline)) uint32_t bench_call(
    void *function, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) {
  __asm volatile("svc #1\n bx lr");
}

/*
 * Lays the first frame of a call on the device's stack, and behind it the function's fifth argument;
 * the caller's last two are on its own.
 */
__attribute__((used)) uint32_t enclosure_frame(exception_frame *caller) {
  uint32_t *arguments = (uint32_t *)__stack_top - 2;
  exception_frame *frame = (exception_frame *)arguments - 1;
  frame->r[0] = caller->r[1];
  frame->r[1] = caller->r[2];
  frame->r[2] = caller->r[3];
  /* An odd word of padding moves the frame down from the aligned stack. */
  uint32_t *behind = (uint32_t *)(caller + 1) + (caller->psr >> 9 & 1);
  frame->r[3] = behind[0];
  arguments[0] = behind[1];
  frame->r12 = 0;
  frame->lr = (uint32_t)device_return | 1;
  frame->pc = caller->r[0] & ~1u;
  frame->psr = 1u << 24;
  return (uint32_t)frame;
}

/* svc #1 from the bench enters the enclosure, svc #0 from inside leaves it. */
__attribute__((naked, used)) void supervisor_handler(void) {
  __asm volatile(
      "tst lr, #4\n"
      "bne 1f\n"
      "mov r0, sp\n"
      "push {r4-r11, lr}\n"
      "sub sp, #4\n"
      "bl enclosure_frame\n"
      "msr psp, r0\n"
      "mrs r1, control\n"
      "orr r1, #1\n"
      "msr control, r1\n"
      "isb\n"
      "ldr r0, =0xFFFFFFFD\n"
      "bx r0\n"
      "1: mrs r0, psp\n"
      "ldr r0, [r0]\n"
      "b enclosure_leave\n");
}

/* Back to the bench, with the result in r0. */
__attribute__((naked, used)) void enclosure_leave(void) {
  __asm volatile(
      "mrs r1, control\n"
      "bic r1, #1\n"
      "msr control, r1\n"
      "isb\n"
      "add sp, #4\n"
      "pop {r4-r11, lr}\n"
      "str r0, [sp]\n"
      "bx lr\n");
}

__attribute__((used)) uint32_t enclosure_fault(uint32_t stack, uint32_t from_device) {
  if (!from_device) host_exit(BENCH_FAULT);
  last_fault.cause = CFSR;
  last_fault.address = last_fault.cause & 0x80 ? MMFAR : last_fault.cause & 0x8000 ? BFAR : 0;
  /* A frame that could not be laid on the stack is not there to be read. */
  last_fault.counter = last_fault.cause & 0x1010 || stack < (uint32_t)__ram_start ||
          stack > (uint32_t)__ram_end - sizeof(exception_frame)
      ? 0
      : ((exception_frame *)stack)->pc;
  CFSR = last_fault.cause;
  HFSR = HFSR;
  return FIRMWARE_FAULT;
}

__attribute__((naked, used)) void fault_handler(void) {
  __asm volatile(
      "mrs r0, psp\n"
      "and r1, lr, #4\n"
      "bl enclosure_fault\n"
      "b enclosure_leave\n");
}

_Noreturn void board_stop(uint32_t status) { host_exit(status); }
