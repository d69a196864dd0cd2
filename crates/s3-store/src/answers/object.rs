//! Content of objects.

use super::{Flaw, Response, invalid, whole_number};

/// A range of an object as it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(crate) first: u64,
    /// Not before the first.
    pub(crate) last: u64,
}

/// The bytes of a range, fewer than asked for only at the end of the object. None where the store answers the whole
/// object instead, which is not read.
pub(crate) fn range(response: &Response<'_>, asked: Range) -> Result<Option<Vec<u8>>, Flaw> {
    if response.status != 206 {
        // There is no range of nothing, and some stores answer the whole of it.
        return Ok((response.declared()? == Some(0)).then(Vec::new));
    }
    let name = "content-range";
    let text = response
        .header(name)?
        .ok_or_else(|| Flaw::Wrong("status 206 without the header `content-range`".to_owned()))?;
    let (found, size) =
        parsed(text).ok_or_else(|| invalid(name, text, "a range such as `bytes 0-9/10`"))?;
    let wanted_last = size.map_or(asked.last, |size| asked.last.min(size.saturating_sub(1)));
    if found.first != asked.first || found.last != wanted_last {
        let Range { first, last } = asked;
        return Err(Flaw::Wrong(format!("bytes {first}-{last} were asked for, and `{text}` came")));
    }
    let bytes = response.body()?;
    let length = found.last - found.first + 1;
    let came = bytes.len();
    if (came as u64) < length {
        return Err(Flaw::Cut(format!(
            "the answer is cut: {came} of the {length} bytes of `{text}`"
        )));
    }
    if came as u64 > length {
        return Err(Flaw::Wrong(format!("more than the {length} bytes of `{text}` came")));
    }
    Ok(Some(bytes.to_vec()))
}

/// The range in `bytes 0-9/10`, and the size of the object where it is told.
fn parsed(text: &str) -> Option<(Range, Option<u64>)> {
    let number = |text| whole_number("content-range", text).ok();
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let range = Range { first: number(first)?, last: number(last)? };
    let size = if size == "*" { None } else { Some(number(size)?) };
    (range.first <= range.last && size.is_none_or(|size| range.last < size))
        .then_some((range, size))
}

/// Whether an object's content is this; with its entity tag if so.
pub(crate) fn is_content(response: &Response<'_>, content: &[u8]) -> Result<Option<String>, Flaw> {
    if response.declared()?.is_some_and(|size| size != content.len() as u64) {
        return Ok(None);
    }
    if response.body()? != content {
        return Ok(None);
    }
    Ok(response.header("etag")?.map(|etag| super::unquoted(etag).to_owned()))
}
