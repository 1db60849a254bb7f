//! Files that are there only once they are whole.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Failure;

/// A file in the making: it has its name only once it is whole, so that a program that is killed leaves no half of
/// it behind under that name, and what is read may be what is written.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    partial: PathBuf,
    file: File,
    is_whole: bool,
}

impl WholeFile {
    /// Begins one beside `path`.
    ///
    /// # Errors
    ///
    /// When that cannot be written. As all errors here, it names the file.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            let why = format!("{}: this is a folder: give a file", path.display());
            return Err(io::Error::new(io::ErrorKind::IsADirectory, why));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|error| of(&partial, &error))?;
        Ok(Self { path: path.to_owned(), partial, file, is_whole: false })
    }

    /// Gives it its name.
    ///
    /// # Errors
    ///
    /// When it is not on the disk, or another file keeps the name.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.sync_all().map_err(|error| of(&self.partial, &error))?;
        fs::rename(&self.partial, &self.path).map_err(|error| of(&self.path, &error))?;
        self.is_whole = true;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| of(&self.partial, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| of(&self.partial, &error))
    }
}

impl Drop for WholeFile {
    /// Half a file is of no use to anybody.
    fn drop(&mut self) {
        if !self.is_whole {
            let _ = fs::remove_file(&self.partial);
        }
    }
}

fn of(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{} cannot be written: {error}", path.display()))
}

/// Refuses names, each with what it stands for, that would make one file overwrite another.
///
/// # Errors
///
/// When two are the same file, whichever way their paths are written.
pub fn all_differ(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let named = files.iter().filter_map(|(what, path)| Some((what, (*path)?)));
    let mut places = BTreeMap::new();
    for (what, path) in named {
        if let Some(other) = places.insert(place(path), what) {
            let path = path.display();
            return Err(format!("{path}: {what} is the same file as {other}: give another").into());
        }
    }
    Ok(())
}

/// Where a file is or will be, whichever way its path is written.
fn place(path: &Path) -> PathBuf {
    if let Ok(place) = fs::canonicalize(path) {
        return place;
    }
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => env::current_dir(),
        Some(folder) => fs::canonicalize(folder),
        None => return path.to_owned(),
    };
    folder.unwrap_or_default().join(path.file_name().unwrap_or_default())
}
