//! Files that are written completely or not at all.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};

/// Proves before the work that a file can be written afterwards.
///
/// # Errors
/// [`Error::Exists`] if there is a file and `replace` is false; [`Error::Io`] if the folder cannot be written to.
pub fn check_writable(path: &Path, replace: bool) -> Result<()> {
    if !replace && path.exists() {
        return Err(Error::Exists(path.to_owned()));
    }
    if path.is_dir() {
        return Err(Error::io(path, "write", std::io::ErrorKind::IsADirectory.into()));
    }
    temporary_beside(path).map(drop)
}

/// Writes a file: into a temporary one beside it, synced, then renamed, so that the file is whole or not there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], replace: bool) -> Result<()> {
    check_writable(path, replace)?;
    let fail = |e: std::io::Error| Error::io(path, "write", e);
    let mut file = temporary_beside(path)?;
    file.write_all(bytes).map_err(fail)?;
    set_common_permissions(file.as_file()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

fn temporary_beside(path: &Path) -> Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    tempfile::Builder::new().prefix(".demarche-").tempfile_in(folder).map_err(|e| Error::io(path, "write", e))
}

/// Temporary files are made for their owner alone; what is written is an ordinary file.
#[cfg(unix)]
fn set_common_permissions(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_common_permissions(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}
