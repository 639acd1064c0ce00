//! Whatever fails: a change that was answered is there, one that was refused is not, and a damaged file is
//! recognised.

mod damage;
pub(crate) mod faults;
mod versions;

use super::*;

/// A place for a store.
fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cloud.redb");
    (directory, path)
}

fn row(id: &str, value: Option<&str>) -> Row {
    Row { collection: "vpcs", id: id.into(), value: value.map(Into::into) }
}

fn rows(pairs: &[(&str, &str)]) -> Rows {
    pairs.iter().map(|(id, value)| (("vpcs".into(), (*id).into()), (*value).into())).collect()
}

/// A store with a few changes, closed.
fn stored(path: &Path) -> Contents {
    let store = Store::open(path).unwrap().0;
    for id in ["a", "b", "c"] {
        store.write(&[row(id, Some(&format!("\"{}\"", id.repeat(900))))]).unwrap();
    }
    drop(store);
    Contents::of_file(path).unwrap()
}

#[test]
fn rows_are_there_after_opening_again() {
    let (_directory, path) = place();
    let store = Store::open(&path).unwrap().0;
    store.write(&[row("b", Some("2")), row("a", Some("1"))]).unwrap();
    store.write(&[row("b", None), row("c", Some("3"))]).unwrap();
    drop(store);
    let contents = Store::open(&path).unwrap().1;
    assert_eq!(contents, Contents { change: 2, rows: rows(&[("a", "1"), ("c", "3")]), ..Contents::default() });
}

#[test]
fn a_second_opener_is_refused() {
    let (_directory, path) = place();
    let _store = Store::open(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Taken(_))));
}

#[test]
fn a_file_whose_rows_have_gone_becomes_small() {
    let (_directory, path) = place();
    let store = Store::open(&path).unwrap().0;
    let many: Vec<String> = (0..20_000).map(|id| format!("i-{id}")).collect();
    let large = format!("\"{}\"", "x".repeat(400));
    store.write(&many.iter().map(|id| row(id, Some(&large))).collect::<Vec<_>>()).unwrap();
    store.write(&many.iter().skip(1).map(|id| row(id, None)).collect::<Vec<_>>()).unwrap();
    let length = || fs::metadata(&path).unwrap().len();
    assert!(length() > 8 << 20);
    store.keep_up(true);
    assert!(length() <= SMALL, "{}", length());
    // The store still works.
    store.write(&[row("another", Some("1"))]).unwrap();
    assert_eq!(Contents::of_file(&path).unwrap().rows.len(), 2);
}

#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = place();
    let store = Store::open(&path).unwrap().0;
    store.keep_up(true);
    for entry in fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}
