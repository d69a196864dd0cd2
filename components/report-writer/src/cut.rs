//! Cutting an unknown key space into ranges, by asking for single keys.
//!
//! Where keys go apart is found by asking what comes after a beginning that one of them has: first how long the
//! beginning is that all of them share, then which characters follow it. The characters are taken to be of equal
//! weight, so ranges may differ in size; a range that turns out to be long is cut again. It takes about four
//! questions, each as dear as a page of a listing. No key is lost or listed twice whatever the cuts are.

/// The most questions for one cut: odd keys, such as those of a few scattered scripts, are then cut unevenly.
const PROBES_MAX: u32 = 24;

/// Sorts after every character that keys hold in practice. A key that does hold it may land one range further left.
const LAST: char = '\u{10FFFF}';

/// Where characters of one kind end: keys tend to go apart in a digit or in a letter.
const KINDS_END: [char; 8] = ['/', '9', '@', 'Z', '`', 'z', '\u{7f}', LAST];

/// What is known of the keys that are to be cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeySpace<'a> {
    /// What every key begins with.
    pub(crate) prefix: &'a str,
    /// The first of the keys.
    pub(crate) first: &'a str,
    /// A key of the neighbourhood: where it and the first one go apart, others may as well.
    pub(crate) neighbour: &'a str,
}

/// Cuts keys into at most `ranges` ranges. Returns where they end, ascending, but for the last one.
///
/// Where fewer characters than that follow what all keys share, each range is cut again by the character after it if
/// `is_deep`: those are guessed, as each question costs a page.
///
/// `first_after` answers the first key that is to be cut and that is greater than its argument. The ends need not be
/// keys.
///
/// # Errors
/// Those of `first_after`.
pub(crate) fn cut<E>(
    space: KeySpace<'_>,
    ranges: u32,
    is_deep: bool,
    first_after: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<Vec<String>, E> {
    if ranges <= 1 {
        return Ok(Vec::new());
    }
    let mut probing = Probing { space, first_after, probes: 0 };
    let Some(fork) = probing.fork()? else { return Ok(Vec::new()) };
    let characters = probing.characters(&fork)?;
    let wanted = u64::from(ranges.min(characters.len()));
    let ends = (1..=wanted).filter_map(|part| {
        let count = part * u64::from(characters.len()) / wanted;
        characters.get(u32::try_from(count).ok()?.checked_sub(1)?)
    });
    let again = if is_deep { ranges / characters.len().max(1) } else { 1 };
    let next = space.first.get(fork.shared.len()..).and_then(|rest| rest.chars().nth(1));
    let within = next.map(|next| within_kind(next, again)).unwrap_or_default();
    let ends = ends.flat_map(|last| {
        let deeper = within.iter().map(move |next| format!("{last}{next}"));
        deeper.chain([last.to_string()])
    });
    let mut ends: Vec<String> = ends.map(|end| format!("{}{end}{LAST}", fork.shared)).collect();
    // What lies behind the last end is the last range.
    ends.pop();
    ends.retain(|end| end.as_str() > space.first);
    ends.dedup();
    Ok(ends)
}

/// Characters that cut those of one's kind into so many portions; one fewer than portions.
fn within_kind(character: char, portions: u32) -> Vec<char> {
    let at = KINDS_END.partition_point(|end| *end < character);
    // What is neither a digit nor a letter has too few or too many neighbours.
    if !character.is_ascii_alphanumeric() {
        return Vec::new();
    }
    let begin = at.checked_sub(1).and_then(|at| KINDS_END.get(at)).map_or(0, |end| *end as u32 + 1);
    let length = kind_end(character) as u32 - begin + 1;
    let portions = portions.min(length);
    (1..portions).map(|part| char_at(begin + part * length / portions - 1)).collect()
}

/// Where keys go apart.
struct Fork {
    /// What all of them begin with.
    shared: String,
    /// The next characters of two of them.
    first: char,
    other: char,
}

struct Probing<'a, F> {
    space: KeySpace<'a>,
    first_after: F,
    probes: u32,
}

