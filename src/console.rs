//! What both programs share: exit codes, a quiet end on a closed pipe, threads, progress.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::error::{Error, Result};

/// Runs a program's work and turns its outcome into an exit code: 0 done, 1 failed, 2 wrong usage. Errors go to stderr, one line
/// each; a reader that went away is no error.
pub fn run(program: &str, work: impl FnOnce() -> Result<()>) -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done about a closed stderr.
            let _ = writeln!(std::io::stderr(), "{program}: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Sets the number of threads for the whole process; 0 means one a core.
///
/// # Errors
/// [`Error::Option`] if the threads cannot be started.
pub fn set_threads(threads: usize) -> Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|problem| Error::Option { option: "--threads", problem: problem.to_string() })
}

/// A message for the person at the terminal, unless silence was asked for.
pub fn say(quiet: bool, message: &str) {
    if !quiet {
        let _ = writeln!(std::io::stderr(), "{message}");
    }
}

/// A progress bar on stderr with the time left; invisible where stderr is not a terminal, or where silence was asked for.
#[must_use]
pub fn progress(steps: usize, what: &'static str, quiet: bool) -> ProgressBar {
    let target =
        if quiet || !std::io::stderr().is_terminal() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(steps as u64), target).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left") {
        bar.set_style(style);
    }
    bar.tick();
    bar
}
