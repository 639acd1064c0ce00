//! Filters in the syntax of tcpdump and Wireshark, compiled by libpcap, which is used by running `tcpdump`.

use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use wire::Instruction;

/// An empty capture file of packets without a link layer (pcap, LINKTYPE_RAW), which tells libpcap the link type.
const EMPTY_FILE: [u8; 24] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];

/// Why a filter cannot be compiled.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    /// tcpdump is not installed.
    #[error(
        "a filter is compiled by tcpdump (libpcap), which is not installed: install it, or capture without a filter"
    )]
    NoCompiler,
    /// tcpdump cannot be run.
    #[error("cannot run tcpdump, which compiles filters: {0}")]
    Run(#[from] io::Error),
    /// The filter is invalid.
    #[error("`{filter}` is not a valid filter: {why}; filters are written as in `host 10.0.0.1 and tcp port 443`")]
    NoFilter {
        /// The filter.
        filter: String,
        /// libpcap's error.
        why: String,
    },
    /// tcpdump's output cannot be parsed.
    #[error("cannot parse tcpdump's compiled filter: {0:?}")]
    Unreadable(String),
}

/// Compiles a filter, without a shell.
pub(super) fn compile(filter: &str) -> Result<Vec<Instruction>, FilterError> {
    compile_by("tcpdump", filter)
}

fn compile_by(compiler: &str, filter: &str) -> Result<Vec<Instruction>, FilterError> {
    let mut command = Command::new(compiler);
    command.args(["-r", "-", "-ddd", "--", filter]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => FilterError::NoCompiler,
        _ => FilterError::Run(error),
    })?;
    if let Some(mut input) = child.stdin.take() {
        // If tcpdump does not read it, its exit status says why.
        let _ = input.write_all(&EMPTY_FILE);
    }
    let Output { status, stdout, stderr } = child.wait_with_output()?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let why = said.lines().last().unwrap_or_default().trim_start_matches("tcpdump: ").to_owned();
        return Err(FilterError::NoFilter { filter: filter.to_owned(), why });
    }
    let compiled = String::from_utf8_lossy(&stdout);
    program(&compiled).ok_or_else(|| FilterError::Unreadable(compiled.chars().take(80).collect()))
}

/// Parses the number of instructions, and one instruction a line: code, jumps, operand.
fn program(text: &str) -> Option<Vec<Instruction>> {
    let mut lines = text.lines();
    let count: usize = lines.next()?.trim().parse().ok()?;
    let instruction = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let mut next = || numbers.next()?.ok();
        let (code, jt, jf, k) = (next()?, next()?, next()?, next()?);
        Some(Instruction { code: code.try_into().ok()?, jt: jt.try_into().ok()?, jf: jf.try_into().ok()?, k })
    };
    let program: Vec<Instruction> = lines.map(instruction).collect::<Option<_>>()?;
    (program.len() == count && count > 0).then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_programs_are_read() {
        let read = program("2\n48 0 0 9\n6 0 0 262144\n").unwrap();
        assert_eq!(read[0], Instruction { code: 48, jt: 0, jf: 0, k: 9 });
        assert_eq!(read.len(), 2);
        for bad in
            ["", "0\n", "1\n", "1\n48 0 0\n", "1\n48 0 0 -9\n", "1\n48 300 0 9\n", "2\n6 0 0 1\n", "x\n6 0 0 1\n"]
        {
            assert_eq!(program(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn without_a_compiler_the_error_is_clear() {
        let error = compile_by("no-such-compiler-of-filters", "tcp").unwrap_err().to_string();
        assert!(error.contains("tcpdump") && error.contains("install"), "{error}");
    }

    /// Runs only where tcpdump is installed.
    #[test]
    fn libpcap_compiles_filters() {
        match compile("udp port 53") {
            Err(FilterError::NoCompiler) => {}
            compiled => assert!(compiled.unwrap().len() > 3),
        }
        if let Err(error) = compile("udp prot 53") {
            assert!(matches!(error, FilterError::NoFilter { .. } | FilterError::NoCompiler), "{error}");
        }
    }
}
