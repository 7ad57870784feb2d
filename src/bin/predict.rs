//! `demarche-predict`: arguments to `Classifier`, labelled units to stdout.

use std::io::{BufWriter, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, ValueEnum};
use demarche::{
    Classifier, Columns, Error, Evaluation, Format, LabelCells, Result, Source, UnitReport, console, parse_thresholds,
    render_evaluation, units,
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
  demarche-predict --evaluate gold.csv                 how often is it right on these rows?"
)]
struct Args {
    /// Articles and tables; none, or "-", means standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Model file [default: the shipped model, which is part of this program]
    #[arg(short, long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Format of the output
    #[arg(short, long, value_enum, default_value = "text")]
    format: FormatArg,
    /// Show the terms behind each label
    #[arg(long)]
    explain: bool,
    /// The tables have labels: print an accuracy report instead
    #[arg(long, conflicts_with_all = ["format", "explain"])]
    evaluate: bool,
    /// Probability from which labels are given: for all ("0.6") or for one ("denial=0.6"); can be given several times
    #[arg(long, value_name = "X|LABEL=X")]
    threshold: Vec<String>,
    /// Column (or JSON field) of the texts
    #[arg(long, value_name = "NAME", default_value = "text")]
    text_column: String,
    /// Column (or JSON field) of the labels, for --evaluate
    #[arg(long, value_name = "NAME", default_value = "label")]
    label_column: String,
    /// Separator between the labels of a cell; "|" is accepted as well
    #[arg(long, value_name = "TEXT", default_value = ";", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    label_separator: String,
    /// Threads to use, 0 for one a core; the output is the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// No messages but errors
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Text,
    Csv,
    Jsonl,
    Html,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Text => Self::Text,
            FormatArg::Csv => Self::Csv,
            FormatArg::Jsonl => Self::JsonLines,
            FormatArg::Html => Self::Html,
        }
    }
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
    let columns = Columns { text: args.text_column.clone(), label: args.label_column.clone(), ..Columns::default() };
    let files = if args.files.is_empty() { &[PathBuf::from("-")][..] } else { &args.files };
    let sources: Vec<Source> = files.iter().map(|path| Source::of(path)).collect();

    if args.evaluate {
        if let Some(article) = sources.iter().find(|source| source.table().is_none()) {
            let problem = format!("{} is not a table; give .csv, .tsv or .jsonl files with labels", article.name());
            return Err(Error::Option { option: "--evaluate", problem });
        }
        let cells = LabelCells { separator: args.label_separator.clone() };
        let evaluation = Evaluation::of_tables(classifier, &sources, &columns, &cells)?;
        return render_evaluation(&mut std::io::stdout().lock(), &evaluation, classifier.identity(), Some(classifier));
    }

    let out = BufWriter::new(anstream::AutoStream::auto(std::io::stdout().lock()));
    let mut report = UnitReport::new(out, args.format.into(), classifier, args.explain)?;
    for source in &sources {
        let units = units(source, classifier.language(), &columns)?;
        classifier.classify_units(units, |unit, prediction| report.unit(&unit, &prediction))?;
    }
    report.finish()
}
