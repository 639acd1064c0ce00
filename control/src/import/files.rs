//! The files of an export: finds them, reads them, and determines their account and Region.
//!
//! A path names both (`…/111122223333/us-east-1/describe-vpcs.json`). If it does not, they follow from the owners and
//! zones in the directory's files.

use super::export::is_resource;
use super::{Export, Template, doubles, template, text_encoding};
use crate::api::DEFAULT_ACCOUNT;
use crate::explain::printable;
use model::{Region, Scope, is_account_id};
use nix::libc;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The greatest size of all files together, in bytes. It fits the instances of a very large account.
const LARGEST: u64 = 1 << 30;
/// The extensions of files that are read.
const WANTED: [&str; 4] = ["json", "yaml", "yml", "template"];
/// What is said of resources without the name of their list, as `--query` prints them.
const NAMELESS: &str =
    "it does not name the list of its resources; leave `--query` out, or name it: `--query '{Vpcs: Vpcs}'`";
/// What is said of one resource, which may be what `--query` prints, or one attribute of it.
const ONE: &str = "it is about one resource, whose attributes are not imported one by one; if `--query` took it out of \
                   a list, name the list: `--query '{Vpcs: Vpcs}'`";
/// What is said of text, as `--output text` and `--output table` print it.
const PLAIN: &str = "it is plain text; `--output json` prints what can be imported";
/// The first bytes of compressed files: gzip, zip, bzip2, xz and Zstandard.
const COMPRESSED: [&[u8]; 5] = [b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"];
/// How deep in a file an account and a Region are looked for: as deep as the zones of a replication group's members.
const DEEPEST_HINT: usize = 8;
/// The Region if nothing names one.
const DEFAULT_REGION: &str = "us-east-1";

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// It is a device, a pipe or a socket.
    #[error("{} is neither a file nor a directory", .0.display())]
    Special(PathBuf),
    /// With the files before it, it is too large to be an export.
    #[error("{} is larger than 1 GiB, alone or with the files before it; no account's network is", .0.display())]
    Large(PathBuf),
    /// It is compressed.
    #[error("{} is compressed; unpack it first", .0.display())]
    Compressed(PathBuf),
    /// It is not JSON.
    #[error("{} is not JSON{}: {error}", path.display(), cut_off(error))]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// It is not YAML.
    #[error("{} is not YAML: {error}", path.display())]
    Yaml {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: String,
    },
    /// It is not output of the aws command line.
    #[error("{} is not what `aws ec2 describe-…` prints: {fault}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: shapes::JsonFault,
    },
}

/// The explanation for a file that ends too early, or does not begin as JSON does.
fn cut_off(error: &serde_json::Error) -> &'static str {
    match (error.is_eof(), error.line()) {
        (true, _) => " to its end (was it copied whole?)",
        (false, 1) if error.column() <= 2 => " (was it printed with `--output json`?)",
        _ => "",
    }
}

/// A file's content.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub content: Json,
}

/// Reads files, and all files with a known extension in and below directories.
///
/// # Errors
/// [`FileError`] for the first file that cannot be used.
pub fn read(paths: &[PathBuf]) -> Result<Vec<File>, FileError> {
    let mut files = Vec::new();
    for path in paths {
        find(path, &mut files)?;
    }
    let mut room = LARGEST;
    files.into_iter().map(|path| Ok(File { content: json(&path, &mut room)?, path })).collect()
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), FileError> {
    let failed = |error| FileError::Io { path: path.to_owned(), error };
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut entries: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>().map_err(failed)?;
    entries.sort();
    // Links may be circular.
    let below = |entry: &&PathBuf| entry.is_dir() && !entry.is_symlink();
    files.extend(entries.iter().filter(|entry| is_wanted(entry) && !entry.is_dir()).cloned());
    entries.iter().filter(below).try_for_each(|entry| find(entry, files))
}

/// Whether a path has a known extension.
pub fn is_wanted(path: &Path) -> bool {
    path.extension().is_some_and(|is| WANTED.iter().any(|wanted| is == *wanted))
}