impl<E, F: FnMut(&str) -> Result<Option<String>, E>> Probing<'_, F> {
    /// Finds the longest beginning that all keys share, and what follows it; none if there are no two keys.
    fn fork(&mut self) -> Result<Option<Fork>, E> {
        let KeySpace { prefix, first, neighbour } = self.space;
        let mut shared = common(first, neighbour).max(prefix.len());
        let mut other = Some(neighbour.to_owned()).filter(|neighbour| neighbour.as_str() > first);
        let mut is_shared_by_all = false;
        // Where a key before the first one goes apart from it, one behind it may as well.
        if other.is_none()
            && let Some(next) = first.get(shared..).and_then(|rest| rest.chars().next())
        {
            let longer = shared + next.len_utf8();
            if let Some(beyond) = self.beyond(first.get(..longer).unwrap_or_default())? {
                shared = common(first, &beyond).max(prefix.len());
                other = Some(beyond);
            } else {
                (shared, is_shared_by_all) = (longer, true);
            }
        }
        // Whatever is beyond the beginning goes apart from the first key earlier.
        while !is_shared_by_all
            && shared > prefix.len()
            && self.probes < PROBES_MAX
            && let Some(beyond) = self.beyond(first.get(..shared).unwrap_or_default())?
        {
            shared = common(first, &beyond).max(prefix.len());
            other = Some(beyond);
        }
        let other = match other {
            Some(other) => Some(other),
            None => self.farther(&mut shared)?,
        };
        let shared = first.get(..shared).unwrap_or_default().to_owned();
        Ok(other.and_then(|other| {
            let other = next_char(&shared, &other)?;
            Some(Fork { first: next_char(&shared, first).unwrap_or(other), other, shared })
        }))
    }

    /// All keys share what the first two do, and maybe more: finds how much, and a key that goes apart right there.
    fn farther(&mut self, shared: &mut usize) -> Result<Option<String>, E> {
        let first = self.space.first;
        let Some(second) = self.probe(first)? else { return Ok(None) };
        // No more than these two do.
        let most = common(first, &second);
        let ends: Vec<usize> = first
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .filter(|end| *end > *shared && *end <= most)
            .collect();
        // All keys share the first `low` of these ends. Not all share the first `high`, or nobody knows.
        let (mut low, mut high, mut other) = (0, ends.len() + 1, second);
        while high - low > 1 && self.probes < PROBES_MAX {
            let middle = low.midpoint(high);
            let end = middle.checked_sub(1).and_then(|at| ends.get(at)).copied().unwrap_or(*shared);
            match self.beyond(first.get(..end).unwrap_or_default())? {
                None => low = middle,
                Some(beyond) => {
                    let apart = common(first, &beyond);
                    high = ends.partition_point(|end| *end <= apart) + 1;
                    high = high.min(middle);
                    other = beyond;
                }
            }
        }
        *shared = low.checked_sub(1).and_then(|at| ends.get(at)).copied().unwrap_or(*shared);
        Ok((common(first, &other) == *shared).then_some(other))
    }

    /// The characters that follow what all keys share, as far as a few questions tell.
    fn characters(&mut self, fork: &Fork) -> Result<Characters, E> {
        let mut characters = Characters::default();
        let (mut from, mut to) = (fork.other, kind_end(fork.other));
        if kind_end(fork.first) == to {
            from = fork.first;
        } else {
            characters.0.push((fork.first, kind_end(fork.first)));
        }
        let mut known = fork.other;
        while let Some(next) = self.next_beyond(fork, to)?.filter(|next| *next > to) {
            characters.0.push((from, to));
            (from, to, known) = (next, kind_end(next), next);
        }
        // A third more or less makes little difference, and each question is as dear as a page.
        while to as u32 - known as u32 > (to as u32 - from as u32) / 3 && self.probes < PROBES_MAX {
            let middle = between(known, to);
            match self.next_beyond(fork, middle)? {
                Some(next) => known = next.clamp(middle, to),
                None => to = middle,
            }
        }
        characters.0.push((from, to));
        Ok(characters)
    }

    /// A character that follows what all keys share, greater than `character`.
    fn next_beyond(&mut self, fork: &Fork, character: char) -> Result<Option<char>, E> {
        if self.probes >= PROBES_MAX {
            return Ok(None);
        }
        let beyond = self.beyond(&format!("{}{character}", fork.shared))?;
        Ok(beyond.and_then(|key| next_char(&fork.shared, &key)))
    }

    /// A key that is greater than all that begin so.
    fn beyond(&mut self, beginning: &str) -> Result<Option<String>, E> {
        self.probe(&format!("{beginning}{LAST}"))
    }

    fn probe(&mut self, after: &str) -> Result<Option<String>, E> {
        self.probes += 1;
        (self.first_after)(after)
    }
}

/// How many bytes two keys have in common, in whole characters.
fn common(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    same.map(|(c, _)| c.len_utf8()).sum()
}

fn next_char(beginning: &str, key: &str) -> Option<char> {
    key.strip_prefix(beginning)?.chars().next()
}

/// Characters from one to another, several times, ascending.
#[derive(Default)]
struct Characters(Vec<(char, char)>);

impl Characters {
    fn len(&self) -> u32 {
        self.0.iter().map(|(from, to)| *to as u32 - *from as u32 + 1).sum()
    }

    fn get(&self, mut index: u32) -> Option<char> {
        for (from, to) in &self.0 {
            let length = *to as u32 - *from as u32 + 1;
            if index < length {
                return Some(char_at(*from as u32 + index));
            }
            index -= length;
        }
        None
    }
}

fn kind_end(character: char) -> char {
    let at = KINDS_END.partition_point(|end| *end < character);
    KINDS_END.get(at).copied().unwrap_or(LAST)
}

/// The character half-way from one to a greater one; never that one itself.
fn between(low: char, high: char) -> char {
    char_at((low as u32).midpoint(high as u32)).max(low)
}

/// The character of this number, or the one before it where there is none.
fn char_at(number: u32) -> char {
    // The only numbers without characters that lie between two of them are surrogates.
    char::from_u32(number).unwrap_or('\u{D7FF}')
}

#[cfg(test)]
mod tests;
