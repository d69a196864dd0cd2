//! The bytes of a data file in, rows out.

mod batch;
mod error;
mod file_schema;
pub(crate) mod orc;
mod parquet;
mod source;
mod text;

use stocktake_core::column::Column;
use stocktake_core::configuration::ReportFormat;

pub use self::batch::Batch;
pub use self::error::{Place, ReadError};
pub use self::file_schema::FileSchema;
use self::orc::OrcReader;
use self::parquet::ParquetReader;
pub use self::source::{READ_BYTES_MAX, Source};
use self::text::TextReader;
use crate::text::TextStyle;

/// Reads one data file, batch by batch, ours or that of anyone who writes inventories.
///
/// * Batches are bounded, in rows and in bytes, and so is everything that is in memory beside them, whatever the file
///   says of itself; see [`ReadError::TooLarge`].
/// * Whatever the bytes are, the answer is rows or a [`ReadError`]. There is no checksum in ORC, and none that is looked
///   at in Parquet, so that damage may also go unseen; gzip finds what it finds at its end.
/// * Columns that were not asked for are passed over, in ORC and Parquet without being fetched or decoded.
///
/// What is read:
///
/// | format | of it |
/// |---|---|
/// | CSV, TSV | gzip of any number of members; values with or without quotes; LF or CR LF; keys are percent-decoded, and a plus stays a plus; an empty value is a null, except of columns that every object has a value for |
/// | JSON | gzip of any number of members; one object per line; a member that is missing is a null; numbers, booleans and times may also be texts |
/// | ORC | compression none, zlib, Snappy; both versions of runs; dictionaries; times whose zone is UTC, or that are points in time |
/// | Parquet | compression none, Snappy, gzip; pages of both versions; all encodings but `BIT_PACKED` and `BYTE_STREAM_SPLIT`; times in milliseconds, microseconds, nanoseconds, or INT96 |
///
/// # Examples
/// ```
/// use stocktake_core::column::ColumnId;
/// use stocktake_core::configuration::ReportFormat;
/// use stocktake_formats::{FileSchema, ReadError, Reader, Schema, Writer};
///
/// let schema = FileSchema::parse(ReportFormat::Csv, "Bucket, Key")?;
/// let mut writer = Writer::new(ReportFormat::Csv, &Schema::new(&schema.columns()), Vec::new())?;
/// writer.push(2, |column, _, values| values.constant(column.columnar_name))?;
/// let file = writer.finish()?;
///
/// let mut reader = Reader::open(ReportFormat::Csv, &schema, &schema.columns(), file.clone())?;
/// while let Some(batch) = reader.next_batch()? {
///     let keys = batch.strings(ColumnId::Key).into_iter().flatten();
///     assert_eq!(keys.collect::<Vec<_>>(), [Some("key"); 2]);
/// }
///
/// let cut = file[..file.len() - 1].to_vec();
/// let mut reader = Reader::open(ReportFormat::Csv, &schema, &schema.columns(), cut)?;
/// assert!(matches!(reader.next_batch(), Err(ReadError::Malformed { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader<S: Source> {
    decoder: Decoder<S>,
}

#[derive(Debug)]
enum Decoder<S: Source> {
    Text(Box<TextReader<S>>),
    Orc(OrcReader<S>),
    Parquet(ParquetReader<S>),
}

impl<S: Source> Reader<S> {
    /// Opens a file with this schema, which is its manifest's, for reading these columns.
    ///
    /// Text formats are opened without being looked at. The others name their columns themselves, and the manifest's
    /// names count only for files of old versions of Hive, which name none.
    ///
    /// # Errors
    /// [`ReadError::MissingColumn`] and [`ReadError::WrongType`] for columns that were asked for;
    /// [`ReadError::Unsupported`] where the file as a whole cannot be read; the others as for
    /// [`Reader::next_batch`].
    pub fn open(
        format: ReportFormat,
        schema: &FileSchema,
        columns: &[&'static Column],
        source: S,
    ) -> Result<Self, ReadError> {
        let text = |style, source| {
            TextReader::open(style, schema, columns, source)
                .map(|reader| Decoder::Text(Box::new(reader)))
        };
        let decoder = match format {
            ReportFormat::Csv => text(TextStyle::Separated(','), source)?,
            ReportFormat::Tsv => text(TextStyle::Separated('\t'), source)?,
            ReportFormat::Json => text(TextStyle::JsonLines, source)?,
            ReportFormat::Orc => Decoder::Orc(OrcReader::open(schema, columns, source)?),
            ReportFormat::Parquet => {
                Decoder::Parquet(ParquetReader::open(schema, columns, source)?)
            }
        };
        Ok(Self { decoder })
    }

    /// The next rows; none at the end of the file.
    ///
    /// # Errors
    /// Any but [`ReadError::MissingColumn`] and [`ReadError::WrongType`]. After one of them the reader can only be
    /// dropped.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        match &mut self.decoder {
            Decoder::Text(reader) => reader.next_batch(),
            Decoder::Orc(reader) => reader.next_batch(),
            Decoder::Parquet(reader) => reader.next_batch(),
        }
    }
}
