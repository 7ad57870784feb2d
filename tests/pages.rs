//! The pages in a real browser: nothing on the console, no request to anywhere, text from outside shown as text.
//!
//! `DEMARCHE_CHROMIUM` names the browser; without it the tests pass over, so that the suite runs where there is none.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{folder, predict};

const HOSTILE: &str = "Lima <script>document.title='run'</script> & \"Quito\" rejected 'it', the envoy said.";

/// What the browser made of a page: its document as text, its console, and how often it asked the network for anything.
struct Seen {
    document: String,
    console: String,
    requests: usize,
}

fn open(page: &Path, width: u32) -> Option<Seen> {
    let browser = std::env::var_os("DEMARCHE_CHROMIUM")?;
    let profile = folder();
    let log = profile.path().join("net.json");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--v=0"])
        // No name is ever resolved, so that the browser's own services reach nobody either.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--log-net-log={}", log.display()))
        .args(["--virtual-time-budget=2000", "--dump-dom"])
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser named by DEMARCHE_CHROMIUM starts");
    let console = String::from_utf8_lossy(&output.stderr).lines().filter(|line| line.contains("CONSOLE")).collect();
    let net = fs::read_to_string(log).expect("the browser logs its requests");
    // A page opened from disk has no origin ("null"); the browser's own services are "not an origin".
    let requests = net.matches("\"initiator\":\"null\"").count();
    Some(Seen { document: String::from_utf8_lossy(&output.stdout).into_owned(), console, requests })
}

#[test]
fn a_request_and_an_error_would_be_seen() {
    let folder = folder();
    let page = folder.path().join("loud.html");
    fs::write(&page, "<!DOCTYPE html><img src=\"http://127.0.0.1:9/x.png\"><script>console.error('loud')</script>").unwrap();
    let Some(seen) = open(&page, 800) else { return };
    assert!(seen.requests > 0 && seen.console.contains("loud"), "{} requests, console {}", seen.requests, seen.console);
}

fn is_sound(page: &Path) {
    for width in [390, 1280] {
        let Some(seen) = open(page, width) else { return };
        assert_eq!(seen.console, "", "nothing on the console");
        assert_eq!(seen.requests, 0, "no request to anywhere");
        assert!(seen.document.contains("&lt;script&gt;") && !seen.document.contains("<script"), "{}", seen.document);
        assert!(!seen.document.contains("<title>run"));
        assert!(seen.document.contains("&amp; \"Quito\"") || seen.document.contains("&amp; <mark>"), "{}", seen.document);
    }
}

#[test]
fn the_article_page_is_sound() {
    let folder = folder();
    let article = folder.path().join("article.txt");
    fs::write(&article, format!("{HOSTILE}\n\nThey met on Monday. Oslo urged both to talk.\n")).unwrap();
    let page = folder.path().join("article.html");
    fs::write(&page, predict().args(["-f", "html"]).arg(&article).output().unwrap().stdout).unwrap();
    is_sound(&page);
}

#[test]
fn the_report_page_is_sound() {
    let folder = folder();
    let gold = folder.path().join("gold.csv");
    fs::write(&gold, format!("text,label\n\"{}\",proposal\nThey met.,\n", HOSTILE.replace('"', "\"\""))).unwrap();
    let page = folder.path().join("report.html");
    fs::write(&page, predict().args(["--evaluate", "-f", "html"]).arg(&gold).output().unwrap().stdout).unwrap();
    is_sound(&page);
}
