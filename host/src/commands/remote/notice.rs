//! The note that a `serve` leaves beside its database, so that a command that finds the database taken knows whom to ask.
//!
//! It has no secret in it. A process that was killed leaves it behind, which is why nobody looks at it who can open the
//! database.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// The name of the note in the data folder.
const FILE: &str = "serving.json";

/// The most bytes that are read of it; an address and a region take a hundred.
const BYTES_MAX: u64 = 4 << 10;

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commands) struct Notice {
    /// Such as `http://127.0.0.1:9000`.
    pub(in crate::commands) endpoint: String,
    /// What requests have to be signed for.
    pub(in crate::commands) region: String,
}

/// A note that is there as long as this value is.
#[derive(Debug)]
pub(in crate::commands) struct Posted(PathBuf);

impl Notice {
    /// What to say about a `serve` that listens here. One that listens everywhere is asked on this machine.
    pub(in crate::commands) fn of(listening: SocketAddr, region: &str) -> Self {
        let address = match listening.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let address = SocketAddr::new(address, listening.port());
        Self { endpoint: format!("http://{address}"), region: region.to_owned() }
    }

    /// Leaves the note in the data folder, for this user alone. Whoever has the database open may do so.
    pub(in crate::commands) fn post(&self, data: &Path) -> anyhow::Result<Posted> {
        let path = data.join(FILE);
        let new = data.join(format!("{FILE}.new"));
        let posting = || -> std::io::Result<()> {
            // One that a killed process left may be somebody else's, whose mode would stay.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            fs::rename(&new, &path)
        };
        posting().with_context(|| format!("`{}` cannot be written", path.display()))?;
        Ok(Posted(path))
    }

    /// Reads the note of a data folder; none where there is none.
    pub(in crate::commands) fn read(data: &Path) -> anyhow::Result<Option<Self>> {
        let path = data.join(FILE);
        let reading = || -> anyhow::Result<Self> {
            let file = fs::File::open(&path)?;
            let found = file.metadata()?;
            // Whoever could write it could have requests sent to a place of theirs.
            if found.uid() != rustix::process::geteuid().as_raw() || found.mode() & 0o022 != 0 {
                bail!("it belongs to somebody else, or others can write to it");
            }
            let mut bytes = Vec::new();
            file.take(BYTES_MAX).read_to_end(&mut bytes)?;
            Ok(serde_json::from_slice(&bytes)?)
        };
        match reading() {
            Ok(notice) => Ok(Some(notice)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error.context(format!("`{}` cannot be used", path.display()))),
        }
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        // Where it stays, the next one who opens the database replaces it.
        drop(fs::remove_file(&self.0));
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_note_is_there_for_its_owner_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(Notice::read(folder.path()).unwrap(), None);
        let notice = Notice::of("0.0.0.0:9000".parse().unwrap(), "eu-1");
        assert_eq!(notice.endpoint, "http://127.0.0.1:9000");
        fs::write(folder.path().join("serving.json.new"), "left behind").unwrap();
        let posted = notice.post(folder.path()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Notice::read(folder.path()).unwrap(), Some(notice));
        drop(posted);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let v6 = Notice::of("[::]:1".parse().unwrap(), "r");
        assert_eq!(v6.endpoint, "http://[::1]:1");
    }

    #[test]
    fn a_note_that_others_can_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let notice = Notice::of("127.0.0.1:1".parse().unwrap(), "r");
        let _posted = notice.post(folder.path()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
        assert!(Notice::read(folder.path()).unwrap_err().to_string().contains("cannot be used"));
    }
}
