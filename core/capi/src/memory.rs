//! Memory that C gives: pointers and lengths, checked before Rust sees a reference.

use crate::result::pixelrnn_result::{self, *};

/// Whether `count` values can lie at `pointer`: not null, aligned, and within the address space.
fn check<T>(pointer: *const T, count: usize) -> Result<(), pixelrnn_result> {
    if pointer.is_null() {
        return Err(PIXELRNN_ERROR_NULL);
    }
    if !pointer.is_aligned() {
        return Err(PIXELRNN_ERROR_MISALIGNED);
    }
    let bytes = count.checked_mul(size_of::<T>()).filter(|&bytes| bytes <= isize::MAX as usize);
    match bytes.and_then(|bytes| pointer.addr().checked_add(bytes)) {
        Some(_) => Ok(()),
        None => Err(PIXELRNN_ERROR_SIZE_OVERFLOW),
    }
}

/// A slice to read.
///
/// # Safety
/// A pointer that is not null must be good for reads of `count` values while the slice lives.
pub unsafe fn slice<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], pixelrnn_result> {
    check(pointer, count)?;
    // SAFETY: not null, aligned and of a possible size by the check; readable by the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
}

/// A slice to write.
///
/// # Safety
/// A pointer that is not null must be good for reads and writes of `count` values, by nobody else, while the slice lives.
pub unsafe fn slice_mut<'a, T>(pointer: *mut T, count: usize) -> Result<&'a mut [T], pixelrnn_result> {
    check(pointer, count)?;
    // SAFETY: not null, aligned and of a possible size by the check; writable by the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer, count) })
}

/// A place for one result: written, never read, so that it may hold anything before.
pub struct Place<T>(*mut T);

impl<T: Copy> Place<T> {
    /// Writes the result.
    pub fn set(self, value: T) {
        // SAFETY: `place` checked the pointer, and its caller promised that it can be written.
        unsafe { self.0.write(value) }
    }
}

/// A place for one result.
///
/// # Safety
/// A pointer that is not null must be good for a write of one value while the place lives.
pub unsafe fn place<T>(pointer: *mut T) -> Result<Place<T>, pixelrnn_result> {
    check(pointer, 1).map(|()| Place(pointer))
}

/// A place for a result that need not be wanted: none where the pointer is null.
///
/// # Safety
/// As for [`place`].
pub unsafe fn place_if_any<T>(pointer: *mut T) -> Result<Option<Place<T>>, pixelrnn_result> {
    // SAFETY: the caller's promise.
    if pointer.is_null() { Ok(None) } else { unsafe { place(pointer).map(Some) } }
}

/// A pointer to a handle, checked but not followed.
pub fn pointer<T>(pointer: *const T) -> Result<*const T, pixelrnn_result> {
    check(pointer, 1).map(|()| pointer)
}
