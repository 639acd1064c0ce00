//! Commands that print something: `why`, `flow-logs`.

use super::stdout::NO_ANSWER;
use super::{Failure, Why};
use control::admin;
use control::flow_logs::Stream;
use control::operator::{self, ExplainPath, ReadFlowLogs, Traffic};
use control::state::State;
use std::process::ExitCode;

/// Prints the path of a packet and of its reply. Exit status 1 means that one of them does not arrive.
pub(super) fn why(state: &State, arguments: Why) -> Result<ExitCode, Failure> {
    let Why { from, source, to, tcp, udp, protocol, .. } = arguments;
    let traffic = match (tcp, udp, protocol) {
        (Some(port), ..) => Traffic::Tcp(port),
        (_, Some(port), _) => Traffic::Udp(port),
        (.., Some(number)) => Traffic::Protocol(number),
        _ => Traffic::Icmp,
    };
    let why = match admin::ask(state, ExplainPath { from, source, to, traffic }) {
        Ok(why) => why,
        Err(error) => {
            eprintln!("classiclink: {error}");
            return Ok(ExitCode::from(NO_ANSWER));
        }
    };
    if arguments.output.json {
        println!("{}", serde_json::to_string_pretty(&why)?);
    } else {
        print!("{}", why_text(&why));
    }
    Ok(if why.works { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The paths and the summary, one line a step.
pub(super) fn why_text(why: &operator::Why) -> String {
    let list =
        |steps: &[operator::WhyStep]| -> String { steps.iter().map(|step| format!("  {}\n", step.text)).collect() };
    let mut text = format!("there\n{}", list(&why.there));
    if let Some(back) = &why.back {
        text += &format!("back\n{}", list(back));
    }
    text + &why.summary + "\n"
}

/// The time of day (UTC) of seconds since 1970.
pub(super) fn clock(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// Prints records unchanged, for programs to read. Several files get headings like those of `tail`.
pub(super) fn flow_logs(state: &State, of: Option<String>, json: bool) -> Result<(), Failure> {
    let streams = admin::ask(state, ReadFlowLogs { of })?;
    if json {
        println!("{}", serde_json::to_string(&streams)?);
        return Ok(());
    }
    let several = streams.len() > 1;
    for Stream { file, records, .. } in streams {
        if several {
            println!("==> {} <==", file.display());
        }
        records.iter().for_each(|record| println!("{record}"));
    }
    Ok(())
}
