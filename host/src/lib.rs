//! Runs Stocktake's components: triggers, tasks and capabilities.
//!
//! - [`engine`] compiles components and calls their functions, each call in a fresh instance with bounds on everything.
//! - [`capabilities`] is what components can ask for; [`engines`] is where it comes from.
//! - [`triggers`] makes components run: tasks of the [`queue`], and the clock.
//! - [`config`] reads `stocktake.toml`; [`commands`] is the `stocktake` program.
//!
//! A program of your own can use as much of it as it likes:
//!
//! ```no_run
#![doc = include_str!("../examples/embed.rs")]
//! ```
//!
//! Nothing here knows what an inventory report looks like: components do.

pub mod capabilities;
pub mod commands;
pub mod config;
pub mod engine;
pub mod engines;
pub mod progress;
pub mod queue;
pub mod triggers;

/// An error and all its causes in one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// How many there are of something whose plural ends with an s: `1 file`, `1,200 files`.
fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", indicatif::HumanCount(count))
}

/// Bytes in lower-case hex.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// What a panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without a text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_something_is_no_plural() {
        assert_eq!(counted(0, "data file"), "0 data files");
        assert_eq!(counted(1, "data file"), "1 data file");
        assert_eq!(counted(1_200, "data file"), "1,200 data files");
    }
}
