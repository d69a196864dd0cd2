//! Folders as values.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Every file below a folder, by its path from there. What is neither file nor folder has no content.
pub fn snapshot(folder: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, &mut Vec::new(), &mut files);
    files
}

/// The paths of a snapshot, escaped.
pub fn names(files: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<String> {
    files.keys().map(|path| path.escape_ascii().to_string()).collect()
}

/// Says where two folders differ, without showing kilobytes of it.
#[track_caller]
pub fn assert_same(
    one: &BTreeMap<Vec<u8>, Vec<u8>>,
    other: &BTreeMap<Vec<u8>, Vec<u8>>,
    what: &str,
) {
    assert_eq!(names(one), names(other), "{what}: different files");
    for (path, bytes) in one {
        let there = &other[path];
        let same = bytes.iter().zip(there).take_while(|(one, other)| one == other).count();
        assert!(
            bytes == there,
            "{what}: `{}` differs from byte {same} on, {} and {} bytes",
            path.escape_ascii(),
            bytes.len(),
            there.len()
        );
    }
}

fn collect(folder: &Path, path: &mut Vec<u8>, files: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let length = path.len();
        path.extend_from_slice(entry.file_name().as_bytes());
        if entry.file_type().unwrap().is_dir() {
            path.push(b'/');
            collect(&folder.join(OsStr::from_bytes(entry.file_name().as_bytes())), path, files);
        } else {
            files.insert(path.clone(), fs::read(entry.path()).unwrap_or_default());
        }
        path.truncate(length);
    }
}
