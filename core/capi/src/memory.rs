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

/// A place for one result.
///
/// # Safety
/// As for [`slice_mut`], of one value.
pub unsafe fn place<'a, T>(pointer: *mut T) -> Result<&'a mut T, pixelrnn_result> {
    check(pointer, 1)?;
    // SAFETY: not null and aligned by the check; writable by the caller's promise.
    Ok(unsafe { &mut *pointer })
}

/// A pointer to a handle, checked but not followed.
pub fn pointer<T>(pointer: *const T) -> Result<*const T, pixelrnn_result> {
    check(pointer, 1).map(|()| pointer)
}
