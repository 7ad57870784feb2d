//! Guards the corpus: its form, its label mix as `data/README.md` states it, and that nothing stands in it twice.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use demarche::{Language, split_sentences};

const LABELS: [&str; 5] = ["concern", "confirmation", "denial", "proposal", "sanction"];

/// How often four opening words may come back: "The government of the", "The foreign ministry in".
const OPENING_LIMIT: usize = 8;

/// Sentences are near duplicates if they share more than this part of all three-word sequences of the two (Jaccard's index).
const NEAR: f64 = 0.4;

/// Words in a row that training, test and benchmark sentences must not share.
const RUN: usize = 10;

struct Row {
    place: String,
    text: String,
    labels: Vec<String>,
    pair: String,
    note: String,
}

fn read(path: &Path, header: &[&str]) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), header, "{}", path.display());
    let column = |name: &str| header.iter().position(|column| *column == name);
    let (text, label, pair, note) = (column("text").unwrap(), column("label").unwrap(), column("pair"), column("note"));
    let rows = reader.records().enumerate().map(|(i, record)| {
        let record = record.unwrap();
        let cell = |index: Option<usize>| index.map_or("", |index| &record[index]).to_owned();
        Row {
            place: format!("{}:{}", path.display(), i + 2),
            text: record[text].to_owned(),
            labels: record[label].split(';').filter(|label| !label.is_empty()).map(str::to_owned).collect(),
            pair: cell(pair),
            note: cell(note),
        }
    });
    rows.collect()
}

fn training_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir("data/train").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn training() -> Vec<Row> {
    training_files().iter().flat_map(|path| read(path, &["text", "label", "pair", "note"])).collect()
}

fn test_rows() -> Vec<Row> {
    let mut rows = read(Path::new("data/test.csv"), &["text", "label"]);
    rows.extend(read(Path::new("data/test_articles.csv"), &["article", "text", "label"]));
    rows
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_row_is_well_formed() {
    for row in training().iter().chain(&test_rows()) {
        assert_eq!(row.text.trim(), row.text, "{}: blanks at an end", row.place);
        assert!(!row.text.contains(['\n', '\r', '\t', '\u{fffd}', '|']), "{}: a character that copy does not hold", row.place);
        assert!(words(&row.text).len() >= 3, "{}: too short", row.place);
        assert!(row.labels.iter().all(|label| LABELS.contains(&label.as_str())), "{}: {:?}", row.place, row.labels);
        assert_eq!(row.labels.iter().collect::<BTreeSet<_>>().len(), row.labels.len(), "{}: a label twice", row.place);
        assert!(row.note.is_empty() || row.note == "hard negative", "{}: {}", row.place, row.note);
        assert!(row.note.is_empty() || row.labels.is_empty(), "{}: a hard negative with a label", row.place);
    }
}

#[test]
fn pairs_have_two_sides_that_differ() {
    let mut pairs: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in training().into_iter().filter(|row| !row.pair.is_empty()) {
        pairs.entry(row.pair.clone()).or_default().push(row);
    }
    for (pair, rows) in &pairs {
        assert_eq!(rows.len(), 2, "pair {pair}: {:?}", rows.iter().map(|row| &row.place).collect::<Vec<_>>());
        assert_ne!(rows[0].text, rows[1].text, "pair {pair}");
    }
    assert!(pairs.len() >= 600, "{} pairs", pairs.len());
}

#[test]
fn nothing_stands_twice_or_nearly_so() {
    let rows: Vec<Row> = training().into_iter().chain(test_rows()).collect();
    let shingles: Vec<HashSet<[String; 3]>> = rows
        .iter()
        .map(|row| words(&row.text).windows(3).map(|w| [w[0].clone(), w[1].clone(), w[2].clone()]).collect())
        .collect();
    let mut holders: HashMap<&[String; 3], Vec<usize>> = HashMap::new();
    for (i, set) in shingles.iter().enumerate() {
        set.iter().for_each(|shingle| holders.entry(shingle).or_default().push(i));
    }
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    // A sequence that very many sentences share says nothing about any two of them.
    for holders in holders.values().filter(|holders| holders.len() <= 40) {
        for (at, &b) in holders.iter().enumerate() {
            holders[..at].iter().for_each(|&a| *shared.entry((a, b)).or_default() += 1);
        }
    }
    let mut near: Vec<String> = shared
        .into_iter()
        .filter(|&((a, b), count)| {
            let same_pair = !rows[a].pair.is_empty() && rows[a].pair == rows[b].pair;
            !same_pair && count as f64 > NEAR * (shingles[a].len() + shingles[b].len() - count) as f64
        })
        .map(|((a, b), _)| format!("{} and {}: {}", rows[a].place, rows[b].place, rows[a].text))
        .collect();
    near.sort();
    assert!(near.is_empty(), "{} near duplicates:\n{}", near.len(), near.join("\n"));
}

#[test]
fn no_opening_is_a_habit() {
    let mut openings: HashMap<String, Vec<Row>> = HashMap::new();
    for row in training() {
        let opening = words(&row.text).into_iter().take(4).collect::<Vec<_>>().join(" ");
        openings.entry(opening).or_default().push(row);
    }
    for (opening, rows) in openings {
        // The two sides of a pair open alike on purpose.
        let distinct = rows.iter().filter(|row| row.pair.is_empty()).count()
            + rows.iter().filter(|row| !row.pair.is_empty()).map(|row| &row.pair).collect::<HashSet<_>>().len();
        assert!(distinct <= OPENING_LIMIT, "\"{opening}\" opens {distinct} sentences");
    }
}

/// Every run of [`RUN`] words in `texts`, with one place that holds it.
fn runs<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> HashMap<String, &'a str> {
    let mut runs = HashMap::new();
    for (place, text) in rows {
        for run in words(text).windows(RUN) {
            runs.insert(run.join(" "), place);
        }
    }
    runs
}

