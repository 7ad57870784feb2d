//! What `demarche-train` promises on the command line.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{folder, lines, predict, train};
use predicates::prelude::*;

/// A small corpus with several labels and none.
const SMALL: &str = "data/train/africa.csv";

/// Rows of the small corpus, shuffled, with CRLF and the columns exchanged.
fn reordered(path: &Path) {
    let mut reader = csv::Reader::from_path(SMALL).unwrap();
    let mut rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    rows.reverse();
    rows.rotate_left(17);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_path(path).unwrap();
    writer.write_record(["label", "text"]).unwrap();
    rows.iter().for_each(|row| writer.write_record([&row[1], &row[0]]).unwrap());
    writer.flush().unwrap();
}

/// A question corpus: exactly one label a row.
fn one_label(path: &Path) {
    let mut rows = String::from("text,label\n");
    for (i, town) in ["Lima", "Quito", "Oslo", "Accra", "Hanoi", "Minsk", "Doha", "Bern"].iter().enumerate() {
        rows += &format!(
            "Who is the mayor of {town}?,person\nWhere is the port of {town}?,place\nHow many people live in {town} number {i}?,count\n"
        );
    }
    fs::write(path, rows).unwrap();
}

#[test]
fn a_trained_model_labels_texts() {
    let folder = folder();
    let model = folder.path().join("m.safetensors");
    train()
        .arg("-m")
        .arg(&model)
        .arg(SMALL)
        .assert()
        .success()
        .stdout("")
        .stderr(predicate::str::contains("wrote").and(predicate::str::contains("SHA-256")));
    let output = predict().arg("-m").arg(&model).args(["-f", "jsonl", "data/articles/naval_drills.txt"]).output().unwrap();
    assert!(lines(&output.stdout).len() > 12);
}

#[test]
fn the_same_bytes_on_every_run_at_any_number_of_threads_and_order_of_rows() {
    let folder = folder();
    let other = folder.path().join("reordered.csv");
    reordered(&other);
    let run = |threads: &str, corpus: &Path| {
        let model: PathBuf = folder.path().join("m.safetensors");
        train().args(["--force", "-q", "--threads", threads, "-m"]).arg(&model).arg(corpus).assert().success().stderr("");
        fs::read(&model).unwrap()
    };
    let first = run("1", Path::new(SMALL));
    assert!(first == run("2", Path::new(SMALL)));
    assert!(first == run("8", &other));
}

#[test]
fn a_corpus_of_one_label_a_row_gives_exactly_one_label_a_row() {
    let folder = folder();
    let (corpus, model) = (folder.path().join("q.csv"), folder.path().join("q.safetensors"));
    one_label(&corpus);
    train().arg("-m").arg(&model).arg(&corpus).assert().success();
    let output = predict()
        .arg("-m")
        .arg(&model)
        .args(["-f", "jsonl"])
        .write_stdin("Who is it?\n\nZzkl qwrt.\n\nHow many people came?")
        .output()
        .unwrap();
    let labels: Vec<usize> = lines(&output.stdout).iter().map(|record| record["labels"].as_array().unwrap().len()).collect();
    assert_eq!(labels, [1, 1, 1]);
}

#[test]
fn folds_and_a_test_table_give_reports_on_stdout() {
    let report = || predicate::str::contains("macro F1").and(predicate::str::contains("confirmation"));
    train()
        .args(["--folds", "3", "--quiet", SMALL])
        .assert()
        .success()
        .stdout(report().and(predicate::str::contains("3 folds of 4")))
        .stderr("");
    train().args(["--test", "data/test.csv", "-q", SMALL]).assert().success().stdout(report()).stderr("");
}

