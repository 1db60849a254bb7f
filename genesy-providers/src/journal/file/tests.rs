use std::fs;
use std::path::PathBuf;

use super::{FileJournal, FileJournalError, LINE_BYTES_MAX};
use crate::driver::LeadId;
use crate::journal::Journal;

/// A file of a test's own, which goes with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("genesy-journal-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

async fn store(journal: &FileJournal, lead: &str, snapshot: &str) {
    journal.store(&LeadId::new(lead).unwrap(), snapshot.as_bytes()).await.unwrap();
}

async fn load(journal: &FileJournal, lead: &str) -> Option<String> {
    let snapshot = journal.load(&LeadId::new(lead).unwrap()).await.unwrap();
    snapshot.map(|snapshot| String::from_utf8(snapshot).unwrap())
}

#[tokio::test]
async fn the_latest_of_each_lead_is_there_after_a_restart() {
    let file = Scratch::new("restart");
    let journal = FileJournal::open(&file.0).unwrap();
    assert_eq!(load(&journal, "1").await, None);
    store(&journal, "1", r#"{"a":1}"#).await;
    store(&journal, "\"2\n\u{e9}", r#"{"b":"]"}"#).await;
    store(&journal, "1", r#"{"a":22}"#).await;
    assert_eq!(load(&journal, "1").await.as_deref(), Some(r#"{"a":22}"#));
    let long = fs::metadata(&file.0).unwrap().len();
    drop(journal);
    for _ in 0..2 {
        let journal = FileJournal::open(&file.0).unwrap();
        assert_eq!((journal.leads(), journal.cut_off_bytes()), (2, 0));
        assert!(journal.any_lead(|lead| lead.as_str() == "1"));
        assert!(!journal.any_lead(|lead| lead.as_str() == "2"));
        assert_eq!(load(&journal, "1").await.as_deref(), Some(r#"{"a":22}"#));
        assert_eq!(load(&journal, "\"2\n\u{e9}").await.as_deref(), Some(r#"{"b":"]"}"#));
        assert!(fs::metadata(&file.0).unwrap().len() < long, "what was stored over is left out");
        store(&journal, "3", "{}").await;
        store(&journal, "3", "[]").await;
        assert_eq!(load(&journal, "3").await.as_deref(), Some("[]"));
        let rest = journal.lock().places.remove(&LeadId::new("3").unwrap());
        assert!(rest.is_some());
        drop(journal);
        let text = fs::read_to_string(&file.0).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("[\"3\"")).collect();
        fs::write(&file.0, kept.join("\n") + "\n").unwrap();
    }
}

#[tokio::test]
async fn a_journal_may_be_cut_off_anywhere() {
    let file = Scratch::new("cut");
    let journal = FileJournal::open(&file.0).unwrap();
    store(&journal, "1", r#"{"a":1}"#).await;
    store(&journal, "1", r#"{"a":2}"#).await;
    store(&journal, "2", r#"{"a":3}"#).await;
    drop(journal);
    let whole = fs::read(&file.0).unwrap();
    for cut in 0..whole.len() {
        fs::write(&file.0, &whole[..cut]).unwrap();
        let journal = FileJournal::open(&file.0).unwrap_or_else(|error| panic!("{cut}: {error}"));
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        let expected = [None, None, Some(r#"{"a":1}"#), Some(r#"{"a":2}"#)][lines];
        assert_eq!(load(&journal, "1").await.as_deref(), expected, "{cut}");
        let tail = whole[..cut].iter().rev().take_while(|byte| **byte != b'\n').count();
        assert_eq!(journal.cut_off_bytes(), tail as u64, "{cut}");
        store(&journal, "9", "{}").await;
        drop(journal);
        let journal = FileJournal::open(&file.0).unwrap();
        assert_eq!(load(&journal, "9").await.as_deref(), Some("{}"), "{cut}");
        assert_eq!(journal.cut_off_bytes(), 0);
    }
}

#[tokio::test]
async fn what_is_no_journal_is_left_as_it_is() {
    let file = Scratch::new("other");
    for (text, expected) in [
        ("name,email\nAda,ada@example.com\n", "no journal"),
        ("name", "no journal"),
        ("{\"genesy_journal\":99}\n", "version 99"),
        ("{\"genesy_journal\":1}\n[\"1\",{}]\nrubbish\n[\"2\",{}]\n", ":3: this line"),
        ("{\"genesy_journal\":1}\n[\"\",{}]\n", ":2: this line"),
    ] {
        fs::write(&file.0, text).unwrap();
        let error = FileJournal::open(&file.0).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("example.com"));
        assert_eq!(fs::read_to_string(&file.0).unwrap(), text);
    }
}

#[tokio::test]
async fn a_line_that_is_too_long_is_neither_written_nor_taken_for_one_that_was_cut_off() {
    let file = Scratch::new("long");
    let journal = FileJournal::open(&file.0).unwrap();
    let around = "[\"1\",\"\"]\n".len();
    let snapshot = |line_bytes: u64| format!("\"{}\"", "a".repeat(line_bytes as usize - around));
    let lead = LeadId::new("1").unwrap();
    let too_long = snapshot(LINE_BYTES_MAX + 1);
    let error = journal.store(&lead, too_long.as_bytes()).await.unwrap_err().to_string();
    assert!(error.contains("16777217 bytes"), "{error}");
    let longest = snapshot(LINE_BYTES_MAX);
    journal.store(&lead, longest.as_bytes()).await.unwrap();
    drop(journal);
    let journal = FileJournal::open(&file.0).unwrap();
    assert_eq!((journal.leads(), journal.cut_off_bytes()), (1, 0));
    drop(journal);
    let text = format!("{{\"genesy_journal\":1}}\n[\"1\",{too_long}]\n[\"2\",{{}}]\n");
    fs::write(&file.0, &text).unwrap();
    let error = FileJournal::open(&file.0).unwrap_err();
    assert!(matches!(error, FileJournalError::Line { line: 2, .. }), "{error}");
    assert!(fs::read_to_string(&file.0).unwrap() == text, "it is left as it is");
}

#[test]
fn one_process_at_a_time() {
    let file = Scratch::new("twice");
    let journal = FileJournal::open(&file.0).unwrap();
    let error = FileJournal::open(&file.0).unwrap_err();
    assert!(matches!(error, FileJournalError::InUse { .. }), "{error}");
    drop(journal);
    assert!(FileJournal::open(&file.0).is_ok());
}
