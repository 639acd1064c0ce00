//! Checks of the scenario files: every one can be read, and the schema, the table and the gallery's index are current.
//!
//! `UPDATE=1 cargo test -p scenarios --test files` writes them.

use scenarios::format::load::{Loaded, load};
use scenarios::{format, index};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn all() -> Vec<Loaded> {
    load(&[root().to_owned()]).unwrap_or_else(|error| panic!("{error}"))
}

fn assert_current(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, wanted).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(written == wanted, "{} is out of date: UPDATE=1 cargo test -p scenarios --test files", path.display());
}

#[test]
fn the_schema_is_current() {
    assert_current(&root().join("schema.json"), &format::schema());
}

#[test]
fn the_table_is_current_and_complete() {
    let (start, end) = ("<!-- the table -->\n", "<!-- end of the table -->\n");
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let table = index::table(&all(), root());
    let empty: Vec<_> = table.lines().filter(|line| line.ends_with("|  |")).collect();
    assert!(empty.is_empty(), "no scenario proves {empty:?}");
    assert_current(&path, &format!("{before}{start}{table}{end}{after}"));
}

#[test]
fn the_index_of_the_gallery_is_current_and_complete() {
    let folder = root().join("bugs");
    let faults = load(std::slice::from_ref(&folder)).unwrap();
    let index = index::gallery(&faults, |file| fs::read_to_string(file).unwrap());
    let silent: Vec<_> = index.lines().filter(|line| line.ends_with("|  |")).collect();
    assert!(silent.is_empty(), "no report in {silent:?}");
    let path = folder.join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, _) = readme.split_once("| fault |").unwrap();
    assert_current(&path, &format!("{before}{index}"));
}

#[test]
fn every_file_starts_with_its_schema_and_a_comment() {
    for loaded in all() {
        let path = loaded.path.display();
        let text = fs::read_to_string(&loaded.path).unwrap();
        let mut lines = text.lines();
        let schema = lines.next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let schema = schema.unwrap_or_else(|| panic!("{path} does not name its schema"));
        let found: PathBuf = loaded.path.parent().unwrap().join(schema);
        assert!(found.exists(), "{path} names a schema that is not there");
        assert!(lines.next().is_some_and(|line| line.starts_with("# ")), "{path} does not start with a comment");
    }
}
