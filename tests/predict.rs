//! What `demarche-predict` promises on the command line.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::process::{Command as Process, Stdio};

use common::{folder, lines, predict};
use predicates::prelude::*;

const DRILLS: &str = "data/articles/naval_drills.txt";

#[test]
fn an_article_is_labelled_sentence_by_sentence() {
    predict()
        .arg(DRILLS)
        .assert()
        .success()
        .stdout(predicate::str::contains("denial").and(predicate::str::contains("proposal")))
        .stderr("");
}

#[test]
fn json_lines_hold_one_record_a_sentence_with_offsets_that_slice_the_file() {
    for article in ["data/articles/naval_drills.txt", "data/articles/embassy_row.txt", "data/articles/border_dam.txt"] {
        let bytes = fs::read(article).unwrap();
        let output = predict().args(["-f", "jsonl", article]).output().unwrap();
        let records = lines(&output.stdout);
        assert!(records.len() > 12, "{article} has {} sentences", records.len());
        for (i, record) in records.iter().enumerate() {
            assert_eq!(record["sentence"], i + 1);
            assert_eq!(record["file"], article);
            let span = record["start"].as_u64().unwrap() as usize..record["end"].as_u64().unwrap() as usize;
            assert_eq!(record["text"].as_str().unwrap().as_bytes(), &bytes[span]);
            let scores = record["scores"].as_object().unwrap();
            assert_eq!(scores.keys().collect::<Vec<_>>(), ["concern", "confirmation", "denial", "proposal", "sanction"]);
            assert!(scores.values().all(|p| (0.0..=1.0).contains(&p.as_f64().unwrap())));
            let given: Vec<f64> =
                record["labels"].as_array().unwrap().iter().map(|l| scores[l.as_str().unwrap()].as_f64().unwrap()).collect();
            assert!(given.is_sorted_by(|a, b| a >= b), "labels come best first");
            assert_eq!(record["status"] == "ok", !given.is_empty());
        }
    }
}

#[test]
fn standard_input_is_an_article_with_and_without_a_dash() {
    let run = |args: &[&str]| {
        predict().args(["-f", "jsonl"]).args(args).write_stdin("Envoys meet\n\nLima rejected the offer.").output().unwrap().stdout
    };
    let records = lines(&run(&[]));
    assert_eq!(records.len(), 2);
    assert_eq!(records[1]["labels"][0], "denial");
    assert_eq!(records[1]["file"], "-");
    assert_eq!(run(&[]), run(&["-"]));
}

