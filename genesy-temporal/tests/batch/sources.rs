//! The sources that are there. They need no server.

use std::fmt::Write;
use std::path::PathBuf;

use genesy_core::csv::normalize::Options;
use genesy_core::waterfall::LeadField;
use genesy_temporal::batch::{BatchLead, CsvSource, LeadSource, VecSource};

use crate::bench;

/// A file that is gone with this.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(name: &str, text: &str) -> Self {
        let name = format!("genesy-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).expect("it is written");
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn all(source: &dyn LeadSource, page: usize) -> Vec<BatchLead> {
    let mut leads = Vec::new();
    let mut cursor = None;
    loop {
        let page = source.page(cursor, page).await.expect("a page");
        leads.extend(page.leads);
        cursor = page.next;
        if cursor.is_none() {
            return leads;
        }
    }
}

fn told(leads: &[BatchLead]) -> Vec<(String, String)> {
    let name = |lead: &BatchLead| lead.inputs.get(LeadField::FullName).unwrap_or("").to_owned();
    leads.iter().map(|lead| (lead.id.as_str().to_owned(), name(lead))).collect()
}

#[tokio::test]
async fn a_file_gives_the_same_leads_however_it_is_read() {
    let mut file = String::from("first name,last name,email,country\n");
    for row in 1..=1000 {
        // Some are duplicates, and some are blank.
        let email = if row % 10 == 0 { row - 1 } else { row };
        match row % 7 {
            3 => file.push_str(",,,\n"),
            _ => writeln!(file, "José,Ñandú {row},josé{email}@müller{email}.example,ES")
                .expect("text"),
        }
    }
    let file = TemporaryFile::new("leads.csv", &file);
    let source = || CsvSource::new(&file.0, Options::default(), "march-");
    let whole = told(&all(&source(), 5000).await);
    assert!(whole.len() > 700 && whole.len() < 900, "{}", whole.len());
    assert_eq!(whole[0], ("march-1".to_owned(), "José Ñandú 1".to_owned()));
    for page in [1, 7, 400, whole.len() - 1, whole.len()] {
        assert_eq!(told(&all(&source(), page).await), whole, "pages of {page}");
    }

    // Another worker begins in the middle, and one reads a page again.
    let one = source();
    let first = one.page(None, 100).await.expect("a page");
    let second = one.page(first.next.clone(), 100).await.expect("a page");
    let again = one.page(first.next.clone(), 100).await.expect("a page");
    let other = source().page(first.next.clone(), 100).await.expect("a page");
    let back = one.page(None, 100).await.expect("a page");
    assert_eq!(told(&second.leads), whole[100..200]);
    assert_eq!(told(&again.leads), whole[100..200]);
    assert_eq!(told(&other.leads), whole[100..200]);
    assert_eq!(told(&back.leads), whole[..100]);
    assert_eq!(second.next, other.next);
}

#[tokio::test]
async fn a_file_that_is_not_there_or_has_fewer_rows_is_an_error() {
    let file = TemporaryFile::new("short.csv", "email\nada@example.com\nbob@example.com\n");
    let source = CsvSource::new(&file.0, Options::default(), "short-");
    assert_eq!(source.page(None, 1).await.expect("a page").next.as_deref(), Some("1"));
    let error = source.page(Some("7".to_owned()), 1).await.expect_err("too far");
    assert_eq!(error.to_string(), "the file has fewer rows than before");
    assert!(source.page(Some("x".to_owned()), 1).await.is_err());
    assert_eq!(source.page(Some("1".to_owned()), 9).await.expect("a page").leads.len(), 1);
    let gone = CsvSource::new("/nowhere/leads.csv", Options::default(), "");
    assert!(gone.page(None, 1).await.is_err());
}

#[tokio::test]
async fn leads_in_memory_come_in_their_order() {
    let source = VecSource::new(bench::leads(25));
    let ids = |leads: &[BatchLead]| leads.iter().map(|of| of.id.clone()).collect::<Vec<_>>();
    for page in [1, 10, 25, 99] {
        assert_eq!(ids(&all(&source, page).await), ids(&bench::leads(25)));
    }
    assert!(all(&VecSource::default(), 10).await.is_empty());
    assert!(source.page(Some("26".to_owned()), 10).await.is_err());
}
