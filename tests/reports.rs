//! What both programs promise of reports: formats, groups, two models, doubtful labels, two coders.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{folder, predict, train};
use predicates::prelude::*;
use serde_json::Value;

const SMALL: &str = "data/train/africa.csv";

fn table(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn json(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}

#[test]
fn a_report_in_json_has_every_figure_with_its_interval() {
    let report = json(&predict().args(["--evaluate", "-f", "json", "data/test.csv"]).output().unwrap());
    assert_eq!(report["n"], 1000);
    for figure in ["macro_f1", "micro_f1", "weighted_f1", "exact_match", "hamming_loss", "matthews"] {
        let [low, value, high] = ["low", "value", "high"].map(|key| report["headline"][figure][key].as_f64().unwrap());
        assert!(low <= value && value <= high && low < high, "{figure}");
    }
    let denial = &report["labels"][2];
    assert_eq!(denial["label"], "denial");
    for key in ["precision", "recall", "f1", "average_precision", "matthews", "threshold", "brier", "calibration_error"] {
        assert!((0.0..=1.0).contains(&denial[key].as_f64().unwrap()), "{key}");
    }
    assert_eq!(denial["reliability"].as_array().unwrap().len(), 10);
    let total: u64 =
        report["confusion"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap()).map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(total, 1000);
    let error = &report["errors"][0];
    assert_ne!(error["gold"], error["given"]);
    let evidence = error["evidence"].as_array().unwrap();
    let text = error["text"].as_str().unwrap();
    for place in evidence.iter().flat_map(|term| term["places"].as_array().unwrap()) {
        assert!(text.get(place[0].as_u64().unwrap() as usize..place[1].as_u64().unwrap() as usize).is_some());
    }
}

#[test]
fn the_same_report_on_one_thread() {
    let run = |threads: &str| {
        predict().args(["--evaluate", "-f", "json", "--threads", threads, "data/test.csv"]).output().unwrap().stdout
    };
    assert_eq!(run("1"), run("2"));
}

#[test]
fn intervals_are_taken_over_groups() {
    let article = ["--evaluate", "-f", "json", "data/test_articles.csv"];
    let width = |report: &Value| {
        report["headline"]["exact_match"]["high"].as_f64().unwrap() - report["headline"]["exact_match"]["low"].as_f64().unwrap()
    };
    let alone = json(&predict().args(article).output().unwrap());
    let grouped = json(&predict().args(article).args(["--group-column", "article"]).output().unwrap());
    assert_eq!((alone["groups"].as_u64(), grouped["groups"].as_u64()), (Some(288), Some(20)));
    assert_ne!(width(&alone), width(&grouped));
    predict()
        .args(article)
        .args(["--group-column", "gone"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("no column \"gone\"").and(predicate::str::contains("--group-column")));
}

#[test]
fn a_group_that_is_named_spans_files_and_a_pair_does_not() {
    let folder = folder();
    let rows =
        |group: &str| format!("text,label,{group}\nLima rejected it.,denial,1\nThey met.,,1\nOslo urged talks.,proposal,2\n");
    let groups = |column: &str, named: bool| {
        let tables = ["a.csv", "b.csv"].map(|name| table(folder.path(), name, &rows(column)));
        let mut command = predict();
        command.args(["--evaluate", "-f", "json"]).args(tables);
        if named {
            command.args(["--group-column", column]);
        }
        json(&command.output().unwrap())["groups"].as_u64()
    };
    assert_eq!(groups("pair", false), Some(4));
    assert_eq!(groups("article", true), Some(2));
}

#[test]
fn undefined_figures_are_dashes_and_nulls() {
    let folder = folder();
    let none = table(folder.path(), "none.csv", "text,label\nThey met in Quito.,\nThey sat down.,none\n");
    let report = json(&predict().args(["--evaluate", "-f", "json"]).arg(&none).output().unwrap());
    assert_eq!(report["headline"]["macro_f1"], Value::Null);
    assert_eq!(report["labels"][0]["average_precision"], Value::Null);
    assert_eq!(report["headline"]["exact_match"]["value"], 1.0);
    predict().arg("--evaluate").arg(&none).assert().success().stdout(predicate::str::contains("macro F1      –  (n 2)"));
    predict().args(["--evaluate", "-f", "html"]).arg(&none).assert().success().stdout(predicate::str::contains("undefined, n 2"));
}

#[test]
fn a_report_as_a_page_escapes_and_asks_nobody() {
    let folder = folder();
    let hostile = "Lima <script>alert(1)</script> & \"\"Quito\"\" rejected 'it'.";
    let gold = table(folder.path(), "gold.csv", &format!("text,label\n\"{hostile}\",proposal\nThey met.,<b>joy</b>\n"));
    let output = predict().args(["--evaluate", "-f", "html"]).arg(&gold).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("&lt;script&gt;") && page.contains("&lt;b&gt;joy"));
    assert!(!page.contains("<script") && !page.contains("<b>"));
    assert!(!page.replace("http://www.w3.org/2000/svg", "").contains("://"), "the page asks nobody for anything");
    assert!(page.contains("<svg") && page.contains("<mark>"));
}

#[test]
fn a_page_with_a_learning_curve() {
    let run = |format: &str| {
        let arguments = ["-q", "--learning-curve", "--test", "data/test_articles.csv", "-f", format, SMALL];
        train().args(arguments).output().unwrap()
    };
    let points = json(&run("json"))["learning_curve"].as_array().unwrap().clone();
    assert_eq!(points.len(), 4);
    assert!(points.is_sorted_by_key(|point| point["rows"].as_u64()));
    let page = String::from_utf8(run("html").stdout).unwrap();
    assert!(page.contains("Learning curve") && page.contains("training rows"));
}

#[test]
fn formats_that_do_not_fit_are_refused() {
    for arguments in [
        &["--evaluate", "-f", "csv", "data/test.csv"][..],
        &["--evaluate", "-f", "jsonl", "data/test.csv"],
        &["-f", "json", "data/articles/naval_drills.txt"],
        &["--against", "models/stance-en.safetensors", "data/test.csv"],
        &["--evaluate", "--against", "models/stance-en.safetensors", "-f", "html", "data/test.csv"],
        &["--agree", "data/test.csv"],
        &["--agree", "-f", "html", "data/test.csv", "data/test.csv"],
    ] {
        predict().args(arguments).assert().code(2).stdout("");
    }
    train().args(["-f", "csv", "--folds", "2", SMALL]).assert().code(2);
    train().args(["--apply", "doubts.csv", SMALL]).assert().code(2);
    train().args(["--audit", "--tune", SMALL]).assert().code(2);
}

#[test]
fn gold_that_cannot_be_measured_is_refused() {
    let folder = folder();
    let cases = [
        ("header.csv", "text,label\n", "there is a header but no record"),
        ("other.csv", "text,stance\nThey met.,denial\n", "--label-column"),
        ("blank.csv", "text,label\n ,denial\n", "the text is blank"),
        ("both.csv", "text,label\nThey met.,none;denial\n", "\"none\" stands beside another label"),
    ];
    for (name, text, expected) in cases {
        let path = table(folder.path(), name, text);
        predict().arg("--evaluate").arg(path).assert().code(1).stdout("").stderr(predicate::str::contains(expected));
    }
}

#[test]
fn two_models_are_compared_pair_by_pair() {
    let folder = folder();
    let other = folder.path().join("small.safetensors");
    train().args(["-q", "-m"]).arg(&other).arg(SMALL).assert().success();
    let run = || {
        let mut command = predict();
        command.args(["--evaluate", "data/test.csv", "--against"]).arg(&other);
        command
    };
    let report = json(&run().args(["-f", "json"]).output().unwrap());
    assert!(report["macro_f1"]["difference"]["low"].as_f64().unwrap() > 0.0, "28 thousand rows teach more than 445");
    assert!(report["exact_mcnemar"]["p"].as_f64().unwrap() < 0.001);
    let flips = report["flips"].as_array().unwrap();
    assert!(flips.iter().all(|flip| flip["first"] != flip["second"] && !flip["reasons"].as_array().unwrap().is_empty()));
    let counted = |right: &str| flips.iter().filter(|flip| flip["right"] == right).count() as u64;
    assert_eq!(counted("first"), report["exact_mcnemar"]["first_only"].as_u64().unwrap());
    assert_eq!(counted("second"), report["exact_mcnemar"]["second_only"].as_u64().unwrap());
    run().assert().success().stdout(predicate::str::contains("McNemar's exact test").and(predicate::str::contains("texts flip")));
}

#[test]
fn models_of_other_labels_are_compared_on_all_labels() {
    let folder = folder();
    let rows: String =
        (0..12).map(|i| format!("They sang song {i} with joy in town {i}.,joy\nThey met group {i} on day {i}.,\n")).collect();
    let corpus = table(folder.path(), "joy.csv", &format!("text,label\n{rows}"));
    let other = folder.path().join("joy.safetensors");
    train().args(["-q", "-m"]).arg(&other).arg(&corpus).assert().success();
    predict()
        .args(["--evaluate", "data/test.csv", "--against"])
        .arg(&other)
        .assert()
        .success()
        .stdout(predicate::str::contains("only one of the models knows the label \"joy\""));
}

#[test]
fn a_wrong_label_is_found_corrected_and_written_anew() {
    let folder = folder();
    let mut rows: Vec<csv::StringRecord> = csv::Reader::from_path(SMALL).unwrap().records().map(Result::unwrap).collect();
    let wrong = rows.iter().position(|row| row[0].contains("refused") && &row[1] == "denial").expect("a plain denial");
    let text = rows[wrong][0].to_owned();
    rows[wrong] = csv::StringRecord::from(vec![&text, "", "", "kept, as it is"]);
    let corpus = folder.path().join("corpus.csv");
    let mut writer = csv::Writer::from_path(&corpus).unwrap();
    writer.write_record(["text", "label", "pair", "note"]).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
    let original = fs::read(&corpus).unwrap();

    let audit = train().args(["--audit", "--cues", "data/cues.csv"]).arg(&corpus).output().unwrap();
    assert!(audit.status.success());
    assert!(String::from_utf8_lossy(&audit.stderr).contains("rows are doubtful"));
    let mut reader = csv::Reader::from_reader(audit.stdout.as_slice());
    assert_eq!(reader.headers().unwrap(), &["file", "row", "text", "label", "suggested", "correct", "margin", "reason"][..]);
    let mut doubts: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let found = doubts.iter().position(|doubt| doubt[2] == text).expect("the wrong label is doubted");
    assert_eq!((&doubts[found][3], &doubts[found][4]), ("none", "denial"));
    assert_eq!(doubts[found][1], (wrong + 2).to_string());

    let filled: Vec<String> = (0..8).map(|i| if i == 5 { "denial".into() } else { doubts[found][i].to_owned() }).collect();
    doubts[found] = csv::StringRecord::from(filled);
    let corrections = folder.path().join("doubts.csv");
    let mut writer = csv::Writer::from_path(&corrections).unwrap();
    writer.write_record(["file", "row", "text", "label", "suggested", "correct", "margin", "reason"]).unwrap();
    doubts.iter().for_each(|doubt| writer.write_record(doubt).unwrap());
    writer.flush().unwrap();
    let better = folder.path().join("better.csv");
    let apply = || {
        let mut command = train();
        command.arg("--apply").arg(&corrections).arg("-o").arg(&better).arg(&corpus);
        command
    };
    apply().assert().success().stderr(predicate::str::contains("1 rows corrected"));
    let corrected: Vec<csv::StringRecord> = csv::Reader::from_path(&better).unwrap().records().map(Result::unwrap).collect();
    assert_eq!(corrected[wrong], csv::StringRecord::from(vec![&text, "denial", "", "kept, as it is"]));
    assert!(corrected.iter().zip(&rows).enumerate().all(|(i, (new, old))| i == wrong || new == old));
    assert_eq!(fs::read(&corpus).unwrap(), original, "the original is never changed");

    apply().assert().code(1).stderr(predicate::str::contains("the file exists"));
    apply().arg("--force").assert().success();
    train().arg("--apply").arg(&corrections).arg("--force").arg("-o").arg(&corpus).arg(&corpus).assert().code(2);
    assert_eq!(fs::read(&corpus).unwrap(), original);
}

#[test]
fn corrections_that_do_not_fit_change_nothing() {
    let folder = folder();
    let corpus = table(folder.path(), "c.csv", "text,label\nThey met.,\nLima refused.,denial\n");
    let name = corpus.display();
    let cases = [
        (format!("file,row,text,correct\n{name},9,They met.,denial\n"), "has no row 9"),
        (format!("file,row,text,correct\n{name},2,They sat.,denial\n"), "another text"),
        (format!("file,row,text,correct\n{name},two,They met.,denial\n"), "as --audit writes them"),
        (format!("file,row,text,correct\n{name},2,They met.,none;denial\n"), "\"none\" stands beside"),
        (format!("file,row,text,correct\n{name},2,They met.,a\n{name},2,They met.,b\n"), "corrected twice"),
        ("file,row,correct\na,2,b\n".to_owned(), "text"),
    ];
    for (text, expected) in cases {
        let corrections = table(folder.path(), "x.csv", &text);
        let output = folder.path().join("out.csv");
        train()
            .arg("--apply")
            .arg(&corrections)
            .arg("-o")
            .arg(&output)
            .arg(&corpus)
            .assert()
            .code(1)
            .stderr(predicate::str::contains(expected));
        assert!(!output.exists());
    }
}

#[test]
fn corrections_keep_json_lines_as_they_are() {
    let folder = folder();
    let lines =
        "{\"id\":7,\"text\":\"They met.\",\"label\":null,\"by\":\"anna\"}\n{\"text\":\"Lima refused.\",\"label\":\"denial\"}\n";
    let corpus = table(folder.path(), "c.jsonl", lines);
    let corrections =
        table(folder.path(), "x.csv", &format!("file,row,text,correct\n{},1,They met.,proposal\n", corpus.display()));
    let output = folder.path().join("out.jsonl");
    train().arg("--apply").arg(&corrections).arg("-o").arg(&output).arg(&corpus).assert().success();
    assert_eq!(fs::read_to_string(output).unwrap(), lines.replace("\"label\":null", "\"label\":\"proposal\""));
}

#[test]
fn two_coders_and_the_model_are_set_side_by_side() {
    let folder = folder();
    let anna = table(
        folder.path(),
        "anna.csv",
        "text,label\nLima rejected the offer.,denial\nThey met.,\nOslo urged talks.,proposal\nOnly Anna read it.,\n",
    );
    let ben =
        table(folder.path(), "ben.csv", "text,label\nThey met.,\nLima rejected the offer.,denial\nOslo urged talks.,concern\n");
    let report = json(&predict().args(["--agree", "-f", "json"]).args([&anna, &ben]).output().unwrap());
    assert_eq!(
        (report["n"].as_u64(), report["first_only"].as_u64(), report["second_only"].as_u64()),
        (Some(3), Some(1), Some(0))
    );
    let denial = report["labels"].as_array().unwrap().iter().find(|label| label["label"] == "denial").unwrap();
    assert_eq!(denial["kappa"]["coders"]["value"], 1.0);
    assert_eq!(denial["alpha"]["model_first"]["value"], 1.0);
    let disputes = report["disputes"].as_array().unwrap();
    assert_eq!(disputes.len(), 1);
    assert_eq!((&disputes[0]["first"][0], &disputes[0]["second"][0]), (&"proposal".into(), &"concern".into()));
    predict().arg("--agree").args([&anna, &ben]).assert().success().stdout(
        predicate::str::contains("Cohen's kappa")
            .and(predicate::str::contains("Krippendorff's alpha"))
            .and(predicate::str::contains("1 texts are in"))
            .and(predicate::str::contains("1 texts in dispute")),
    );
    let other = table(folder.path(), "c.csv", "text,label\nNothing of it.,denial\n");
    predict()
        .arg("--agree")
        .args([&anna, &other])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("both coders must have labelled the same texts"));
}
