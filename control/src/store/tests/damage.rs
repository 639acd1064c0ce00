//! Damaged files.

use super::*;
use proptest::prelude::*;
use std::os::unix::fs::FileExt;

/// The message that refuses a store.
fn refusal(path: &Path) -> String {
    match Store::open(path) {
        Err(error @ StoreError::Damaged { .. }) => error.to_string(),
        Err(error) => panic!("{error:?}"),
        Ok((_, contents)) => panic!("taken, with {contents:?}"),
    }
}

/// A closed store with an up-to-date copy.
fn copied(path: &Path) -> Contents {
    let contents = stored(path);
    Store::open(path).unwrap().0.keep_up(true);
    contents
}

#[test]
fn a_file_that_is_empty_or_gone_or_zeros_is_no_new_cloud() {
    for spoil in [
        (|path| fs::write(path, "")) as fn(&Path) -> io::Result<()>,
        |path| fs::remove_file(path),
        |path| fs::write(path, vec![0; 65536]),
        |path| fs::write(path, "not a store"),
        |path| fs::File::options().write(true).open(path)?.set_len(16384),
        |path| fs::File::options().write(true).open(path)?.write_all_at(&[0; 4096], 8192),
    ] {
        let (directory, path) = place();
        let contents = copied(&path);
        spoil(&path).unwrap();
        let spoilt = fs::read(&path).ok();
        for _ in 0..2 {
            let refusal = refusal(&path);
            assert!(refusal.contains("cloud.redb is damaged") && refusal.contains("up --restore"), "{refusal}");
            assert!(refusal.contains("lacks nothing") && !refusal.contains("--fresh"), "{refusal}");
            assert_eq!(fs::read(&path).ok(), spoilt, "the file is not changed");
        }
        let told = restore(&path, None).unwrap();
        assert!(told.contains("lacks nothing"), "{told}");
        assert_eq!(Store::open(&path).unwrap().1, contents);
        let names = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path());
        let kept = names.filter(|path| path.to_string_lossy().contains("damaged-")).map(|kept| fs::read(kept).unwrap());
        assert_eq!(kept.collect::<Vec<_>>(), spoilt.into_iter().collect::<Vec<_>>(), "the damaged file is kept");
    }
}

#[test]
fn without_a_copy_no_restore_is_offered() {
    let (_directory, path) = place();
    stored(&path);
    fs::write(&path, "").unwrap();
    assert!(refusal(&path).contains("backup"));
    assert!(matches!(restore(&path, None), Err(RestoreError::Copy { .. })));
    // A damaged copy is no better.
    fs::write(path.with_extension("copy"), "{}").unwrap();
    assert!(refusal(&path).contains("backup"));
}

#[test]
fn an_earlier_store_is_recognised() {
    let (_directory, path) = place();
    copied(&path);
    let earlier = fs::read(&path).unwrap();
    let store = Store::open(&path).unwrap().0;
    store.write(&[row("d", Some("4"))]).unwrap();
    drop(store);
    let whole = Contents::of_file(&path).unwrap();
    fs::write(&path, &earlier).unwrap();
    assert!(refusal(&path).contains("last 1 of its changes"), "{}", refusal(&path));
    // The copy is no newer than the store, so the store is used, and the message says so.
    let told = restore(&path, None).unwrap();
    assert!(told.contains("lacks the last change"), "{told}");
    let contents = Store::open(&path).unwrap().1;
    assert_eq!((contents.change, contents.rows.len()), (whole.change - 1, whole.rows.len() - 1));
}

#[test]
fn a_sound_store_is_left_alone_unless_an_export_is_named() {
    let (directory, path) = place();
    let contents = copied(&path);
    let export = directory.path().join("export");
    fs::copy(path.with_extension("copy"), &export).unwrap();
    Store::open(&path).unwrap().0.write(&[row("a", None)]).unwrap();
    let told = restore(&path, None).unwrap();
    assert!(told.contains("nothing to restore"), "{told}");
    assert_eq!(Store::open(&path).unwrap().1.rows.len(), contents.rows.len() - 1);
    restore(&path, Some(&export)).unwrap();
    assert_eq!(Store::open(&path).unwrap().1, contents);
}

#[test]
fn a_removed_store_is_replaced_by_a_new_one() {
    let (_directory, path) = place();
    copied(&path);
    fs::write(&path, "").unwrap();
    forget(&path).unwrap();
    assert_eq!(Store::open(&path).unwrap().1, Contents::default());
}

thread_local! {
    /// A store's contents and its file, both closed and as a kill leaves it.
    static SOUND: (Contents, [Vec<u8>; 2]) = {
        let (_directory, path) = place();
        let contents = stored(&path);
        let closed = fs::read(&path).unwrap();
        forget(&path).unwrap();
        let store = Store::open(&path).unwrap().0;
        contents.rows.iter().for_each(|((_, id), value)| {
            store.write(&[Row { collection: "vpcs", id: id.clone(), value: Some(value.clone()) }]).unwrap();
        });
        (contents, [closed, fs::read(&path).unwrap()])
    };
}

/// Opens a file with these bytes, in the place of a store with these contents.
fn opened(bytes: &[u8], contents: &Contents) -> Result<Contents, StoreError> {
    let (_directory, path) = place();
    fs::write(&path, bytes).unwrap();
    Count::open(&path).unwrap().set(contents.change);
    Store::open(&path).map(|(_, contents)| contents)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A flipped bit is either in unused bytes or makes the file refused. It never causes a panic.
    #[test]
    fn no_flipped_bit_goes_unseen(place_of_bit: prop::sample::Index, low: bool, bit in 0..8u8, killed: bool) {
        let (contents, files) = SOUND.with(Clone::clone);
        let mut bytes = files[usize::from(killed)].clone();
        // Most used bytes are at the beginning.
        let byte = place_of_bit.index(if low { bytes.len().min(24576) } else { bytes.len() });
        bytes[byte] ^= 1 << bit;
        match opened(&bytes, &contents) {
            Ok(found) => prop_assert_eq!(found, contents),
            Err(error) => prop_assert!(matches!(error, StoreError::Damaged { .. }), "{:?}", error),
        }
    }

    #[test]
    fn no_cut_goes_unseen(place_of_cut: prop::sample::Index, killed: bool) {
        let (contents, files) = SOUND.with(Clone::clone);
        let bytes = &files[usize::from(killed)];
        match opened(&bytes[..place_of_cut.index(bytes.len())], &contents) {
            Ok(found) => prop_assert_eq!(found, contents),
            Err(error) => prop_assert!(matches!(error, StoreError::Damaged { .. }), "{:?}", error),
        }
    }
}
