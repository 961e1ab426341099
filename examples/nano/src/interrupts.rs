//! The interrupts' vectors: none is ever enabled, and a chip's 32 would take 128 bytes of flash.

#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
static __INTERRUPTS: [usize; 1] = [0];
