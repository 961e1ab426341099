//! The worst stack, measured by painting what is free and looking how much of the paint is left.

const PAINT: u32 = 0x5eed_beef;

/// Bytes below the painter's own frame that are left alone, for an interrupt or a call in it.
const MARGIN: usize = 64;

unsafe extern "C" {
    #[link_name = "__sheap"]
    static END_OF_STATICS: u32;
    #[link_name = "_stack_start"]
    static START_OF_STACK: u32;
}

fn lowest() -> *mut u32 {
    (&raw const END_OF_STATICS).cast_mut()
}

/// Paints all that is free. Called first.
#[inline(never)]
pub fn paint() {
    let mut here = 0u32;
    let until = (&raw mut here).wrapping_byte_sub(MARGIN);
    let mut place = lowest();
    while place < until {
        // SAFETY: between the statics and the stack's lowest word in use lies RAM that nothing uses.
        unsafe { place.write_volatile(PAINT) };
        place = place.wrapping_add(1);
    }
}

/// Bytes of stack that have been used since [`paint`].
pub fn used() -> u32 {
    let start = (&raw const START_OF_STACK).addr();
    let mut place = lowest();
    // SAFETY: RAM, as above; a read of it changes nothing.
    while place.addr() < start && unsafe { place.read_volatile() } == PAINT {
        place = place.wrapping_add(1);
    }
    (start - place.addr()) as u32
}

/// Bytes that the stack may have.
pub fn size() -> u32 {
    ((&raw const START_OF_STACK).addr() - lowest().addr()) as u32
}