/// A file's content, which takes up some of the room in memory.
fn json(path: &Path, room: &mut u64) -> Result<Json, FileError> {
    let bytes = text_encoding::in_utf8(content(path, room)?);
    if COMPRESSED.iter().any(|beginning| bytes.starts_with(beginning)) {
        return Err(FileError::Compressed(path.to_owned()));
    }
    let read = match replies(&bytes) {
        Ok(json) => return Ok(json),
        Err(error) if path.extension().is_some_and(|is| is == "json") => {
            return Err(FileError::Json { path: path.to_owned(), error });
        }
        Err(_) => std::str::from_utf8(&bytes).map_err(|error| error.to_string()).and_then(template::parse_yaml),
    };
    read.map_err(|error| FileError::Yaml { path: path.to_owned(), error })
}

/// The replies in a file: one, or several after one another, which become a list.
fn replies(bytes: &[u8]) -> serde_json::Result<Json> {
    let all = serde_json::Deserializer::from_slice(bytes).into_iter::<Json>();
    let all = all.collect::<serde_json::Result<Vec<Json>>>()?;
    match <[Json; 1]>::try_from(all) {
        Ok([reply]) => Ok(reply),
        Err(none) if none.is_empty() => serde_json::from_slice(bytes),
        Err(several) => Ok(Json::Array(several)),
    }
}

/// The content of a regular file: a device has no end, and a pipe waits for a writer.
fn content(path: &Path, room: &mut u64) -> Result<Vec<u8>, FileError> {
    let failed = |error| FileError::Io { path: path.to_owned(), error };
    // It is looked at once it is open, so that nothing else can take its place.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(FileError::Special(path.to_owned()));
    }
    if metadata.len() > *room {
        return Err(FileError::Large(path.to_owned()));
    }
    let mut bytes = Vec::new();
    // It may still grow.
    let read = file.take(*room).read_to_end(&mut bytes).map_err(failed)?;
    *room = room.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
    Ok(bytes)
}

impl Export {
    /// The resources in these files. Unknown ones are left out.
    ///
    /// # Errors
    /// [`FileError::Foreign`].
    pub fn of(files: &[File]) -> Result<Export, FileError> {
        let mut hints: BTreeMap<Option<&Path>, Hint> = BTreeMap::new();
        for file in files {
            hints.entry(file.path.parent()).or_default().look(&file.content, 0);
        }
        let mut export = Export::default();
        let differing = doubles::differing(files.iter().flat_map(|file| documents(&file.content)));
        export.left_out.extend(differing.into_iter().map(|id| format!("{id}: a description that is not its last one")));
        for file in files {
            let scope = hints.get(&file.path.parent()).cloned().unwrap_or_default().with_path(&file.path).scope();
            let (templates, others): (Vec<_>, Vec<_>) =
                documents(&file.content).into_iter().partition(|document| template::is_template(document));
            export.templates.extend(templates.into_iter().map(|body| {
                let (file, body) = (file.path.display().to_string(), body.clone());
                Template { file, scope: scope.clone(), body, parameters: BTreeMap::new() }
            }));
            for document in others {
                export.take_document(&scope, &file.path, document)?;
            }
        }
        Ok(export)
    }

    fn take_document(&mut self, scope: &Scope, path: &Path, document: &Json) -> Result<(), FileError> {
        let known = self.take(scope, document);
        let known = known.map_err(|fault| FileError::Foreign { path: path.to_owned(), fault })?;
        let parts = parts(scope, document);
        if !known && parts.is_empty() {
            self.left_out.insert(format!("{}: {}", path.display(), why_unknown(document)));
        }
        for (scope, part) in parts {
            documents(part).into_iter().try_for_each(|document| self.take_document(&scope, path, document))?;
        }
        Ok(())
    }
}

/// The documents in a file: itself, or those in its lists of documents.
fn documents(content: &Json) -> Vec<&Json> {
    let may_hold_one = |item: &Json| item.is_object() || item.is_array();
    match content.as_array().filter(|items| !items.is_empty() && items.iter().all(may_hold_one)) {
        Some(items) => items.iter().flat_map(documents).collect(),
        None => vec![content],
    }
}

