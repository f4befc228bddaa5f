//! The data folder: one runner at a time may hold it.

use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A folder this process alone works in, as long as the value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// The lock ends with the file handle, so a killed process leaves none behind.
    _lock: File,
}

/// Why the folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another runner works in it.
    #[error("{path} is in use: another runner holds it{}", at(.runner.as_ref()))]
    Held {
        /// The folder.
        path: String,
        /// How that runner can be reached, where it said so.
        runner: Option<Running>,
    },
    /// The file system refused.
    #[error("{path} cannot be used: {source}")]
    Unusable {
        /// The folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

fn at(runner: Option<&Running>) -> String {
    runner.map(|runner| format!(" (process {}, {})", runner.pid, runner.url)).unwrap_or_default()
}

/// The note that a runner leaves in its folder for the other commands. It counts only while the folder is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its process id.
    pub pid: u32,
    /// Its front, on loopback.
    pub url: String,
    /// The HubSpot it talks to.
    pub hubspot_url: String,
    /// The OpenCX it talks to.
    pub opencx_url: String,
}

impl DataFolder {
    /// Makes the folder where it does not exist, and locks it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable { path: path.display().to_string(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let options = File::options().create(true).truncate(false).write(true).open(path.join("lock"));
        let lock = options.map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(FolderError::Held { path: path.display().to_string(), runner: running(path) })
            }
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// The database's path.
    pub fn database(&self) -> PathBuf {
        self.path.join("bridge.db")
    }

    /// The path of the secrets.
    pub fn keyring(&self) -> PathBuf {
        keyring(&self.path)
    }

    /// Writes the note for the other commands.
    pub fn announce(&self, running: &Running) -> std::io::Result<()> {
        std::fs::write(self.path.join("runner.json"), serde_json::to_vec_pretty(running)?)
    }
}

/// The runner that holds the folder at `path` at this moment, where it said how to reach it.
pub(crate) fn holder(path: &Path) -> Option<Running> {
    let lock = File::options().write(true).open(path.join("lock")).ok()?;
    matches!(lock.try_lock(), Err(TryLockError::WouldBlock)).then(|| running(path)).flatten()
}

/// The path of the secrets in the folder at `path`. They may be read while a runner holds it.
pub(crate) fn keyring(path: &Path) -> PathBuf {
    path.join("keyring.json")
}

fn running(path: &Path) -> Option<Running> {
    serde_json::from_slice(&std::fs::read(path.join("runner.json")).ok()?).ok()
}

#[cfg(test)]
mod tests;

/// An empty folder for one test.
#[cfg(test)]
pub(crate) fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("opencx-hubspot-{name}-{}", std::process::id()));
    // An earlier test may have left a folder of this name.
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
