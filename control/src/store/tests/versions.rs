//! Files of other versions.

use super::*;
use model::{Kind, Model};

/// Made by version 1, which had no numbers: a VPC with a subnet, a linked EC2-Classic instance, a terminated instance.
const VERSION_1: &[u8] = include_bytes!("../fixtures/version-1.redb");

#[test]
fn a_file_of_version_1_is_migrated_and_kept() {
    let (_directory, path) = place();
    fs::write(&path, VERSION_1).unwrap();
    let before = Contents::of_file(&path).unwrap();
    assert_eq!((before.version, before.change), (1, 0));
    let contents = Store::open(&path).unwrap().1;
    assert_eq!(contents.version, VERSION);
    assert_eq!(contents.rows.len(), before.rows.len());
    let mut model = Model::new(0);
    for ((collection, _), value) in &contents.rows {
        let kind = Kind::ALL.iter().find(|kind| kind.name() == collection).unwrap();
        model.load(*kind, std::str::from_utf8(value).unwrap()).unwrap();
    }
    let linked = model.instances.iter().filter(|instance| instance.link().is_some()).count();
    assert_eq!((model.instances.len(), linked), (2, 1));
    // It is migrated once, and the old file is kept.
    assert_eq!(Contents::of_file(&path).unwrap(), contents);
    assert_eq!(fs::read(path.with_extension("redb.version-1")).unwrap(), VERSION_1);
}

#[test]
fn a_copy_of_version_1_is_restored() {
    let (directory, path) = place();
    fs::write(&path, VERSION_1).unwrap();
    let Contents { version, change, rows } = Contents::of_file(&path).unwrap();
    let export = directory.path().join("export");
    let mut writer =
        Writer::new(fs::File::create(&export).unwrap(), &Header { version, ..Header::now(change) }).unwrap();
    rows.iter().for_each(|((collection, id), value)| writer.row(collection, id, value).unwrap());
    writer.finish().unwrap();
    restore(&path, Some(&export)).unwrap();
    let contents = Store::open(&path).unwrap().1;
    assert_eq!((contents.version, contents.rows.len()), (VERSION, rows.len()));
}

#[test]
fn a_newer_file_is_refused_untouched_and_can_be_exported() {
    let (_directory, path) = place();
    for found in [0, VERSION + 1] {
        let newer = Contents { version: found, change: 7, rows: rows(&[("a", "1")]) };
        newer.write_file(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        let error = Store::open(&path).err().unwrap().to_string();
        assert!(error.contains("classiclink backup") && !error.contains("fresh"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(Contents::of_file(&path).unwrap(), newer);
        // Restoring does not change it either.
        assert!(restore(&path, None).unwrap().contains("nothing to restore"));
    }
}
