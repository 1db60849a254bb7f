//! Uploads that mention an address.
//!
//! | limit | value |
//! |---|---|
//! | bytes that are read at a time | 1 MiB ([`READ_BYTES`]) |

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rusqlite::Transaction;

use super::person::Person;
use crate::import::{remove_upload, upload_path, uploads};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};

/// Bytes that are read at a time.
const READ_BYTES: usize = 1024 * 1024;

/// Bytes before an address that are kept, which tell whether it begins there.
const BYTES_BEFORE: usize = 64;

/// Removes the uploads that mention an address, and gives how many there were.
///
/// # Errors
///
/// If one of them is being uploaded or imported.
pub(super) async fn erase(state: &AppState, person: &Person) -> Result<usize, Problem> {
    let mut removed = 0;
    for id in uploads(state.store()).map_err(|error| unreadable(&error))? {
        if !is_in_file(state, id, person).await? {
            continue;
        }
        // As it stands now: it may have been ready until a moment ago.
        let work = move |write: &Transaction<'_>| {
            let import = ImportRow::find(write, id)?;
            imports::remove_ready(write, id)?;
            Ok(import.map(|import| import.state))
        };
        match state.store().write(work).await? {
            Some(ImportState::Uploading | ImportState::Importing) => {
                let detail = "a file that has the address in it is being uploaded or imported: \
                    try again when it is done";
                return Err(Problem::conflict(detail));
            }
            state => removed += usize::from(state == Some(ImportState::Ready)),
        }
        remove_upload(state.store(), id);
    }
    Ok(removed)
}

async fn is_in_file(state: &AppState, import: i64, person: &Person) -> Result<bool, Problem> {
    let path = upload_path(state.store(), import);
    let person = person.clone();
    let found = tokio::task::spawn_blocking(move || mentions(&path, &person)).await;
    match found.map_err(|_| Problem::internal())? {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(&error)),
    }
}

fn unreadable(error: &io::Error) -> Problem {
    tracing::error!(kind = %error.kind(), "uploads could not be read");
    Problem::internal()
}

/// Whether a file holds the address, also where every other byte is zero, as in UTF-16.
fn mentions(path: &Path, person: &Person) -> io::Result<bool> {
    let longest = person.spellings().iter().map(String::len).max().unwrap_or(0);
    let mut file = File::open(path)?;
    let mut bytes = vec![0; READ_BYTES];
    let mut text: Vec<u8> = Vec::new();
    loop {
        let count = file.read(&mut bytes)?;
        if count == 0 {
            return Ok(false);
        }
        text.extend(bytes[..count].iter().filter(|byte| **byte != 0));
        if person.is_in(&String::from_utf8_lossy(&text)) {
            return Ok(true);
        }
        // The address may be cut in two here, and what is before it tells whether it begins there.
        let keep = text.len().min(longest + BYTES_BEFORE);
        text.drain(..text.len() - keep);
    }
}