#[test]
fn training_and_test_share_no_run_of_words() {
    let (training, test) = (training(), test_rows());
    let test_runs = runs(test.iter().map(|row| (row.place.as_str(), row.text.as_str())));
    for (run, place) in runs(training.iter().map(|row| (row.place.as_str(), row.text.as_str()))) {
        assert!(!test_runs.contains_key(&run), "{place} and {} share \"{run}\"", test_runs[&run]);
    }
}

#[test]
fn no_minimal_pair_is_trained_on() {
    let mut reader = csv::Reader::from_path("data/minimal_pairs.csv").unwrap();
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        ["rule", "text", "label", "contrast_text", "contrast_label"]
    );
    let training: HashSet<Vec<String>> = training().iter().map(|row| words(&row.text)).collect();
    let mut pairs = 0;
    for record in reader.records() {
        let record = record.unwrap();
        pairs += 1;
        assert_ne!(record[2], record[4], "{record:?}");
        for text in [&record[1], &record[3]] {
            assert!(!training.contains(&words(text)), "trained on: {text}");
        }
    }
    assert!(pairs >= 200);
}

/// Real sentences to measure on may lie beside the project; where they do, none of them may have found its way in.
#[test]
fn no_benchmark_sentence_is_in_the_project() {
    let folder = Path::new("../shared/benchmarks");
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut benchmark = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|ending| ending == "csv")) {
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let text = reader.headers().unwrap().iter().position(|column| column == "text").unwrap();
        benchmark.extend(reader.records().map(|record| record.unwrap()[text].to_owned()));
    }
    let benchmark_runs = runs(benchmark.iter().map(|text| ("benchmark", text.as_str())));
    let rows: Vec<Row> = training().into_iter().chain(test_rows()).collect();
    for (run, place) in runs(rows.iter().map(|row| (row.place.as_str(), row.text.as_str()))) {
        assert!(!benchmark_runs.contains_key(&run), "{place} shares \"{run}\" with a benchmark");
    }
}

#[test]
fn the_readme_counts_what_is_there() {
    let readme = fs::read_to_string("data/README.md").unwrap();
    let counts = |rows: &[Row]| -> Vec<String> {
        let with = |label: &str| rows.iter().filter(|row| row.labels.iter().any(|given| given == label)).count();
        let none = rows.iter().filter(|row| row.labels.is_empty()).count();
        let several = rows.iter().filter(|row| row.labels.len() > 1).count();
        let mut counts = vec![rows.len(), none, several];
        counts.extend(LABELS.iter().map(|label| with(label)));
        counts.iter().map(ToString::to_string).collect()
    };
    let mut expected = Vec::new();
    for path in training_files() {
        let rows = read(&path, &["text", "label", "pair", "note"]);
        expected.push(format!("| `{}` | {} |", path.file_name().unwrap().to_str().unwrap(), counts(&rows).join(" | ")));
    }
    let all = training();
    expected.push(format!("| all training files | {} |", counts(&all).join(" | ")));
    expected.push(format!("| `test.csv` | {} |", counts(&read(Path::new("data/test.csv"), &["text", "label"])).join(" | ")));
    expected.push(format!(
        "| `test_articles.csv` | {} |",
        counts(&read(Path::new("data/test_articles.csv"), &["article", "text", "label"])).join(" | ")
    ));
    let pairs = all.iter().filter(|row| !row.pair.is_empty()).count() / 2;
    let hard = all.iter().filter(|row| !row.note.is_empty()).count();
    expected.push(format!("{pairs} contrast pairs and {hard} hard negatives"));
    let missing: Vec<&String> = expected.iter().filter(|line| !readme.contains(line.as_str())).collect();
    assert!(
        missing.is_empty(),
        "data/README.md should say:\n{}",
        missing.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_test_articles_are_split_as_they_were_labelled() {
    let mut reader = csv::Reader::from_path("data/test_articles.csv").unwrap();
    let mut labelled: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        labelled.entry(record[0].to_owned()).or_default().push(record[1].to_owned());
    }
    assert_eq!(labelled.len(), 20);
    let (mut right, mut all) = (0, 0);
    for (article, sentences) in labelled {
        let text = fs::read_to_string(format!("data/test_articles/{article}.txt")).unwrap();
        let found: HashSet<&str> = split_sentences(&text, Language::ENGLISH).into_iter().map(|span| &text[span]).collect();
        all += sentences.len();
        for sentence in sentences {
            if found.contains(sentence.as_str()) {
                right += 1;
            } else {
                println!("{article}: not a sentence: {sentence}");
            }
        }
    }
    assert!(right * 100 >= all * 98, "{right} of {all} sentences are split as a reader splits them");
}
