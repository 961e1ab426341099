/* The vector table and what runs before main, for ARM's MPS2 board with a Cortex-M4 (AN386), as QEMU has it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
extern int main(void);
extern void initialise_monitor_handles(void);

void reset(void);
void fault(void);

__attribute__((section(".vectors"), used)) const uintptr_t vectors[16] = {
    (uintptr_t)&stack_top, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,      (uintptr_t)fault, (uintptr_t)fault,
};

void reset(void)
{
    /* Coprocessors 10 and 11: the floating-point unit. */
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
    __asm volatile("dsb\n isb");
    memcpy(&data_start, &data_load, (size_t)((char *)&data_end - (char *)&data_start));
    memset(&bss_start, 0, (size_t)((char *)&bss_end - (char *)&bss_start));
    /* newlib's printf writes through semihosting. */
    initialise_monitor_handles();
    exit(main());
}

void fault(void) { exit(3); }

/* newlib calls these at the beginning and the end of a program; C has nothing to do there. */
void _init(void) {}
void _fini(void) {}
