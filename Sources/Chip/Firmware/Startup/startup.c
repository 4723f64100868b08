/*
 * From reset to main: the vector table, the floating-point unit, initialised and zeroed data. The
 * same for every board with this core; clocks, pins and peripherals are the support code's.
 */
#include <firmware.h>

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[];
extern uint32_t __stack_top[];

#define CPACR (*(volatile uint32_t *)0xE000ED88)

void firmware_reset(void) __attribute__((used, noreturn));
void firmware_fault(void) __attribute__((noreturn));

__attribute__((used, noreturn)) void firmware_reset(void) {
  CPACR |= 0xFu << 20; /* coprocessors 10 and 11: the FPU, for all */
  __asm volatile("dsb\n isb" ::: "memory");
  for (uint32_t *from = __data_load, *to = __data_start; to < __data_end;) *to++ = *from++;
  for (uint32_t *to = __bss_start; to < __bss_end;) *to++ = 0;
  main();
  board_stop(FIRMWARE_OK);
}

/* Any fault, and any exception that nothing was meant to raise. */
void firmware_fault(void) { board_stop(FIRMWARE_FAULT); }

/* A support code's own handlers take the place of these. */
void fault_handler(void) __attribute__((weak, alias("firmware_fault")));
void supervisor_handler(void) __attribute__((weak, alias("firmware_fault")));
void pending_handler(void) __attribute__((weak, alias("firmware_fault")));
void tick_handler(void) __attribute__((weak, alias("firmware_fault")));

/* The core's sixteen entries; interrupts of peripherals are off until a support code adds theirs. */
__attribute__((used, section(".vectors"))) static void *const vectors[16] = {
    (void *)__stack_top,       (void *)firmware_reset,
    (void *)firmware_fault,    /* NMI */
    (void *)fault_handler,     /* hard fault */
    (void *)fault_handler,     /* memory management */
    (void *)fault_handler,     /* bus */
    (void *)fault_handler,     /* usage */
    0, 0, 0, 0,
    (void *)supervisor_handler,
    (void *)firmware_fault,    /* debug monitor */
    0,
    (void *)pending_handler,
    (void *)tick_handler,
};