#[test]
fn columns_separator_and_other_tables_can_be_named() {
    let folder = folder();
    let path = folder.path().join("c.jsonl");
    let rows: String = (0..12)
        .map(|i| {
            let (text, labels) = if i % 2 == 0 { ("rejected and urged", "no,ask") } else { ("met", "") };
            format!("{{\"body\":\"Town {i} {text} them\",\"stances\":\"{labels}\"}}\n")
        })
        .collect();
    fs::write(&path, rows).unwrap();
    train()
        .args(["--text-column", "body", "--label-column", "stances", "--label-separator", ",", "--folds", "2"])
        .arg(&path)
        .assert()
        .success()
        .stdout(predicate::str::contains("ask").and(predicate::str::contains("no ")));
}

#[test]
fn other_languages_are_stemmed_by_their_own_rules() {
    let folder = folder();
    // A corpus, and a sentence whose words stand in other forms than in the corpus.
    let spanish = (
        "es",
        [("El alcalde de", "rechazó la oferta", "denial"), ("El alcalde de", "visitó la fábrica", "")],
        "Los alcaldes rechazaron las ofertas.",
    );
    let russian = (
        "ru",
        [("Посол страны", "отверг предложение", "denial"), ("Посол страны", "посетил завод", "")],
        "Посол отверг предложения.",
    );
    for (language, kinds, text) in [spanish, russian] {
        let (corpus, model) =
            (folder.path().join(format!("{language}.csv")), folder.path().join(format!("{language}.safetensors")));
        let mut rows = String::from("text,label\n");
        for place in ["Lima", "Quito", "Oslo", "Accra", "Hanoi", "Minsk", "Doha", "Bern"] {
            for (subject, act, label) in kinds {
                rows += &format!("{subject} {place} {act} número {place}.,{label}\n");
            }
        }
        fs::write(&corpus, rows).unwrap();
        train().args(["--language", language, "-m"]).arg(&model).arg(&corpus).assert().success();
        let output = predict().arg("-m").arg(&model).args(["-f", "jsonl"]).write_stdin(text).output().unwrap();
        let records = lines(&output.stdout);
        assert_eq!(records[0]["labels"][0], "denial", "{language}: {}", records[0]);
    }
    train()
        .args(["--language", "tlh", "--folds", "2", SMALL])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("unknown language"));
}

#[test]
fn bad_corpora_get_one_line_and_leave_no_model() {
    let folder = folder();
    let model = folder.path().join("m.safetensors");
    let cases: [(&str, &str, &str); 13] = [
        ("empty", "", "there is nothing in it"),
        ("header", "text,label\n", "a header but no record"),
        ("text", "body,label\na,b\n", "no column \"text\""),
        (
            "label",
            "text,stance\na,b\n",
            "no column \"label\"; the header has \"text\", \"stance\"; name the right one with --label-column",
        ),
        ("ragged", "text,label\na,b,c\n", "the row has 3 cells, the header 2"),
        ("blank", "text,label\na,b\n  ,b\n", ":3:text: the text is blank"),
        ("both", "text,label\na,none;b\n", ":2:label: \"none\" stands beside another label"),
        ("none", "text,label\na,\nb,none\n", "no row has a label"),
        ("single", "text,label\na,x\nb,x\n", "every row is labelled \"x\""),
        ("rare", "text,label\na b,x\na b,x\na c,y\n", "label \"y\" has only 1 row"),
        ("terms", "text,label\na,x\nb,x\nc,y\nd,y\n", "no term occurs in two rows"),
        ("alike", "text,label\na word,x\na word,x\na town,y\na town,y\n", "are all one text"),
        ("quote", "text,label\n\"a,b\n", "a quotation mark is not paired"),
    ];
    for (name, data, expected) in cases {
        let path = folder.path().join(format!("{name}.csv"));
        fs::write(&path, data).unwrap();
        let output = train().args(["-q", "-m"]).arg(&model).arg(&path).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}: {stderr}");
        assert!(stderr.contains(expected), "{name}: expected {expected:?} in {stderr:?}");
        assert_eq!(stderr.lines().count(), 1, "{stderr:?}");
        assert!(!model.exists());
    }
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_none()).collect();
    assert!(left.is_empty(), "no temporary file is left behind");
}

