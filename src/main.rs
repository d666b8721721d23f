//! Maps the result of a command to an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match t2s::cli::run(std::env::args_os()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(3)
        }
    }
}
