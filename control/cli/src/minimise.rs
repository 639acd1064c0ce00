//! `classiclink minimise`.

use super::{CannotWrite, Failure};
use clap::Args;
use control::explain::shell_word;
use control::export::LEFT_OUT;
use control::recording::{Minimised, minimise, question};
use std::path::PathBuf;

/// A recorded packet.
#[derive(Debug, Args)]
pub(super) struct Minimise {
    /// The recording.
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    /// The packet, by its number in `classiclink replay -v` [default: the last that was dropped].
    #[arg(long, value_name = "N")]
    packet: Option<u64>,
    /// The scenario file that is written.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Minimise {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (model, question) = question(&self.recording, self.packet)?;
        let Minimised { scenario, parts: [before, left], .. } = minimise(model, &question)?;
        std::fs::write(&self.output, &scenario).map_err(CannotWrite::at(&self.output))?;
        let file = shell_word(&self.output.to_string_lossy());
        println!("{left} of {before} parts of the network are left; `classiclink run {file}` shows the verdict");
        if scenario.starts_with(LEFT_OUT) {
            println!(
                "the file begins with what a scenario cannot have: if the verdict needs that, the run shows another one"
            );
        }
        Ok(())
    }
}