#[test]
fn fewer_rows_than_folds_is_an_error_that_names_the_label() {
    let folder = folder();
    let corpus = folder.path().join("q.csv");
    one_label(&corpus);
    train()
        .args(["--folds", "9"])
        .arg(&corpus)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("label \"count\" has 8 row(s), 9 folds need at least 9"));
}

#[test]
fn a_model_is_not_replaced_unasked() {
    let folder = folder();
    let model = folder.path().join("m.safetensors");
    fs::write(&model, "precious").unwrap();
    train()
        .arg("-m")
        .arg(&model)
        .arg(SMALL)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("the file exists; give another name, or --force"));
    assert_eq!(fs::read(&model).unwrap(), b"precious");
    train().args(["--force", "-m"]).arg(&model).arg(SMALL).assert().success();
    assert_ne!(fs::read(&model).unwrap(), b"precious");
}

#[test]
fn a_place_that_cannot_be_written_is_noticed_before_the_work() {
    train()
        .args(["-m", "/no/such/folder/m.safetensors", SMALL])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("cannot write: no such file").and(predicate::str::contains("training on").not()));
    let folder = folder();
    train()
        .args(["--force", "-m"])
        .arg(folder.path())
        .arg(SMALL)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("cannot write: is a directory"));
}

#[test]
fn usage_mistakes_exit_with_2() {
    for args in [
        &[][..],
        &[SMALL],
        &["--folds", "1", SMALL],
        &["--folds", "two", SMALL],
        &["--label-separator", "", "--folds", "2", SMALL],
        &["--nonsense", SMALL],
    ] {
        train().args(args).assert().code(2).stdout("");
    }
    train().arg(SMALL).assert().stderr(predicate::str::contains("--model FILE"));
    train().arg("--help").assert().success().stdout(predicate::str::contains("Examples:"));
}

#[test]
fn cues_travel_inside_the_model() {
    let folder = folder();
    let (cues, model) = (folder.path().join("cues.csv"), folder.path().join("m.safetensors"));
    fs::write(&cues, "class,cue\nreject,reject\nreject,spurn\nreject,turn * down\n").unwrap();
    train().args(["-q", "--cues"]).arg(&cues).arg("-m").arg(&model).arg(SMALL).assert().success();
    fs::remove_file(&cues).unwrap();
    predict()
        .arg("-m")
        .arg(&model)
        .args(["--explain"])
        .write_stdin("Lima spurned it.")
        .assert()
        .success()
        .stdout(predicate::str::contains("<reject"));
    train()
        .args(["--folds", "2", "--cues", "gone.csv", SMALL])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("gone.csv: cannot read"));
    fs::write(&cues, "class,word\nreject,reject\n").unwrap();
    train()
        .args(["--folds", "2", SMALL, "--cues"])
        .arg(&cues)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("no column \"cue\""));
}

#[test]
fn a_learning_curve_has_four_points() {
    let output = train()
        .args(["-q", "--learning-curve", "--test", "data/test.csv", "data/train/africa.csv", "data/train/europe.csv"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let report = String::from_utf8(output.stdout).unwrap();
    let (figures, curve) = report.split_once("trained on parts of the corpus\n").expect("the curve follows the report");
    assert!(figures.contains("macro F1"));
    assert_eq!(curve.lines().count(), 5);
    train().args(["--learning-curve", SMALL]).assert().code(2);
}

#[test]
fn a_search_prints_its_grid_and_trains_with_the_best() {
    let folder = folder();
    let (corpus, model) = (folder.path().join("q.csv"), folder.path().join("m.safetensors"));
    one_label(&corpus);
    let run = || train().args(["-q", "--force", "--tune", "-m"]).arg(&model).arg(&corpus).output().unwrap();
    let first = run();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let table = String::from_utf8(first.stdout.clone()).unwrap();
    assert_eq!(table.lines().count(), 13);
    assert_eq!(table.matches("best").count(), 1);
    assert_eq!(first.stdout, run().stdout);
    assert!(model.exists());
}
