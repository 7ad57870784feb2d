//! What both programs share: exit codes, a quiet end on a closed pipe, threads, progress.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::corpus::LabelCells;
use crate::error::{Error, Result};
use crate::table::Columns;

/// How tables are read: options of both programs.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Tables")]
pub struct TableArgs {
    /// Column (or JSON field) of the texts
    #[arg(long, value_name = "NAME", default_value = "text")]
    text_column: String,
    /// Column (or JSON field) of the labels
    #[arg(long, value_name = "NAME", default_value = "label")]
    label_column: String,
    /// Separator between the labels of a cell; "|" is accepted as well
    #[arg(long, value_name = "TEXT", default_value = ";", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    label_separator: String,
    /// Column (or JSON field) of groups of rows that are alike: folds keep them together, intervals are taken over groups
    /// [default: pair, where there is one]
    #[arg(long, value_name = "NAME")]
    group_column: Option<String>,
}

impl TableArgs {
    /// The columns to read.
    #[must_use]
    pub fn columns(&self) -> Columns {
        Columns { text: self.text_column.clone(), label: self.label_column.clone(), ..Columns::default() }
            .grouped(self.group_column.as_deref())
    }

    /// How label cells are written.
    #[must_use]
    pub fn cells(&self) -> LabelCells {
        LabelCells { separator: self.label_separator.clone() }
    }
}

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
