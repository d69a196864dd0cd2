//! Texts: each value once and references to it where they repeat, one after the other where they do not.

use std::collections::BTreeMap;

use super::chunks::{Chunks, Deflate};
use super::integers::{Integers, Sign};

/// How many texts are looked at before a column may be found to have too many different ones.
const TRIAL_VALUES: usize = 1000;

/// The most entries of a dictionary: references to them are 16 bits while they wait for the end of the stripe.
const ENTRIES_MAX: usize = 1 << 16;

/// The most bytes of a dictionary's texts.
///
/// There are up to 16 columns of texts, and dictionaries are not compressed before the stripe's end.
const DICTIONARY_BYTES_MAX: usize = 256 << 10;

/// What an entry takes beside its text: the text's place, the number, and a share of the tree.
const ENTRY_BYTES: usize = 48;

/// A column of texts without its nulls.
#[derive(Debug)]
pub(super) struct Texts {
    /// `None` where texts are written directly.
    dictionary: Option<Dictionary>,
    /// A column that was found to repeat itself too little is not tried again in the next stripe.
    tries_dictionary: bool,
    /// Either all texts or the dictionary's.
    data: Chunks,
    lengths: Integers,
    references: Integers,
}

/// Different texts in the order of their bytes, numbered as they came.
#[derive(Debug, Default)]
struct Dictionary {
    entries: BTreeMap<Box<str>, u16>,
    bytes: usize,
    /// The last text and its number: columns with a dictionary repeat themselves, most of all the bucket's name.
    last: Option<(String, u16)>,
    /// The number of each value's text.
    numbers: Vec<u16>,
    /// Where groups of rows begin, in `numbers`.
    marks: Vec<usize>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self {
            dictionary: Some(Dictionary::default()),
            tries_dictionary: true,
            data: Chunks::default(),
            lengths: Integers::new(Sign::Unsigned),
            references: Integers::new(Sign::Unsigned),
        }
    }

    /// Appends texts. Where a column changes to direct texts depends on where these calls cut it.
    pub(super) fn extend<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a str>,
        deflate: &mut Deflate,
    ) {
        for text in texts {
            if let Some(dictionary) = &mut self.dictionary {
                if dictionary.push(text) {
                    continue;
                }
                self.give_up_dictionary(deflate);
            }
            self.push(text, deflate);
        }
        let is_tried = |dictionary: &Dictionary| dictionary.numbers.len() >= TRIAL_VALUES;
        if self.dictionary.as_ref().is_some_and(|tried| is_tried(tried) && !tried.pays()) {
            self.give_up_dictionary(deflate);
        }
    }

    pub(super) fn mark(&mut self, deflate: &mut Deflate) {
        match &mut self.dictionary {
            Some(dictionary) => dictionary.marks.push(dictionary.numbers.len()),
            None => self.mark_direct(deflate),
        }
    }

    pub(super) fn append_position(&self, group: usize, out: &mut Vec<u64>) {
        if self.dictionary.is_some() {
            self.references.append_position(group, out);
        } else {
            self.data.append_position(group, out);
            self.lengths.append_position(group, out);
        }
    }

    pub(super) fn finish(&mut self, deflate: &mut Deflate) {
        match self.dictionary.take() {
            Some(dictionary) if dictionary.pays() => {
                self.write_dictionary(&dictionary, deflate);
                self.dictionary = Some(dictionary);
            }
            Some(dictionary) => self.write_direct(&dictionary, deflate),
            None => {}
        }
        self.data.finish(deflate);
        self.lengths.finish(deflate);
        self.references.finish(deflate);
    }

    /// How many entries the dictionary has, if there is one once the column is finished.
    pub(super) fn dictionary_entries(&self) -> Option<usize> {
        self.dictionary.as_ref().map(|dictionary| dictionary.entries.len())
    }

    /// The texts, or the dictionary's texts.
    pub(super) fn data(&self) -> &Chunks {
        &self.data
    }

    pub(super) fn lengths(&self) -> &Chunks {
        self.lengths.chunks()
    }

    /// Which entry of the dictionary each value is.
    pub(super) fn references(&self) -> &Chunks {
        self.references.chunks()
    }

    pub(super) fn clear(&mut self) {
        self.dictionary = self.tries_dictionary.then(Dictionary::default);
        self.data.clear();
        self.lengths.clear();
        self.references.clear();
    }

    pub(super) fn held(&self) -> usize {
        self.data.held()
            + self.lengths.chunks().held()
            + self.dictionary.as_ref().map_or(0, Dictionary::held)
    }

    pub(super) fn memory_size(&self) -> usize {
        self.data.memory_size()
            + self.lengths.chunks().memory_size()
            + self.references.chunks().memory_size()
            + self.dictionary.as_ref().map_or(0, Dictionary::held)
    }

    fn push(&mut self, text: &str, deflate: &mut Deflate) {
        self.data.append(text.as_bytes(), deflate);
        self.lengths.push(i64::try_from(text.len()).unwrap_or_default(), deflate);
    }

    fn mark_direct(&mut self, deflate: &mut Deflate) {
        self.data.mark();
        self.lengths.mark(deflate);
    }

    fn give_up_dictionary(&mut self, deflate: &mut Deflate) {
        self.tries_dictionary = false;
        if let Some(dictionary) = self.dictionary.take() {
            self.write_direct(&dictionary, deflate);
        }
    }

    fn write_direct(&mut self, dictionary: &Dictionary, deflate: &mut Deflate) {
        let mut texts = vec![""; dictionary.entries.len()];
        for (text, number) in &dictionary.entries {
            if let Some(place) = texts.get_mut(usize::from(*number)) {
                *place = text;
            }
        }
        dictionary.replay(|value| match value {
            None => self.mark_direct(deflate),
            Some(number) => {
                self.push(texts.get(number).copied().unwrap_or_default(), deflate);
            }
        });
    }

    fn write_dictionary(&mut self, dictionary: &Dictionary, deflate: &mut Deflate) {
        let mut places = vec![0; dictionary.entries.len()];
        for (place, (text, number)) in (0_i64..).zip(&dictionary.entries) {
            self.push(text, deflate);
            if let Some(place_of_number) = places.get_mut(usize::from(*number)) {
                *place_of_number = place;
            }
        }
        dictionary.replay(|value| match value {
            None => self.references.mark(deflate),
            Some(number) => {
                self.references.push(places.get(number).copied().unwrap_or_default(), deflate);
            }
        });
    }
}

