//! Reads Parquet files of flat rows, whoever wrote them, row group by row group.
//!
//! The `parquet` crate reads the file's metadata. Pages are decoded here: the crate's decoders allocate what a page says
//! of itself, and its readers want to own the source. In memory are the metadata, of each column that is asked for a
//! window, one page and the dictionary.

mod chunk;
mod deltas;
mod hybrid;
mod page;
mod thrift;
mod values;

use std::ops::Range;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use ::parquet::schema::types::ColumnDescriptor;
use stocktake_core::column::Column;

use self::chunk::ChunkDecoder;
use self::page::{Codec, PAGES_BYTES_MAX};
use self::values::Kind;
use super::batch::{Batch, Batches};
use super::source::{Source, hold, read};
use super::{FileSchema, Place, ReadError};
use crate::BATCH_ROWS;

/// The most bytes of a file's metadata.
///
/// A column of a row group takes a few hundred, texts of its statistics included. In memory all of it takes many times
/// as much.
const METADATA_BYTES_MAX: u64 = 4 << 20;

/// The length of the metadata and the file's last four letters.
const END_BYTES: usize = 8;

/// Reads batches of a Parquet file.
#[derive(Debug)]
pub(super) struct ParquetReader<S> {
    source: Arc<S>,
    metadata: ParquetMetaData,
    wanted: Vec<Wanted>,
    batches: Batches,
    next_group: usize,
    open: Option<OpenGroup<S>>,
}

/// A column that is asked for.
#[derive(Debug)]
struct Wanted {
    /// Its number among the file's.
    at: usize,
    kind: Kind,
    is_optional: bool,
}

#[derive(Debug)]
struct OpenGroup<S> {
    number: Option<u32>,
    rows_left: u64,
    columns: Vec<ChunkDecoder<S>>,
    /// What pages may still take of memory.
    budget: usize,
}

impl<S: Source> ParquetReader<S> {
    pub(super) fn open(
        schema: &FileSchema,
        columns: &[&'static Column],
        source: S,
    ) -> Result<Self, ReadError> {
        let metadata = metadata(&source)?;
        let descriptors = metadata.file_metadata().schema_descr().columns();
        // Names of nested columns are not those of the file's own columns.
        let names: Vec<_> = descriptors
            .iter()
            .map(|column| if column.path().parts().len() == 1 { column.name() } else { "" })
            .collect();
        let find = |column: &&'static Column| {
            let at = schema.place_in(&names, column)?;
            let file = descriptors.get(at);
            let file = file.ok_or(ReadError::MissingColumn { column: column.name })?;
            let kind = Kind::of(column.kind, file).ok_or_else(|| ReadError::WrongType {
                column: column.name,
                expected: column.kind,
                found: described(file).into(),
            })?;
            Ok(Wanted { at, kind, is_optional: file.max_def_level() == 1 })
        };
        let wanted = columns.iter().map(find).collect::<Result<Vec<_>, ReadError>>()?;
        check_overlaps(&metadata, &wanted, source.size_bytes())?;
        Ok(Self {
            source: Arc::new(source),
            metadata,
            wanted,
            batches: Batches::new(columns),
            next_group: 0,
            open: None,
        })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        let open = loop {
            match &mut self.open {
                Some(open) if open.rows_left > 0 => break open,
                _ => {
                    let Some(group) = self.metadata.row_groups().get(self.next_group) else {
                        return Ok(None);
                    };
                    let number = u32::try_from(self.next_group).ok();
                    let opened = self.open_group(group);
                    self.open = Some(opened.map_err(|error| {
                        error.at(&Place { stripe: number, ..Place::default() })
                    })?);
                    self.next_group += 1;
                }
            }
        };
        let rows = usize::try_from(open.rows_left).unwrap_or(usize::MAX).min(BATCH_ROWS);
        let (columns, budget) = (&mut open.columns, &mut open.budget);
        let batch = self.batches.fill(open.number, |at, builder| {
            columns.get_mut(at).map_or(Ok(()), |decoder| decoder.append(rows, budget, builder))
        })?;
        open.rows_left -= rows as u64;
        Ok(Some(batch))
    }

