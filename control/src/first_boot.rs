//! The user data of instances, run as a script at their first boot if `up --run-user-data` allows it. A script begins
//! with `#!`. Its output is the instance's console output.
//!
//! A script continues while control restarts: it writes to a file, which control reads.

use crate::link::Promise;
use crate::service::Service;
use crate::state::State;
use data_encoding::BASE64;
use model::{Console, InstanceState, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{MissedTickBehavior, interval};

/// How often the output of scripts is read.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The size in bytes at which the beginning of an output file is cut off.
const LONGEST: u64 = 16 * Console::KEPT as u64;

/// Runs scripts as instances come up. Never returns.
pub async fn run_scripts(service: Arc<Service>, state: State) {
    let place = Place { state };
    let mut news = service.follow();
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Instances that run already were handled by an earlier control, or had no script to run.
    let mut booted: BTreeSet<String> = service.look(|model| {
        model
            .instances
            .iter()
            .filter(|instance| instance.state != InstanceState::Pending || place.script(&instance.id).exists())
            .map(|one| one.id.clone())
            .collect()
    });
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        tokio::select! {
            _ = news.changed() => {
                for (id, script) in service.look(|model| first_boots(model, &booted)) {
                    if let Some(script) = script && let Err(error) = place.start(&id, &script) {
                        tracing::warn!(instance = id, %error, "cannot run the user data of an instance");
                    }
                    booted.insert(id);
                }
            }
            _ = look.tick() => tell(&service, &place, &mut told).await,
        }
    }
}

/// Instances that run for the first time, with their scripts.
fn first_boots(model: &Model, booted: &BTreeSet<String>) -> Vec<(String, Option<Vec<u8>>)> {
    let first = model.instances.iter().filter(|one| one.state == InstanceState::Running && !booted.contains(&one.id));
    first.map(|one| (one.id.clone(), one.user_data.as_deref().and_then(script))).collect()
}

/// The user data, if it is a script.
fn script(user_data: &str) -> Option<Vec<u8>> {
    BASE64.decode(user_data.as_bytes()).ok().filter(|data| data.starts_with(b"#!"))
}

/// Adds new output to the model.
async fn tell(service: &Arc<Service>, place: &Place, told: &mut BTreeMap<String, u64>) {
    let is_there = |id: &String| service.look(|model| model.instances.get(id).is_some());
    let mut printed = Vec::new();
    for (id, length) in place.consoles() {
        if !is_there(&id) {
            place.forget(&id);
            told.remove(&id);
        } else if told.get(&id) != Some(&length) {
            match place.end_of(&id) {
                Ok((output, length)) => {
                    told.insert(id.clone(), length);
                    printed.push((id, output));
                }
                Err(error) => tracing::debug!(instance = id, %error, "cannot read a console"),
            }
        }
    }
    if printed.is_empty() {
        return;
    }
    let now = service.now();
    let note = move |model: &mut Model| -> Result<(), Infallible> {
        printed.into_iter().for_each(|(id, output)| model.note_console(&id, output, now));
        Ok(())
    };
    if let Err(error) = service.change(Promise::Begun, note).await {
        // The next round reads it again.
        told.clear();
        tracing::debug!(%error, "cannot store the console output");
    }
}

/// The directory of scripts and their output.
struct Place {
    state: State,
}

impl Place {
    fn console(&self, instance: &str) -> PathBuf {
        self.state.consoles().join(instance)
    }

    fn script(&self, instance: &str) -> PathBuf {
        self.console(instance).with_extension("script")
    }

    /// Starts a script in its instance. It ends by itself or with the instance.
    fn start(&self, instance: &str, script: &[u8]) -> io::Result<()> {
        fs::create_dir_all(self.state.consoles())?;
        let file = self.script(instance);
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o700).open(&file)?.write_all(script)?;
        let console = OpenOptions::new().append(true).create(true).mode(0o600).open(self.console(instance))?;
        // Not by the program's path, which may have another program by now, or none.
        let mut child = Command::new("/proc/self/exe")
            .arg0("classiclink")
            .args(["exec", "--state"])
            .arg(self.state.path())
            .args([instance, "--"])
            .arg(&file)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(console.try_clone()?)
            .stderr(console)
            .process_group(0)
            .spawn()?;
        let instance = instance.to_owned();
        tokio::spawn(async move {
            match child.wait().await {
                Ok(status) => tracing::info!(instance, "the user data's script ended ({status})"),
                Err(error) => tracing::warn!(instance, %error, "cannot wait for the user data's script"),
            }
        });
        Ok(())
    }

    /// All output files: the instance, and the size in bytes.
    fn consoles(&self) -> Vec<(String, u64)> {
        let files = fs::read_dir(self.state.consoles()).into_iter().flatten().flatten();
        let console = |file: fs::DirEntry| {
            let name = file.file_name().into_string().ok().filter(|name| !name.contains('.'))?;
            Some((name, file.metadata().ok()?.len()))
        };
        files.filter_map(console).collect()
    }

    /// The end of an output file and its size. A file that is too long is cut down to that end.
    fn end_of(&self, instance: &str) -> io::Result<(Vec<u8>, u64)> {
        let path = self.console(instance);
        let mut file = OpenOptions::new().read(true).append(true).open(&path)?;
        let length = file.metadata()?.len();
        let end = last(&mut file, length)?;
        if length <= LONGEST {
            return Ok((end, length));
        }
        file.set_len(0)?;
        file.write_all(&end)?;
        Ok((end, file.metadata()?.len()))
    }

    fn forget(&self, instance: &str) {
        for path in [self.console(instance), self.script(instance)] {
            remove(&path);
        }
    }
}

fn last(file: &mut File, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(length.saturating_sub(Console::KEPT as u64)))?;
    let mut end = Vec::new();
    file.take(Console::KEPT as u64).read_to_end(&mut end)?;
    Ok(end)
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(path = %path.display(), %error, "a file stays");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_user_data_that_begins_with_a_shebang_is_a_script() {
        assert_eq!(script(&BASE64.encode(b"#!/bin/sh\ntrue\n")), Some(b"#!/bin/sh\ntrue\n".to_vec()));
        for other in [&b"#cloud-config\n"[..], b"", b" #!/bin/sh\n"] {
            assert_eq!(script(&BASE64.encode(other)), None);
        }
        assert_eq!(script("no base64!"), None);
    }

    #[test]
    fn a_long_console_keeps_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place { state: State::at(Some(directory.path().to_owned())) };
        fs::create_dir_all(place.state.consoles()).unwrap();
        let path = place.console("i-1");
        fs::write(&path, vec![b'a'; LONGEST as usize]).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"the end").unwrap();
        let (end, length) = place.end_of("i-1").unwrap();
        assert_eq!((end.len(), length), (Console::KEPT, Console::KEPT as u64));
        assert!(end.ends_with(b"aathe end"));
        assert_eq!(place.consoles(), [("i-1".to_owned(), length)]);
        place.forget("i-1");
        assert_eq!(place.consoles(), []);
    }
}
