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
use crate::import::{remove_upload, upload_path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};

/// Bytes that are read at a time.
const READ_BYTES: usize = 1024 * 1024;

/// Removes the uploads that mention an address, and gives how many there were.
pub(super) async fn erase(state: &AppState, person: &Person) -> Result<usize, Problem> {
    let read = |store: &rusqlite::Connection| {
        let importing = ImportRow::in_state(store, ImportState::Importing)?;
        Ok((importing, ImportRow::in_state(store, ImportState::Ready)?))
    };
    let (importing, ready) = state.store().read(read).await?;
    for import in importing {
        if is_in_file(state, import.id, person).await? {
            let detail =
                "a file that has the address in it is being imported: try again when it is done";
            return Err(Problem::conflict(detail));
        }
    }
    let mut removed = 0;
    for import in ready {
        if is_in_file(state, import.id, person).await? {
            let id = import.id;
            let work = move |write: &Transaction<'_>| imports::remove_ready(write, id);
            if state.store().write(work).await? {
                remove_upload(state.store(), id);
                removed += 1;
            }
        }
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
        Err(error) => {
            tracing::error!(kind = %error.kind(), import, "an upload could not be read");
            Err(Problem::internal())
        }
    }
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
        let keep = text.len().min(longest + 64);
        text.drain(..text.len() - keep);
    }
}
