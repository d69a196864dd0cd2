//! Parquet files as S3 inventories have them: format version 1, Snappy, nothing in the footer but schema and row groups.
//!
//! Pages of dictionary indices are labelled `RLE_DICTIONARY`, which is all that the encoder can write. Old writers of
//! version 1 said `PLAIN_DICTIONARY`; the bytes of such a page are the same, and readers take the two for one.

use std::io::Write;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_writer::ArrowWriterOptions;
use ::parquet::basic::Compression;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use ::parquet::schema::types::ColumnPath;
use arrow_array::RecordBatch;
use stocktake_core::column::{Column, ColumnId};

use crate::schema::PARQUET_ROOT;
use crate::{Error, Schema};

/// A row group ends with the batch that makes it this large when encoded.
///
/// The row group in progress is in memory until it ends, and this is what bounds it: keys of 1 KiB fill a group with
/// some 8,000 rows.
const ROW_GROUP_BYTES: usize = 8 << 20;

/// A row group ends with the batch that gives it this many rows.
///
/// Readers spread row groups over their threads; those that are known take 100,000 rows and more as worth a thread.
const ROW_GROUP_ROWS: usize = 128 << 10;

/// The most bytes of a data page before compression, and of a dictionary before the column goes on without one.
///
/// Every column of the row group has one of each in memory, uncompressed; there are up to 26 columns.
const PAGE_BYTES: usize = 128 << 10;

/// Who wrote the file.
///
/// Readers that know of other writers' bugs take this apart, and distrust statistics of a writer whose text has not
/// this form. The number changes with what is written, not with releases: the same rows give the same bytes.
const CREATED_BY: &str = "stocktake version 1";

/// Writes batches as Parquet.
#[derive(Debug)]
pub(crate) struct ParquetEncoder<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetEncoder<W> {
    pub(crate) fn new(schema: &Schema, sink: W) -> Result<Self, Error> {
        let options = ArrowWriterOptions::new()
            .with_properties(properties(schema))
            .with_schema_root(PARQUET_ROOT.to_owned())
            .with_skip_arrow_metadata(true);
        let arrow = Arc::clone(schema.arrow());
        Ok(Self { writer: ArrowWriter::try_new_with_options(sink, arrow, options)? })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.writer.write(batch)?;
        // Both figures follow from the rows alone. What is allocated would not: it differs between platforms.
        if self.writer.in_progress_rows() >= ROW_GROUP_ROWS
            || self.writer.in_progress_size() >= ROW_GROUP_BYTES
        {
            self.writer.flush()?;
        }
        Ok(())
    }

    pub(crate) fn memory_size(&self) -> usize {
        self.writer.memory_size()
    }

    pub(crate) fn sink_mut(&mut self) -> &mut W {
        self.writer.inner_mut()
    }

    pub(crate) fn finish(self) -> Result<W, Error> {
        Ok(self.writer.into_inner()?)
    }
}

fn properties(schema: &Schema) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::SNAPPY)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_page_size_limit(PAGE_BYTES)
        // The encoder decides where row groups end, at the ends of batches.
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(None)
        // Least and greatest values whole, keys have at most 1 KiB: a cut one would not be a key of the group.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_statistics_truncate_length(None)
        // Indexes of pages stay in memory to the end of the file, and inventories have none.
        .set_offset_index_disabled(true);
    for column in schema.columns().iter().filter(|column| is_mostly_distinct(column)) {
        let path = ColumnPath::from(column.columnar_name);
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    properties.build()
}

/// Whether nearly every row has a value of its own, so that a dictionary would only cost time.
fn is_mostly_distinct(column: &Column) -> bool {
    matches!(
        column.id,
        ColumnId::Key
            | ColumnId::VersionId
            | ColumnId::Size
            | ColumnId::LastModifiedDate
            | ColumnId::LastAccessedDate
            | ColumnId::ETag
    )
}