#[test]
fn a_table_gives_one_record_a_row_and_is_not_split() {
    let folder = folder();
    let csv = folder.path().join("wire.csv");
    fs::write(&csv, "id,text\n1,They met. Lima rejected the offer.\n2,\n3,\"Two\nlines.\"\n").unwrap();
    let records = lines(&predict().args(["-f", "jsonl"]).arg(&csv).output().unwrap().stdout);
    assert_eq!(records.iter().map(|r| r["row"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(records[1]["status"], "unsure", "a blank row is answered, not dropped");
    assert_eq!(records[2]["text"], "Two\nlines.");

    let json = folder.path().join("wire.jsonl");
    fs::write(&json, "{\"body\":\"They met.\"}\n{\"body\":\"Lima rejected the offer.\"}").unwrap();
    let records = lines(&predict().args(["-f", "jsonl", "--text-column", "body"]).arg(&json).output().unwrap().stdout);
    assert_eq!(records.len(), 2);
    assert_eq!(records[1]["row"], 2);
}

#[test]
fn csv_output_reads_back_as_a_table() {
    let folder = folder();
    let output = predict().args(["-f", "csv", DRILLS]).output().unwrap().stdout;
    let text = String::from_utf8(output.clone()).unwrap();
    assert!(
        text.starts_with(
            "file,row,sentence,start,end,text,status,labels,p_concern,p_confirmation,p_denial,p_proposal,p_sanction\n"
        )
    );
    let csv = folder.path().join("again.csv");
    fs::write(&csv, output).unwrap();
    let before = lines(&predict().args(["-f", "jsonl", DRILLS]).output().unwrap().stdout);
    let after = lines(&predict().args(["-f", "jsonl"]).arg(&csv).output().unwrap().stdout);
    assert_eq!(before.len(), after.len());
    assert!(before.iter().zip(&after).all(|(b, a)| b["labels"] == a["labels"] && b["text"] == a["text"]));
}

#[test]
fn html_is_one_page_that_escapes_what_it_shows() {
    let output =
        predict().args(["-f", "html"]).write_stdin("Lima <script>alert(1)</script> & \"Quito\" rejected 'it'.").output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(!page.contains("<script>"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains("://"), "the page asks nobody for anything");
}

#[test]
fn explanations_add_up_to_the_probability() {
    let output = predict().args(["-f", "jsonl", "--explain", DRILLS]).output().unwrap().stdout;
    for record in lines(&output) {
        let explanations = record["explanation"].as_array().unwrap();
        assert!(!explanations.is_empty());
        for explanation in explanations {
            let number = |key: &str| explanation[key].as_f64().unwrap();
            let terms: f64 = explanation["terms"].as_array().unwrap().iter().map(|term| term["value"].as_f64().unwrap()).sum();
            assert!((number("bias") + terms + number("others") - number("log_odds")).abs() < 1e-6);
            let probability = record["scores"][explanation["label"].as_str().unwrap()].as_f64().unwrap();
            assert!((1.0 / (1.0 + (-number("log_odds")).exp()) - probability).abs() < 1e-5);
        }
    }
    predict()
        .args(["--explain", DRILLS])
        .assert()
        .success()
        .stdout(predicate::str::contains("log-odds").and(predicate::str::contains("all other terms")));
    predict().args(["-f", "csv", "--explain", DRILLS]).assert().success().stdout(predicate::str::contains("explanation"));
}

#[test]
fn an_accuracy_report_for_labelled_rows() {
    predict().args(["--evaluate", "data/test.csv"]).assert().success().stdout(
        predicate::str::contains("precision")
            .and(predicate::str::contains("macro F1"))
            .and(predicate::str::contains("none"))
            .and(predicate::str::contains("95 % interval"))
            .and(predicate::str::contains("hash ")),
    );
}

#[test]
fn labels_the_model_does_not_know_are_named_in_the_report() {
    let folder = folder();
    let csv = folder.path().join("gold.csv");
    fs::write(&csv, "text,label\nLima rejected the offer.,denial\nThey sang.,joy\n").unwrap();
    predict()
        .arg("--evaluate")
        .arg(&csv)
        .assert()
        .success()
        .stdout(predicate::str::contains("\"joy\" (1 rows) is unknown to the model"));
}

#[test]
fn thresholds_can_be_set_for_all_labels_or_for_one() {
    let given = |threshold: &str| {
        let output = predict().args(["-f", "jsonl", "--threshold", threshold, DRILLS]).output().unwrap().stdout;
        lines(&output).iter().map(|record| record["labels"].as_array().unwrap().len()).sum::<usize>()
    };
    assert!(given("0") > given("0.5") && given("0.5") >= given("0.9"));
    assert!(given("denial=1") < given("denial=0"));
    for (wrong, why) in [("2", "neither a number from 0 to 1"), ("joy=0.5", "no label \"joy\""), ("x", "neither")] {
        predict().args(["--threshold", wrong, DRILLS]).assert().code(2).stdout("").stderr(predicate::str::contains(why));
    }
}

#[test]
fn gibberish_and_other_languages_are_unsure() {
    let text = "Qwrtz plmk vbnx dfgh zzkl.\n\nДепутаты отвергли предложение правительства о перемирии.";
    let records = lines(&predict().args(["-f", "jsonl"]).write_stdin(text).output().unwrap().stdout);
    assert!(
        records.iter().all(|record| record["status"] == "unsure" && record["labels"].as_array().unwrap().is_empty()),
        "{records:?}"
    );
}

#[test]
fn the_same_bytes_at_any_number_of_threads() {
    let run =
        |threads: &str| predict().args(["-f", "jsonl", "--threads", threads, "data/test.csv", DRILLS]).output().unwrap().stdout;
    let one = run("1");
    assert!(one.len() > 100_000);
    assert!(one == run("2") && one == run("8"));
}

#[test]
fn an_escape_sequence_in_a_text_does_not_reach_the_terminal() {
    predict()
        .write_stdin("Lima \u{1b}[31mrejected\u{7} the offer.")
        .assert()
        .success()
        .stdout(predicate::str::contains('\u{1b}').not().and(predicate::str::contains('\u{7}').not()));
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let mut child = Process::new(assert_cmd::cargo::cargo_bin!("demarche-predict"))
        .args(["-f", "jsonl", "data/test.csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Process::new(assert_cmd::cargo::cargo_bin!("demarche-predict")).arg(DRILLS).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write"));
}

#[test]
fn bad_input_gets_one_line_and_exit_code_1() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let cases: Vec<(std::path::PathBuf, &str)> = vec![
        (folder.path().join("gone.txt"), "cannot read: no such file"),
        (folder.path().join("gone.csv"), "cannot read: no such file"),
        (folder.path().to_owned(), "cannot read: is a directory"),
        (write("empty.txt", b""), "there is no sentence in it"),
        (write("blank.txt", b" \n\n\t"), "there is no sentence in it"),
        (write("latin1.txt", b"Caf\xe9 talks"), "latin1.txt:1: byte 3 of the file is not UTF-8"),
        (write("empty.csv", b""), "there is nothing in it"),
        (write("header.csv", b"text,label\n"), "a header but no record"),
        (write("columns.csv", b"body,label\na,b\n"), "no column \"text\"; the header has \"body\", \"label\""),
        (write("ragged.csv", b"text,label\na,b\nc\n"), "ragged.csv:3: the row has 1 cells, the header 2"),
        (write("quote.csv", b"text,label\n\"a,b\nc,d\n"), "quote.csv:2: a quotation mark is not paired"),
        (write("bytes.csv", b"text,label\na,b\n\xff,d\n"), "bytes.csv:3:text: byte 15 of the file is not UTF-8"),
        (write("lines.jsonl", b"{\"text\":\"a\"}\nno\n"), "lines.jsonl:2: not a JSON object"),
    ];
    for (path, expected) in cases {
        let output = predict().arg(&path).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{}: {stderr}", path.display());
        assert!(stderr.contains(expected), "expected {expected:?} in {stderr:?}");
        assert_eq!(stderr.lines().count(), 1, "{stderr:?}");
    }
    predict().write_stdin("").assert().code(1).stderr(predicate::str::contains("there is no sentence in it"));
}

#[test]
fn rows_before_a_bad_row_are_answered() {
    let folder = folder();
    let path = folder.path().join("late.csv");
    fs::write(&path, "text\nLima rejected the offer.\na,b\n").unwrap();
    let output = predict().args(["-f", "jsonl"]).arg(&path).output().unwrap();
    assert_eq!(lines(&output.stdout).len(), 1);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn models_that_cannot_be_used_are_refused() {
    let folder = folder();
    let good = fs::read("models/stance-en.safetensors").unwrap();
    let foreign = {
        let header = br#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        bytes.push(7);
        bytes
    };
    let newer = {
        let text = String::from_utf8_lossy(&good[..200]).into_owned();
        assert!(text.contains(r#"\"format\":2"#), "the version stands at the start of the header");
        let at = good.windows(13).position(|window| window == br#"\"format\":2,"#.as_slice()).unwrap();
        let mut bytes = good.clone();
        bytes[at + 11] = b'9';
        bytes
    };
    let mut altered = good.clone();
    let last = altered.len() - 2;
    altered[last..].copy_from_slice(&[0x80, 0x7f]);
    let cases: [(&str, &[u8], &str); 6] = [
        ("short", &good[..good.len() / 2], "not a readable model file"),
        ("tiny", b"PK", "not a readable model file"),
        ("empty", b"", "not a readable model file"),
        ("foreign", &foreign, "not a demarche model"),
        ("newer", &newer, "format version 9, this program reads version 2"),
        ("altered", &altered, "the model is damaged"),
    ];
    for (name, bytes, expected) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        predict().arg("-m").arg(&path).arg(DRILLS).assert().code(1).stdout("").stderr(predicate::str::contains(expected));
    }
    predict()
        .args(["-m", "gone.safetensors", DRILLS])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("cannot read the model: no such file"));
}

#[test]
fn usage_mistakes_exit_with_2_and_help_with_0() {
    for args in [
        &["--colour"][..],
        &["-f", "pdf", DRILLS],
        &["--threads", "many", DRILLS],
        &["--evaluate", DRILLS],
        &["--evaluate", "--explain", "a.csv"],
    ] {
        predict().args(args).assert().code(2).stdout("");
    }
    predict().arg("--help").assert().success().stdout(predicate::str::contains("Examples:"));
    predict().arg("--version").assert().success().stdout(predicate::str::contains("demarche-predict "));
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let mut child = Process::new(assert_cmd::cargo::cargo_bin!("demarche-predict"))
        .args(["-f", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all("word ".repeat(2_000_000).as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    assert!(output.stdout.len() > 9_999_000);
}
