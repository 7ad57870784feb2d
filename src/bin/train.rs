//! `demarche-train`: arguments to `Trainer`, model to file, figures to stdout.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::{
    COSTS, Classifier, Corpus, Corrections, CurvePoint, EIGHTHS, Error, Evaluation, FeatureOptions, Figures, Identity, Language,
    Lexicon, RATIOS, RESAMPLES, ReportFormat, Result, Source, Trainer, check_writable, console, doubts, learning_curve,
    render_figures, render_trials, tune, write_doubts,
};

/// Trains a model on labelled tables, or reports how well one would do.
///
/// The label set is what the tables hold. A blank label (or "none") in some row lets the model answer none, a row with two
/// labels lets it answer several; otherwise every text gets exactly one label.
#[derive(Parser)]
#[command(
    name = "demarche-train",
    version,
    after_help = "Examples:
  demarche-train --model mine.safetensors mine.csv     train and write a model
  demarche-train --folds 5 mine.csv                    how well would it do? (nothing is written)
  demarche-train --test held-out.csv mine.csv          likewise, on rows of your choice
  demarche-train --audit mine.csv > doubts.csv         which labels may be wrong?
  demarche-train --apply doubts.csv -o better.csv mine.csv    correct them, after filling in the column \"correct\""
)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
struct Args {
    /// Labelled tables (.csv, .tsv, .jsonl) with a text and a label column
    #[arg(required = true, value_name = "CSV")]
    tables: Vec<PathBuf>,
    /// Where to write the model
    #[arg(short, long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Labelled table to score the trained model on; can be given several times
    #[arg(long, help_heading = "Reports", value_name = "CSV")]
    test: Vec<PathBuf>,
    /// Report by cross-validation on K stratified folds
    #[arg(long, help_heading = "Reports", value_name = "K", value_parser = clap::value_parser!(u16).range(2..))]
    folds: Option<u16>,
    /// Search the best settings of the learner on a fixed grid, print the table, and train with the best
    #[arg(long, conflicts_with = "learning_curve")]
    tune: bool,
    /// List the rows whose labels are doubtful as a table to be corrected (CSV, on standard output)
    #[arg(long, help_heading = "Doubtful labels", conflicts_with_all = ["model", "test", "tune", "learning_curve", "apply"])]
    audit: bool,
    /// Corrections made in a table of --audit: write the tables anew with them to --output
    #[arg(long, help_heading = "Doubtful labels", value_name = "CSV", requires = "output", conflicts_with_all = ["model", "folds", "test", "tune", "learning_curve"])]
    apply: Option<PathBuf>,
    /// With --apply, where to write: a file, or for several tables a folder
    #[arg(short, long, help_heading = "Doubtful labels", value_name = "PATH", requires = "apply")]
    output: Option<PathBuf>,
    /// Train on 1/8, 1/4, 1/2 and all of the rows, score each on the --test tables, and add the curve to the report
    #[arg(long, help_heading = "Reports", requires = "test")]
    learning_curve: bool,
    /// Format of the reports
    #[arg(short, long, help_heading = "Reports", value_enum, default_value = "text")]
    format: FormatArg,
    /// Language of the texts, an ISO 639-1 code
    #[arg(long, value_name = "CODE", default_value = "en")]
    language: Language,
    /// Table of cues, "class,cue", that the texts are seen with (data/cues.csv for stances)
    #[arg(long, value_name = "FILE")]
    cues: Option<PathBuf>,
    /// Seed of the folds and of the learner
    #[arg(long, value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Threads to use, 0 for one a core; the result is the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Replace the model file if there is one
    #[arg(long)]
    force: bool,
    /// No messages but errors
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    tables_as: console::TableArgs,
}

/// Folds of an audit, unless --folds says otherwise.
const AUDIT_FOLDS: usize = 10;

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Text,
    Json,
    Html,
}

impl From<FormatArg> for ReportFormat {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Text => Self::Text,
            FormatArg::Json => Self::Json,
            FormatArg::Html => Self::Html,
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    console::run("demarche-train", || train(&args))
}

