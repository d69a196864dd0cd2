//! Streams rows of a report into the formats of data files, and out of them.
//!
//! [`Schema`] says which columns a file has and how a manifest describes them; [`Writer`] takes rows and gives bytes:
//! CSV, TSV or JSON Lines in gzip, ORC, or Parquet. CSV, ORC and Parquet are those of Amazon S3 Inventory. [`Reader`]
//! takes bytes, of other writers' files as well, and gives rows. The crate knows nothing about where rows come from and
//! where files are, needs neither clock nor randomness, and builds for `wasm32-unknown-unknown` without imports.
//!
//! # Columns first
//!
//! A listing comes in pages, so the writer asks for a page column by column and not row by row. The caller's `match`
//! on the column and the look at its type then happen once per page, the loop inside runs over values of one type, and
//! they land in the arrays that columnar formats are encoded from. Text formats are written row by row from the same
//! arrays.
//!
//! # The same rows, the same bytes
//!
//! Whatever the pages were, encoders see batches of [`BATCH_ROWS`] rows, and everything that they cut, they cut by
//! what the rows are: files are equal on every platform, and whether a store answered 1,000 entries at a time or 50.
//!
//! # Memory
//!
//! A writer holds one batch, and beside it a compressor's window (text), the stripe in progress (ORC, 8 MiB and what a
//! batch may add) or the row group in progress (Parquet, 8 MiB when encoded, and the open pages of each column). The
//! sink is the caller's: ORC gives it a stripe at once, Parquet a row group.
//! A `Vec<u8>` that is emptied after each page through [`Writer::sink_mut`] serves well for multipart uploads.
//!
//! A reader holds one batch, and beside it a decompressor's window and a row (text), or of a stripe or row group either
//! all of it, where that is 12 MiB at most, or a window for each of its streams, and of each stream the chunk or page in
//! progress, and dictionaries. All of it has limits, which are where [`ReadError::TooLarge`] comes from.
//!
//! # Examples
//!
//! ```
//! use stocktake_core::column::{ColumnId, optional_field, report_columns};
//! use stocktake_core::{configuration::ReportFormat, finding::Dialect};
//! use stocktake_formats::{Error, Schema, Writer};
//!
//! struct Entry {
//!     key: &'static str,
//!     size: Option<i64>,
//! }
//!
//! let fields: Vec<_> = optional_field("Size", Dialect::Aws).into_iter().collect();
//! let schema = Schema::new(&report_columns(false, &fields));
//! assert_eq!(schema.file_schema(ReportFormat::Csv), "Bucket, Key, Size");
//!
//! let mut writer = Writer::new(ReportFormat::Csv, &schema, Vec::new())?;
//! for page in [[Entry { key: "a b", size: Some(3) }], [Entry { key: "c", size: None }]] {
//!     writer.push(page.len(), |column, rows, values| {
//!         let entries = page.get(rows).unwrap_or_default();
//!         match column.id {
//!             ColumnId::Bucket => values.constant("orbit-raw"),
//!             ColumnId::Key => values.strings(entries.iter().map(|entry| Some(entry.key))),
//!             ColumnId::Size => values.int64s(entries.iter().map(|entry| entry.size)),
//!             _ => values.nulls(),
//!         }
//!     })?;
//!     let uploadable = std::mem::take(writer.sink_mut());
//! #   drop(uploadable);
//! }
//! let end_of_file = writer.finish()?;
//!
//! // Every row has a key.
//! let mut writer = Writer::new(ReportFormat::Csv, &schema, Vec::new())?;
//! let refused = writer.push(1, |column, _, values| match column.id {
//!     ColumnId::Bucket => values.constant("orbit-raw"),
//!     _ => values.nulls(),
//! });
//! assert!(matches!(refused, Err(Error::Null { column: "Key", row: 0 })));
//! # Ok::<(), Error>(())
//! ```

mod batch;
mod error;
mod gzip;
mod orc;
mod parquet;
mod reader;
mod schema;
mod text;
mod varint;
mod writer;

pub use batch::{BATCH_ROWS, VALUE_BYTES_MAX, Values};
pub use error::Error;
pub use reader::{Batch, FileSchema, Place, READ_BYTES_MAX, ReadError, Reader, Source};
pub use schema::{Schema, extension};
pub use writer::Writer;

#[cfg(test)]
mod tests;
