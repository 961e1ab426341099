//! Files that are whole or not there.

use std::path::{Path, PathBuf};

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}")]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: std::io::Error,
}

/// Writes beside the file, then renames.
///
/// # Errors
/// What the file system says; the old file, if there was one, is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_new(path, |file| std::io::Write::write_all(file, bytes))
}

/// The same for a writer that gives its bytes piece by piece.
///
/// # Errors
/// What the writer or the file system says; the old file, if there was one, is then as it was.
pub fn write_new(
    path: &Path,
    fill: impl FnOnce(&mut std::io::BufWriter<&mut std::fs::File>) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let error = |source| WriteError { path: path.to_path_buf(), source };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(error)?;
    let mut writer = std::io::BufWriter::new(file.as_file_mut());
    fill(&mut writer).map_err(error)?;
    std::io::Write::flush(&mut writer).map_err(error)?;
    drop(writer);
    #[cfg(unix)]
    {
        // A temporary file is its owner's alone; a result is like any other file.
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(error)?;
    }
    file.persist(path).map_err(|failure| error(failure.error))?;
    Ok(())
}
