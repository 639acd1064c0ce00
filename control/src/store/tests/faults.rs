//! A disk that fails now and then, compared with a map in memory.

use super::*;
use nix::errno::Errno;
use proptest::prelude::*;
use redb::StorageBackend;
use std::sync::Arc;

/// A disk that accepts `left` more writes and then fails `failures` times.
#[derive(Debug, Default)]
struct Disk {
    bytes: Vec<u8>,
    left: u32,
    failures: u32,
    error: i32,
}

impl Disk {
    /// Whether the next write succeeds. A failing write may be done in part.
    fn works(&mut self) -> io::Result<()> {
        if self.failures == 0 {
            return Ok(());
        }
        if self.left > 0 {
            self.left -= 1;
            return Ok(());
        }
        self.failures -= 1;
        Err(io::Error::from_raw_os_error(self.error))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Faulty(Arc<Mutex<Disk>>);

impl Faulty {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    /// Fails with this error after `left` writes, this many times.
    fn fail(&self, error: Errno, left: u32, failures: u32) {
        let mut disk = self.disk();
        (disk.error, disk.left, disk.failures) = (error as i32, left, failures);
    }

    /// Makes the disk full, or gives it space again.
    pub(crate) fn fill(&self, full: bool) {
        self.fail(Errno::ENOSPC, 0, if full { u32::MAX } else { 0 });
    }

    /// A store on this disk.
    pub(crate) fn store(&self, path: &Path) -> Store {
        Contents::default().write_file(path).unwrap();
        self.disk().bytes = fs::read(path).unwrap();
        let disk = self.clone();
        let open = move |_: &Path| {
            Ok(Database::builder().set_check_integrity_on_open(true).create_with_backend(disk.clone())?)
        };
        Store::open_with(path, Box::new(open)).unwrap().0
    }

    /// What would be found after a crash now.
    pub(crate) fn contents(&self) -> Contents {
        let (_directory, path) = place();
        fs::write(&path, &self.disk().bytes).unwrap();
        Contents::of_file(&path).unwrap()
    }
}

impl StorageBackend for Faulty {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = offset as usize;
        let disk = self.disk();
        let there = disk.bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(there);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut disk = self.disk();
        disk.works()?;
        disk.bytes.resize(length as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk().works()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        disk.works()?;
        let start = offset as usize;
        disk.bytes[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// A change, and how the disk fails during it: after how many writes, and how often.
type Try = (Vec<(u8, Option<u16>)>, Option<(u32, u32)>);

fn a_try() -> impl Strategy<Value = Try> {
    let rows = prop::collection::vec((0..12u8, prop::option::of(1..3000u16)), 1..5);
    (rows, prop::option::of((0..16u32, prop_oneof![1..4u32, Just(u32::MAX)])))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_failed_write_leaves_no_trace_and_an_answered_one_stays(tries in prop::collection::vec(a_try(), 1..12)) {
        let (_directory, path) = place();
        let disk = Faulty::default();
        let store = disk.store(&path);
        let mut expected = Rows::new();
        for (rows, fault) in tries {
            let (left, failures) = fault.unwrap_or_default();
            let error = if left % 2 == 0 { Errno::ENOSPC } else { Errno::EIO } as i32;
            { let mut disk = disk.disk(); (disk.left, disk.failures, disk.error) = (left, failures, error); }
            // One value for each row, as in the model.
            let rows: BTreeMap<u8, Option<u16>> = rows.into_iter().collect();
            let value = |length: u16| "x".repeat(length.into());
            let change: Vec<Row> =
                rows.iter().map(|(id, length)| row(&id.to_string(), length.map(value).as_deref())).collect();
            match store.write(&change) {
                Ok(()) => for Row { collection, id, value } in change {
                    let key = (collection.to_owned(), id);
                    match value {
                        Some(value) => expected.insert(key, value),
                        None => expected.remove(&key),
                    };
                },
                Err(error) => prop_assert!(error.may_pass() && fault.is_some(), "{error}"),
            }
        }
        disk.fill(false);
        store.write(&[]).unwrap();
        prop_assert_eq!(disk.contents().rows, expected);
    }
}

#[test]
fn the_error_of_a_full_disk_says_only_that() {
    let (_directory, path) = place();
    let disk = Faulty::default();
    let store = disk.store(&path);
    disk.fill(true);
    for _ in 0..3 {
        let error = store.write(&[row("a", Some("1"))]).unwrap_err().to_string();
        assert!(error.contains("cloud.redb") && error.contains("the disk is full"), "{error}");
        assert!(!error.contains("fresh"), "{error}");
    }
    disk.fill(false);
    store.write(&[row("b", Some("2"))]).unwrap();
    assert_eq!(disk.contents().rows, rows(&[("b", "2")]));
}

#[test]
fn a_change_that_is_taken_back_on_a_full_disk_is_taken_back_later() {
    let (_directory, path) = place();
    let disk = Faulty::default();
    let store = disk.store(&path);
    store.write(&[row("a", Some("1")), row("b", Some("2"))]).unwrap();
    disk.fill(true);
    store.owe(vec![row("a", None), row("b", Some("1"))]);
    disk.fill(false);
    store.write(&[row("c", Some("3"))]).unwrap();
    assert_eq!(disk.contents().rows, rows(&[("b", "1"), ("c", "3")]));
}

#[test]
fn a_store_that_can_only_be_read_is_read() {
    let (_directory, path) = place();
    let contents = stored(&path);
    let full = || redb::Error::Io(io::Error::from_raw_os_error(Errno::ENOSPC as i32));
    let room = Arc::new(Mutex::new(false));
    let has_room = room.clone();
    let open = move |path: &Path| if *has_room.lock().unwrap() { file::open(path) } else { Err(full()) };
    let (store, found) = Store::open_with(&path, Box::new(open)).unwrap();
    assert_eq!(found, contents);
    assert!(matches!(store.write(&[row("d", Some("4"))]), Err(StoreError::Full { .. })));
    *room.lock().unwrap() = true;
    store.write(&[row("d", Some("4"))]).unwrap();
}

#[test]
fn no_copy_is_better_than_half_a_copy() {
    let (_directory, path) = place();
    let store = Store::open(&path).unwrap().0;
    store.write(&[row("a", Some("1"))]).unwrap();
    store.keep_up(true);
    let before = copy::read(&copy::path(&path)).unwrap();
    let failed: Result<_, CopyError> = copy::write(&path, |out| {
        let mut writer = Writer::new(out, &Header::now(2))?;
        writer.row("vpcs", "a", b"2")?;
        Err(io::Error::from_raw_os_error(Errno::ENOSPC as i32).into())
    });
    assert!(failed.is_err());
    assert_eq!(copy::read(&copy::path(&path)).unwrap(), before);
    assert!(!durable::beside(&copy::path(&path), "new").exists());
}