impl Dictionary {
    /// Appends a text; `false` where there is no room for another entry.
    fn push(&mut self, text: &str) -> bool {
        if let Some((last, number)) = &self.last
            && last == text
        {
            self.numbers.push(*number);
            return true;
        }
        if let Some(number) = self.entries.get(text).copied() {
            self.remember(text, number);
            return true;
        }
        let Ok(number) = u16::try_from(self.entries.len()) else { return false };
        if self.bytes + text.len() > DICTIONARY_BYTES_MAX {
            return false;
        }
        self.bytes += text.len();
        self.entries.insert(text.into(), number);
        self.remember(text, number);
        true
    }

    fn remember(&mut self, text: &str, number: u16) {
        let (last, last_number) = self.last.get_or_insert_default();
        text.clone_into(last);
        *last_number = number;
        self.numbers.push(number);
    }

    /// Whether at most four of five values are different.
    fn pays(&self) -> bool {
        !self.numbers.is_empty() && self.entries.len() * 5 <= self.numbers.len() * 4
    }

    /// Tells every value's number, and `None` where a group of rows begins.
    fn replay(&self, mut tell: impl FnMut(Option<usize>)) {
        let mut marks = self.marks.iter().copied().peekable();
        for (at, number) in self.numbers.iter().enumerate() {
            while marks.next_if_eq(&at).is_some() {
                tell(None);
            }
            tell(Some(usize::from(*number)));
        }
        marks.for_each(|_| tell(None));
    }

    fn held(&self) -> usize {
        debug_assert!(self.entries.len() <= ENTRIES_MAX, "numbers have 16 bits");
        self.bytes + self.entries.len() * ENTRY_BYTES + self.numbers.len() * size_of::<u16>()
    }
}
