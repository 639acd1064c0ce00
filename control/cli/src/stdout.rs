//! Printing. The macros of the standard library panic if nothing can be written, on a full disk. These replace them in all
//! commands.

use super::CannotWrite;
use std::fmt::Arguments;
use std::io::{self, Write};
use std::path::Path;
use std::process::exit;

/// The exit status of a command that cannot print its answer. Status 1 is an answer of some commands.
pub(super) const NO_ANSWER: u8 = 2;

/// Prints to standard output, or ends the command.
macro_rules! print {
    ($($text:tt)*) => {
        $crate::stdout::print(format_args!($($text)*))
    };
}

/// Prints a line to standard output, or ends the command.
macro_rules! println {
    ($($text:tt)*) => {
        $crate::stdout::print(format_args!("{}\n", format_args!($($text)*)))
    };
}

/// Prints a line to standard error. If that fails, there is nobody to tell.
macro_rules! eprintln {
    ($($text:tt)*) => {
        $crate::stdout::print_error(format_args!($($text)*))
    };
}

pub(super) fn print(text: Arguments<'_>) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) {
        eprintln!("classiclink: {}", cannot_print(error));
        exit(NO_ANSWER.into());
    }
}

pub(super) fn print_error(text: Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Names standard output in the system's error.
pub(super) fn cannot_print(error: io::Error) -> CannotWrite {
    CannotWrite::at(Path::new("standard output"))(error)
}
