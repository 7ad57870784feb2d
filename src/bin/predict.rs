//! `demarche-predict`: arguments to `Classifier`, labelled units to stdout.

use std::io::{BufWriter, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, ValueEnum};
use demarche::{
    Agreement, Classifier, Comparison, Error, Evaluation, Figures, Format, RESAMPLES, ReportFormat, Result, Source, UnitReport,
    console, parse_thresholds, render_agreement, render_comparison, render_figures, units,
};

/// Labels the sentences of articles, or the rows of tables, with the stances they report.
///
/// Files ending in .csv, .tsv or .jsonl are tables: one text a row, not split. Everything else, and standard input, is an
/// article that is split into sentences.
#[derive(Parser)]
#[command(
    name = "demarche-predict",
    version,
    after_help = "Examples:
  demarche-predict article.txt                         read an article, print its stances
  demarche-predict -f jsonl wire.csv > labels.jsonl    label the rows of a table
  demarche-predict --explain article.txt               say which words made the difference
  demarche-predict --evaluate gold.csv                 how often is it right on these rows?
  demarche-predict --evaluate -f html gold.csv > report.html     the same as a page with plots
  demarche-predict --evaluate gold.csv --against old.safetensors  better than another model?
  demarche-predict --agree anna.csv ben.csv            do two coders agree, and the model with them?"
)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
struct Args {
    /// Articles and tables; none, or "-", means standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Model file [default: the shipped model, which is part of this program]
    #[arg(short, long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Format of the output; "json" is for reports, "csv" and "jsonl" for labelled texts
    #[arg(short, long, value_enum, default_value = "text")]
    format: FormatArg,
    /// Show the terms behind each label
    #[arg(long)]
    explain: bool,
    /// The tables have labels: print an accuracy report instead
    #[arg(long, help_heading = "Reports", conflicts_with = "explain")]
    evaluate: bool,
    /// With --evaluate, a second model: what differs, whether it may be luck, and which texts flip
    #[arg(long, help_heading = "Reports", value_name = "FILE", requires = "evaluate")]
    against: Option<PathBuf>,
    /// The two tables are two coders' labels of the same texts: how far do they, and the model, agree?
    #[arg(long, help_heading = "Reports", conflicts_with_all = ["evaluate", "explain"])]
    agree: bool,
    /// Probability from which labels are given: for all ("0.6") or for one ("denial=0.6"); can be given several times
    #[arg(long, value_name = "X|LABEL=X")]
    threshold: Vec<String>,
    /// Seed of the resamples that give a report's intervals
    #[arg(long, help_heading = "Reports", value_name = "N", default_value_t = 42)]
    seed: u64,
    /// Threads to use, 0 for one a core; the output is the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// No messages but errors
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    tables_as: console::TableArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    Text,
    Csv,
    Jsonl,
    Json,
    Html,
}

impl FormatArg {
    /// The format of labelled texts.
    fn units(self) -> Result<Format> {
        match self {
            Self::Text => Ok(Format::Text),
            Self::Csv => Ok(Format::Csv),
            Self::Jsonl => Ok(Format::JsonLines),
            Self::Html => Ok(Format::Html),
            Self::Json => Err(unfit("json is the format of reports; use jsonl for labelled texts")),
        }
    }

    /// The format of a report.
    fn report(self) -> Result<ReportFormat> {
        match self {
            Self::Text => Ok(ReportFormat::Text),
            Self::Json => Ok(ReportFormat::Json),
            Self::Html => Ok(ReportFormat::Html),
            Self::Csv | Self::Jsonl => Err(unfit("a report is written as text, json or html")),
        }
    }
}

fn unfit(problem: &str) -> Error {
    Error::Option { option: "--format", problem: problem.to_owned() }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.files.is_empty() && std::io::stdin().is_terminal() {
        // Waiting for a person to type an article would look like hanging.
        eprint!("{}", Args::command().render_help());
        return ExitCode::from(2);
    }
    console::run("demarche-predict", || predict(&args))
}

fn predict(args: &Args) -> Result<()> {
    console::set_threads(args.threads)?;
    let loaded;
    let mut classifier = match &args.model {
        Some(path) => {
            loaded = Classifier::load(path)?;
            &loaded
        }
        None => Classifier::embedded(),
    };
    let adjusted;
    if !args.threshold.is_empty() {
        adjusted = classifier.clone().with_thresholds(&parse_thresholds(classifier, &args.threshold)?);
        classifier = &adjusted;
    }
    let columns = args.tables_as.columns();
    let files = if args.files.is_empty() { &[PathBuf::from("-")][..] } else { &args.files };
    let sources: Vec<Source> = files.iter().map(|path| Source::of(path)).collect();

    let cells = args.tables_as.cells();
    if args.agree {
        let [first, second] = files else {
            let problem = format!("takes two tables, one a coder; {} given", files.len());
            return Err(Error::Option { option: "--agree", problem });
        };
        let format = args.format.report()?;
        let agreement = Agreement::of_tables(classifier, [first, second], &columns, &cells, args.seed)?;
        return render_agreement(&mut std::io::stdout().lock(), format, &agreement);
    }
    if args.evaluate {
        if let Some(article) = sources.iter().find(|source| source.table().is_none()) {
            let problem = format!("{} is not a table; give .csv, .tsv or .jsonl files with labels", article.name());
            return Err(Error::Option { option: "--evaluate", problem });
        }
        let format = args.format.report()?;
        let evaluation = Evaluation::of_tables(classifier, &sources, &columns, &cells)?;
        let bar = console::progress(RESAMPLES, "resamples", args.quiet);
        let step = |done| bar.set_position(done as u64);
        if let Some(path) = &args.against {
            let other = Classifier::load(path)?;
            let others = Evaluation::of_tables(&other, &sources, &columns, &cells)?;
            let comparison = Comparison::new((classifier, &evaluation), (&other, &others), args.seed, &step);
            bar.finish_and_clear();
            return render_comparison(&mut std::io::stdout().lock(), format, &comparison);
        }
        let figures = Figures::new(&evaluation, classifier.identity(), Some(classifier), args.seed, &step);
        bar.finish_and_clear();
        return render_figures(&mut std::io::stdout().lock(), format, &figures);
    }

    let format = args.format.units()?;
    let out = BufWriter::new(anstream::AutoStream::auto(std::io::stdout().lock()));
    let mut report = UnitReport::new(out, format, classifier, args.explain)?;
    for source in &sources {
        let units = units(source, classifier.language(), &columns)?;
        classifier.classify_units(units, |unit, prediction| report.unit(&unit, &prediction))?;
    }
    report.finish()
}
