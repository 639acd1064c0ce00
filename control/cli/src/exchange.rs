//! Commands that import and export networks: `import`, `export`.

use super::{CannotWrite, Failure, reach};
use clap::Args;
use control::explain::shell_word;
use control::operator::ImportFiles;
use control::state::State;
use control::{admin, clouds, export, import};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A real network.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// Files of `aws ec2 describe-…`, CloudFormation templates, or directories of them.
    #[arg(value_name = "FILE|DIR", required_unless_present_any = ["how", "hosts"])]
    paths: Vec<PathBuf>,
    /// The instances that get hosts here, by id or Name tag, or `all`. Others are imported without a host.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    hosts: Vec<String>,
    /// A parameter of templates, or one of Systems Manager that they name; may be given several times.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Replace names, tags, account numbers and public addresses, equal ones by equal ones within one import. Identities and
    /// hosted zones are left out.
    #[arg(long)]
    anonymise: bool,
    /// Print the script that gathers the files with the aws command line.
    #[arg(long, conflicts_with_all = ["paths", "hosts", "parameters", "anonymise"])]
    how: bool,
}

/// What to export, and where to.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The directory to create: `DIR/ACCOUNT/REGION/describe-vpcs.json` and so on.
    #[arg(value_name = "DIR", required_unless_present = "scenario")]
    directory: Option<PathBuf>,
    /// Print a scenario file without checks instead.
    #[arg(long, conflicts_with = "directory")]
    scenario: bool,
    /// The cloud: `now`, a state directory, a file written by `backup`, or what `import` reads.
    #[arg(long = "in", value_name = "CLOUD", default_value = clouds::NOW)]
    cloud: String,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Import {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        if self.how {
            print!("{}", import::HOW);
            return Ok(());
        }
        let paths = self.paths.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
        let has_paths = !paths.is_empty();
        let files = ImportFiles {
            paths,
            hosts: self.hosts,
            anonymise: self.anonymise,
            parameters: self.parameters.into_iter().collect(),
        };
        let imported = admin::ask(state, files)?;
        if !imported.counts.is_empty() {
            let counts: Vec<String> = imported.counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
            println!("imported {}", counts.join(", "));
        } else if has_paths && imported.left_out.is_empty() {
            println!("imported nothing that was not here already");
        }
        imported.left_out.iter().for_each(|why| println!("left out: {why}"));
        if imported.counts.is_empty() && !imported.left_out.is_empty() {
            return Err("nothing was imported".into());
        }
        Ok(())
    }
}

impl Export {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let model = reach::cloud(&self.cloud, state)?;
        let now = model.now(SystemTime::now().into());
        let Some(directory) = self.directory else {
            print!("{}", export::scenario(&model, now));
            return Ok(());
        };
        let name = shell_word(&directory.to_string_lossy());
        if directory.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            // Files of another export would be imported together with these.
            return Err(format!("{name} is not empty: give a new directory, or remove what is in it").into());
        }
        let files = export::files(&model, now)?;
        for (path, content) in &files {
            let path = directory.join(path);
            let text = serde_json::to_string_pretty(content)? + "\n";
            write(&path, &text).map_err(CannotWrite::at(&path))?;
        }
        match files.len() {
            0 => println!("exported nothing"),
            count => println!("exported {count} files to {name}; `classiclink import {name}` reads them"),
        }
        export::left_out(&model).iter().for_each(|what| println!("left out: {what}"));
        Ok(())
    }
}

/// Writes a file, and creates the directories above it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::write(path, text)
}
