//! The limits of the contract as checks, so that every implementation refuses the same calls with the same words.
//!
//! Each answers [`Error::InvalidArgument`] with the wrong value, the limit and a remedy. What a particular store can hold
//! beyond that, such as the keys a directory has no name for, is not known here.

use crate::{
    Error, LIST_ENTRIES_MAX, ListOptions, PUT_BYTES_MAX, Part, READ_BYTES_MAX,
    STATE_VALUE_BYTES_MAX, WRITE_PART_BYTES_MIN,
};

/// The largest number of a part; S3's own limit.
pub const PART_NUMBER_MAX: u32 = 10_000;

/// The most bytes of the key of a record.
pub const STATE_KEY_BYTES_MAX: usize = 4096;

/// The most records of one page.
pub const STATE_LIST_ITEMS_MAX: usize = 1000;

/// How many bytes of values end a page of records: large enough to amortise a call, small enough to copy into an instance.
pub const STATE_LIST_BYTES_MAX: usize = 1 << 20;

/// Checks what a listing is asked for.
///
/// # Errors
/// `max_entries` is not 1 to [`LIST_ENTRIES_MAX`].
pub fn check_list(options: &ListOptions) -> Result<(), Error> {
    let asked = options.max_entries;
    if (1..=LIST_ENTRIES_MAX).contains(&asked) {
        return Ok(());
    }
    invalid(format!("a page of {asked} entries; ask for 1 to {LIST_ENTRIES_MAX}"))
}

/// Checks the size of a batch of questions.
///
/// # Errors
/// There are more than [`LIST_ENTRIES_MAX`].
pub fn check_batch(count: usize) -> Result<(), Error> {
    if u32::try_from(count).is_ok_and(|count| count <= LIST_ENTRIES_MAX) {
        return Ok(());
    }
    invalid(format!("a batch of {count} objects, the limit is {LIST_ENTRIES_MAX}; split it"))
}

/// Checks the length of a read.
///
/// # Errors
/// It is above [`READ_BYTES_MAX`].
pub fn check_read(length_bytes: u32) -> Result<(), Error> {
    if length_bytes <= READ_BYTES_MAX {
        return Ok(());
    }
    invalid(format!("a read of {length_bytes} bytes, the limit is {READ_BYTES_MAX}; read in steps"))
}

/// Checks the size of an object or part that is to be written.
///
/// # Errors
/// It is above [`PUT_BYTES_MAX`].
pub fn check_body(body: &[u8]) -> Result<(), Error> {
    if body.len() <= PUT_BYTES_MAX {
        return Ok(());
    }
    let found = body.len();
    invalid(format!("a body of {found} bytes, the limit is {PUT_BYTES_MAX}; upload it in parts"))
}

/// Checks the number of a part.
///
/// # Errors
/// It is not 1 to [`PART_NUMBER_MAX`].
pub fn check_part_number(number: u32) -> Result<(), Error> {
    if (1..=PART_NUMBER_MAX).contains(&number) {
        return Ok(());
    }
    invalid(format!("part number {number}; use 1 to {PART_NUMBER_MAX}"))
}

/// Checks the list of parts that are to be joined.
///
/// # Errors
/// It is empty, not ascending, or has a number that no part can have.
pub fn check_parts(parts: &[Part]) -> Result<(), Error> {
    if parts.is_empty() {
        return invalid("no parts to join; name at least one".to_owned());
    }
    let mut before = 0;
    for part in parts {
        check_part_number(part.number)?;
        if part.number <= before {
            let number = part.number;
            return invalid(format!(
                "part {number} stands after part {before}; sort them by number"
            ));
        }
        before = part.number;
    }
    Ok(())
}

/// Checks the size of a part that is followed by another one.
///
/// # Errors
/// It is below [`WRITE_PART_BYTES_MIN`].
pub fn check_joined_part(number: u32, size_bytes: u64) -> Result<(), Error> {
    if size_bytes >= WRITE_PART_BYTES_MIN as u64 {
        return Ok(());
    }
    invalid(format!(
        "part {number} has {size_bytes} bytes; each part but the last needs {WRITE_PART_BYTES_MIN}"
    ))
}

/// Checks the key of a record.
///
/// # Errors
/// It is empty, above [`STATE_KEY_BYTES_MAX`], or holds a control character.
pub fn check_state_key(key: &str) -> Result<(), Error> {
    if key.is_empty() || key.len() > STATE_KEY_BYTES_MAX {
        let found = key.len();
        return invalid(format!("a key of {found} bytes; use 1 to {STATE_KEY_BYTES_MAX}"));
    }
    match key.chars().find(|character| character.is_control()) {
        None => Ok(()),
        Some(found) => {
            invalid(format!("the key has the control character {found:?}; leave it out"))
        }
    }
}

/// Checks the value of a record.
///
/// # Errors
/// It is above [`STATE_VALUE_BYTES_MAX`].
pub fn check_state_value(value: &[u8]) -> Result<(), Error> {
    if value.len() <= STATE_VALUE_BYTES_MAX {
        return Ok(());
    }
    let found = value.len();
    invalid(format!(
        "a value of {found} bytes, the limit is {STATE_VALUE_BYTES_MAX}; store it as an object"
    ))
}

fn invalid(text: String) -> Result<(), Error> {
    Err(Error::InvalidArgument(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_value_and_the_limit() {
        let part = |number| Part { number, etag: String::new() };
        let refused = check_parts(&[part(2), part(2)]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "invalid argument: part 2 stands after part 2; sort them by number"
        );
        let refused = check_list(&ListOptions::default()).unwrap_err();
        assert_eq!(refused.to_string(), "invalid argument: a page of 0 entries; ask for 1 to 1000");
    }

    #[test]
    fn limits_themselves_are_allowed() {
        assert_eq!(check_read(READ_BYTES_MAX), Ok(()));
        assert_eq!(check_body(&vec![0; PUT_BYTES_MAX]), Ok(()));
        assert_eq!(check_part_number(PART_NUMBER_MAX), Ok(()));
        assert_eq!(check_state_key(&"k".repeat(STATE_KEY_BYTES_MAX)), Ok(()));
        assert_eq!(check_batch(1000), Ok(()));
    }
}