/// The parts of a document that stand under the names of accounts and Regions, which are theirs.
fn parts<'j>(scope: &Scope, document: &'j Json) -> Vec<(Scope, &'j Json)> {
    let scope_of = |name: &str| match (is_account_id(name), Region::named(name)) {
        (true, _) => Some(Scope { account: name.to_owned(), ..scope.clone() }),
        (false, Some(_)) => Some(Scope { region: name.to_owned(), ..scope.clone() }),
        (false, None) => None,
    };
    let members = document.as_object().into_iter().flatten();
    members.filter_map(|(name, part)| Some((scope_of(name)?, part))).collect()
}

/// Why a document has nothing that is imported.
fn why_unknown(document: &Json) -> String {
    match document {
        Json::Object(_) if is_resource(document) => return ONE.to_owned(),
        Json::Array(_) => return NAMELESS.to_owned(),
        Json::String(_) | Json::Number(_) | Json::Bool(_) => return PLAIN.to_owned(),
        Json::Object(_) | Json::Null => {}
    }
    let members = document.as_object().into_iter().flatten();
    let lists = members.filter(|(_, list)| list.is_array()).map(|(name, _)| name.as_str());
    match lists.take(3).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "it holds nothing of a network".to_owned(),
        lists => format!("{} are not imported", printable(&lists)),
    }
}

/// A hint to an account and a Region.
#[derive(Clone, Debug, Default)]
struct Hint {
    account: Option<String>,
    region: Option<String>,
}

impl Hint {
    /// Looks for the first owner and the first zone, or for an ARN, which has both.
    fn look(&mut self, json: &Json, depth: usize) {
        if depth > DEEPEST_HINT || (self.account.is_some() && self.region.is_some()) {
            return;
        }
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.look(item, depth + 1)),
            Json::Object(members) => {
                let text = |name: &str| members.get(name).and_then(Json::as_str);
                let owner = text("OwnerId").filter(|id| is_account_id(id));
                self.account = self.account.take().or_else(|| owner.map(str::to_owned));
                let several = members.get("AvailabilityZones").and_then(|zones| zones.get(0)?.as_str());
                let zone = text("AvailabilityZone").or(text("PreferredAvailabilityZone")).or(several);
                let zone = zone.and_then(|zone| zone.strip_suffix(|c: char| c.is_ascii_lowercase()));
                let region = zone.filter(|name| Region::named(name).is_some());
                self.region = self.region.take().or_else(|| region.map(str::to_owned));
                let arns = members.iter().filter(|(name, _)| name.ends_with("Arn") || name.ends_with("ARN"));
                arns.filter_map(|(_, arn)| arn.as_str()).for_each(|arn| self.look_at_arn(arn));
                members.values().for_each(|value| self.look(value, depth + 1));
            }
            _ => {}
        }
    }

    /// Applies what an ARN says, `arn:aws:rds:us-east-1:123456789012:db:one`, where it is the first to say it.
    fn look_at_arn(&mut self, arn: &str) {
        let mut parts = arn.split(':').skip(3);
        let (Some(region), Some(account)) = (parts.next(), parts.next()) else { return };
        // ARNs of IAM have no Region, and may be of any account.
        if Region::named(region).is_some() && is_account_id(account) {
            self.region.get_or_insert_with(|| region.to_owned());
            self.account.get_or_insert_with(|| account.to_owned());
        }
    }

    /// Applies what a path says, which takes precedence.
    fn with_path(mut self, path: &Path) -> Self {
        for part in path.components().filter_map(|part| part.as_os_str().to_str()) {
            if is_account_id(part) {
                self.account = Some(part.to_owned());
            }
            if Region::named(part).is_some() {
                self.region = Some(part.to_owned());
            }
        }
        self
    }

    fn scope(self) -> Scope {
        Scope {
            account: self.account.unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned()),
            region: self.region.unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        }
    }
}