    fn open_group(&self, group: &RowGroupMetaData) -> Result<OpenGroup<S>, ReadError> {
        let rows = u64::try_from(group.num_rows())
            .map_err(|_| ReadError::malformed("a row group of less than no rows"))?;
        let mut chunks = Vec::new();
        for (wanted, column) in self.wanted.iter().zip(self.batches.columns()) {
            let chunk = group.columns().get(wanted.at);
            let chunk = chunk.ok_or(ReadError::malformed("a row group without the column"));
            let chunk = chunk.and_then(|chunk| Ok((wanted, range(chunk, &*self.source)?, chunk)));
            chunks.push(chunk.map_err(|error| error.in_column(column.name))?);
        }
        let held = hold(&*self.source, chunks.iter().map(|(_, range, _)| range.clone()))?;
        let mut columns = Vec::new();
        for ((wanted, range, chunk), column) in chunks.into_iter().zip(self.batches.columns()) {
            let codec = match chunk.compression() {
                Compression::UNCOMPRESSED => Codec::None,
                Compression::SNAPPY => Codec::Snappy,
                Compression::GZIP(_) => Codec::Gzip,
                other => {
                    // Without the level, which files do not tell.
                    let name = other.to_string();
                    let name = name.split('(').next().unwrap_or_default();
                    let error = ReadError::unsupported(format!("compression by {name}"));
                    return Err(error.in_column(column.name));
                }
            };
            let (kind, is_optional) = (wanted.kind, wanted.is_optional);
            let decoder =
                ChunkDecoder::new(&self.source, range, held.clone(), kind, codec, is_optional);
            columns.push(decoder);
        }
        let number = u32::try_from(self.next_group).ok();
        Ok(OpenGroup { number, rows_left: rows, columns, budget: PAGES_BYTES_MAX })
    }
}

/// Reads what stands at the end of a file.
fn metadata<S: Source>(source: &S) -> Result<ParquetMetaData, ReadError> {
    let size = source.size_bytes();
    let no_parquet = || ReadError::malformed("this is no Parquet file").at_byte(size);
    let end = size.checked_sub(END_BYTES as u64).ok_or_else(no_parquet)?;
    let tail = read(source, end, END_BYTES)?;
    let (length, magic) = tail.split_first_chunk::<4>().ok_or_else(no_parquet)?;
    match magic {
        b"PAR1" => {}
        b"PARE" => return Err(ReadError::unsupported("encryption")),
        _ => return Err(no_parquet()),
    }
    let length = u64::from(u32::from_le_bytes(*length));
    if length > METADATA_BYTES_MAX {
        return Err(ReadError::too_large("the file's metadata", length, METADATA_BYTES_MAX));
    }
    let begin = end.checked_sub(length);
    let begin = begin.ok_or(ReadError::malformed("metadata longer than the file").at_byte(end))?;
    let bytes = read(source, begin, usize::try_from(length).unwrap_or_default())?;
    ParquetMetaDataReader::decode_metadata(&bytes).map_err(|error| {
        ReadError::malformed(format!("the file's metadata is damaged: {error}")).at_byte(begin)
    })
}

/// Refuses what does not fit the file all in all: the same bytes read again and again would never end.
fn check_overlaps(
    metadata: &ParquetMetaData,
    wanted: &[Wanted],
    size: u64,
) -> Result<(), ReadError> {
    let groups = metadata.row_groups().iter();
    let chunks =
        groups.flat_map(|group| wanted.iter().map(|wanted| group.columns().get(wanted.at)));
    let lengths = chunks.flatten().map(|chunk| u64::try_from(chunk.compressed_size()).unwrap_or(0));
    if lengths.fold(0, u64::saturating_add) > size {
        return Err(ReadError::malformed("columns of row groups that overlap"));
    }
    Ok(())
}

/// Where a column of a row group is. Lies within the file.
fn range<S: Source>(chunk: &ColumnChunkMetaData, source: &S) -> Result<Range<u64>, ReadError> {
    if chunk.file_path().is_some() {
        return Err(ReadError::unsupported("a column that is in another file"));
    }
    let data = chunk.data_page_offset();
    // Some writers leave away where the dictionary is, and some say that it is at 0.
    let begin = chunk.dictionary_page_offset().filter(|at| (1..data).contains(at)).unwrap_or(data);
    let range = u64::try_from(begin).ok().zip(u64::try_from(chunk.compressed_size()).ok());
    let range = range.and_then(|(begin, length)| Some(begin..begin.checked_add(length)?));
    range
        .filter(|range| range.end <= source.size_bytes())
        .ok_or(ReadError::malformed("a column that is not within the file"))
}

/// The file's type of a column, in the words of its format.
fn described(column: &ColumnDescriptor) -> String {
    let repeated = if column.max_rep_level() > 0 { "repeated " } else { "" };
    match column.logical_type_ref() {
        Some(logical) => format!("{repeated}{} ({logical:?})", column.physical_type()),
        None => format!("{repeated}{} ({})", column.physical_type(), column.converted_type()),
    }
}
