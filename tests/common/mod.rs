//! What the command-line tests share.

use assert_cmd::Command;

/// The predictor, to be run from the project's root.
pub fn predict() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("demarche-predict"))
}

/// The trainer.
#[allow(dead_code)]
pub fn train() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("demarche-train"))
}

/// A folder that goes away by itself.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// The records of JSON Lines.
#[allow(dead_code)]
pub fn lines(bytes: &[u8]) -> Vec<serde_json::Value> {
    let text = std::str::from_utf8(bytes).expect("output is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}