fn train(args: &Args) -> Result<()> {
    let cells = args.tables_as.cells();
    let columns = args.tables_as.columns();
    if let (Some(corrections), Some(output)) = (&args.apply, &args.output) {
        let corrections = Corrections::read(corrections, &cells)?;
        corrections.apply(&args.tables, output, &columns, &cells, args.force)?;
        console::say(args.quiet, &format!("{} rows corrected, written to {}", corrections.len(), output.display()));
        return Ok(());
    }
    if args.model.is_none() && args.folds.is_none() && args.test.is_empty() && !args.tune && !args.audit {
        let problem = "say where to write the model with --model FILE, or ask for figures with --folds K or --test CSV".into();
        return Err(Error::Option { option: "nothing to do", problem });
    }
    console::set_threads(args.threads)?;
    if let Some(path) = &args.model {
        check_writable(path, args.force)?;
    }
    let corpus = Corpus::read(&args.tables, &columns, &cells)?;
    let features = FeatureOptions { language: args.language.code().into(), ..FeatureOptions::default() };
    let mut trainer = Trainer::new().features(features).seed(args.seed);
    if let Some(path) = &args.cues {
        trainer = trainer.cues(Lexicon::read(path, args.language)?);
    }

    let folds = args.folds.map(usize::from).or(args.audit.then_some(AUDIT_FOLDS));
    if let Some(folds) = folds {
        let bar = console::progress(folds, "folds", args.quiet);
        let predictions = trainer.cross_validate(&corpus, folds, &|done| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        if args.audit {
            let doubts = doubts(&corpus, &predictions);
            console::say(args.quiet, &format!("{} of {} rows are doubtful", doubts.len(), corpus.examples.len()));
            return write_doubts(&mut std::io::stdout().lock(), &doubts, &cells);
        }
        let evaluation = Evaluation::of_corpus(&corpus, &predictions);
        let name =
            format!("{folds} folds of {} rows, each scored by a model trained on the others, seed {}", evaluation.n(), args.seed);
        report(args, &evaluation, &Identity { name, hash: String::new() }, None, Vec::new())?;
    }
    let test: Vec<Source> = args.test.iter().map(|path| Source::of(path)).collect();
    if args.model.is_none() && test.is_empty() && !args.tune {
        return Ok(());
    }

    console::say(args.quiet, &format!("training on {} rows, labels {}", corpus.examples.len(), corpus.labels.join(", ")));
    let mut curve = Vec::new();
    let mut classifier = if args.learning_curve {
        let bar = console::progress(EIGHTHS.len(), "trainings", args.quiet);
        let (points, whole) = learning_curve(&trainer, &corpus, &test, &columns, &cells, &|done| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        curve = points;
        whole
    } else if args.tune {
        let bar = console::progress(COSTS.len() * RATIOS.len(), "trials", args.quiet);
        let (trials, best) = tune(&trainer, &corpus, &|done| bar.set_position(done as u64))?;
        bar.finish_and_clear();
        render_trials(&mut std::io::stdout().lock(), &trials)?;
        best
    } else {
        trainer.fit(&corpus)?
    };
    if let Some(slow) = classifier.provenance().convergence.iter().position(|fit| !fit.converged) {
        console::say(
            false,
            &format!("warning: the fit of \"{}\" reached the limit of its epochs before it converged", corpus.labels[slow]),
        );
    }
    if let Some(path) = &args.model {
        let hash = classifier.save(path, args.force)?;
        // What is scored and reported is what was written.
        classifier = Classifier::load(path)?;
        console::say(args.quiet, &format!("wrote {} ({} terms), SHA-256 {hash}", path.display(), classifier.terms()));
    }
    if !test.is_empty() {
        let evaluation = Evaluation::of_tables(&classifier, &test, &columns, &cells)?;
        report(args, &evaluation, classifier.identity(), Some(&classifier), curve)?;
    }
    Ok(())
}

fn report(
    args: &Args,
    evaluation: &Evaluation,
    model: &Identity,
    classifier: Option<&Classifier>,
    learning_curve: Vec<CurvePoint>,
) -> Result<()> {
    let bar = console::progress(RESAMPLES, "resamples", args.quiet);
    let figures = Figures::new(evaluation, model, classifier, args.seed, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    render_figures(&mut std::io::stdout().lock(), args.format.into(), &Figures { learning_curve, ..figures })
}
