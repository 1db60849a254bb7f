//! How a program ends, and what it says.

use std::error::Error;
use std::io::{self, Write};

/// Why a program ends.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The exit code behind Ctrl-C, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// The exit code of a program that came to its end (true), was interrupted (false), or failed: then it says why.
pub fn exit_code(program: &str, result: Result<bool, Failure>) -> u8 {
    match result {
        Ok(true) => 0,
        Ok(false) => INTERRUPTED,
        Err(error) => {
            let mut message = format!("{program}: {error}");
            let mut source = error.source();
            while let Some(error) = source {
                message.push_str(&format!(": {error}"));
                source = error.source();
            }
            // Nothing is left to do about a closed standard error.
            let _ = writeln!(io::stderr(), "{message}");
            1
        }
    }
}

/// Writes a text at once. Whoever closes standard output wants to read no more, and still wants the files.
///
/// # Errors
///
/// When it cannot be written for another reason.
pub fn say(out: &mut dyn Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
