//! Comparing memory, sixteen bytes at a time.
//!
//! Rust's own `memcmp` for WebAssembly goes byte by byte. Statistics of columnar files compare every key with the
//! greatest one so far, and keys begin alike: it took an eighth of the time that report-writer spent on a Parquet file.
//! The linker takes these functions in place of Rust's, whose definitions are weak.
#![expect(
    unsafe_code,
    reason = "these are the functions that the compiler calls for slices, and they take pointers"
)]

use core::arch::wasm32::{u8x16_bitmask, u8x16_ne, v128, v128_load};

const STEP: usize = size_of::<v128>();

/// Less than, equal to or greater than zero, as the first bytes that differ say.
///
/// # Safety
/// `length` bytes can be read at both places.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, length: usize) -> i32 {
    let mut at = 0;
    while length - at >= STEP {
        // SAFETY: `at + STEP` is at most `length`; a load needs no alignment.
        let differing =
            unsafe { u8x16_ne(v128_load(a.add(at).cast()), v128_load(b.add(at).cast())) };
        let differing = u8x16_bitmask(differing);
        if differing != 0 {
            at += differing.trailing_zeros() as usize;
            break;
        }
        at += STEP;
    }
    while at < length {
        // SAFETY: `at` is below `length`.
        let (a, b) = unsafe { (*a.add(at), *b.add(at)) };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
        at += 1;
    }
    0
}

/// Zero if the bytes are equal.
///
/// # Safety
/// As for [`memcmp`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, length: usize) -> i32 {
    // SAFETY: the caller promises what `memcmp` demands.
    unsafe { memcmp(a, b, length) }
}
