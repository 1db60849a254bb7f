//! A file comes in.
//!
//! | limit | value |
//! |---|---|
//! | bytes of a file | `limits.upload_bytes_max` of the settings |
//! | bytes that are written at a time | 256 KiB ([`WRITE_BYTES`]) |
//! | characters of a file's name | 200 ([`NAME_CHARS_MAX`]) |

use std::io;
use std::time::Instant;

use axum::body::Body;
use futures_util::StreamExt;
use http_body::Body as _;
use rusqlite::Transaction;
use tokio::fs::{self, File};
use tokio::io::{AsyncWriteExt, BufWriter};

use super::{TELL_EVERY, preview, remove_upload, upload_path};
use crate::clock::Time;
use crate::extract::{body_problem, too_large};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};

/// Bytes that are written at a time.
const WRITE_BYTES: usize = 256 * 1024;
/// Characters of a file's name at most.
const NAME_CHARS_MAX: usize = 200;

/// Takes a file in; gives the import when the file is there and can be read.
pub(crate) async fn upload(
    state: &AppState,
    file_name: Option<&str>,
    body: Body,
) -> Result<ImportRow, Problem> {
    // Refused before any of it is stored, where its length is told.
    check_length(state, body.size_hint().lower())?;
    let name = clean_name(file_name.unwrap_or_default());
    let begin =
        move |transaction: &Transaction<'_>| imports::begin(transaction, &name, Time::now());
    let this = state.clone();
    // A task, so that what it began is removed even if its request is dropped before it is told.
    let half = tokio::spawn(async move {
        let id = this.store().write(begin).await?;
        Ok::<_, Problem>(HalfUpload { state: this, id: Some(id) })
    });
    let mut half = half.await.map_err(|_| Problem::internal())??;
    let id = half.id.unwrap_or_default();
    let bytes = receive(state, id, body).await?;
    let path = upload_path(state.store(), id);
    let seen = tokio::task::spawn_blocking(move || preview::estimate(&path));
    let estimate = seen.await.map_err(|_| Problem::internal())?.map_err(|error| error.problem())?;
    let ready = move |transaction: &Transaction<'_>| {
        transaction.execute(
            "UPDATE imports SET bytes = ?2, rows_estimate = ?3 WHERE id = ?1",
            (id, bytes, estimate),
        )?;
        imports::turn(transaction, id, &[ImportState::Uploading], ImportState::Ready, Time::now())?;
        ImportRow::find(transaction, id)
    };
    let import = state.store().write(ready).await?;
    half.id = None;
    import.ok_or_else(Problem::internal)
}

/// Removes an upload that does not come to its end, also when its request is dropped.
struct HalfUpload {
    state: AppState,
    id: Option<i64>,
}

impl Drop for HalfUpload {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let state = self.state.clone();
        tokio::spawn(async move {
            remove_upload(state.store(), id);
            if state
                .store()
                .write(move |transaction| imports::remove(transaction, id))
                .await
                .is_err()
            {
                tracing::warn!(import = id, "a half upload is removed at the next start");
            }
        });
    }
}

/// Writes the body to the file, and gives its length.
async fn receive(state: &AppState, id: i64, body: Body) -> Result<i64, Problem> {
    let mut file =
        BufWriter::with_capacity(WRITE_BYTES, create(state, id).await.map_err(|e| disk(&e))?);
    let mut stream = body.into_data_stream();
    let (mut bytes, mut told) = (0_u64, Instant::now());
    while let Some(data) = stream.next().await {
        let data = data.map_err(|error| body_problem(&error))?;
        bytes += data.len() as u64;
        check_length(state, bytes)?;
        file.write_all(&data).await.map_err(|error| disk(&error))?;
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tell(state, id, bytes).await?;
        }
    }
    file.flush().await.map_err(|error| disk(&error))?;
    file.get_ref().sync_all().await.map_err(|error| disk(&error))?;
    Ok(i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn check_length(state: &AppState, bytes: u64) -> Result<(), Problem> {
    let most = state.settings().limits.upload_bytes_max;
    if bytes > most {
        return Err(too_large(&format!("a file may have {most} bytes: split it")));
    }
    Ok(())
}

async fn create(state: &AppState, id: i64) -> io::Result<File> {
    let path = upload_path(state.store(), id);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).await?;
    }
    File::create(path).await
}

async fn tell(state: &AppState, id: i64, bytes: u64) -> Result<(), Problem> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let work = move |transaction: &Transaction<'_>| {
        transaction.execute("UPDATE imports SET bytes = ?2 WHERE id = ?1", (id, bytes))?;
        imports::tell(transaction, id, ImportState::Uploading, 0, Time::now())
    };
    Ok(state.store().write(work).await?)
}

fn disk(error: &io::Error) -> Problem {
    tracing::error!(kind = %error.kind(), "an upload could not be written");
    if error.kind() == io::ErrorKind::StorageFull {
        return Problem::disk_full();
    }
    Problem::internal()
}

/// The last part of a path, without what no name should have.
fn clean_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String =
        name.chars().filter(|character| !character.is_control()).take(NAME_CHARS_MAX).collect();
    match name.trim() {
        "" | "." | ".." => "leads.csv".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::clean_name;

    #[test]
    fn names_are_no_paths() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\Users\\ada\\leads.csv"), "leads.csv");
        assert_eq!(clean_name("a\r\nb\0.csv"), "ab.csv");
        assert_eq!(clean_name(".."), "leads.csv");
        assert_eq!(clean_name(&"x".repeat(1000)).len(), 200);
    }
}
