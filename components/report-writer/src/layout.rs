//! Where the files of a report are.
//!
//! Source: "Inventory lists" in the Amazon S3 user guide.

use stocktake_core::configuration::{Configuration, report_base};
use stocktake_core::timestamp::Millis;

use crate::task::{digest, hex};

/// The keys of one configuration's reports.
#[derive(Debug)]
pub(crate) struct Layout {
    base: String,
}

impl Layout {
    pub(crate) fn new(source: &str, configuration: &Configuration) -> Self {
        let prefix = configuration.destination.prefix.as_deref();
        let base = report_base(prefix, source, configuration.id.as_str());
        Self { base }
    }

    /// The folder of a report's manifest, with its slash.
    pub(crate) fn folder(&self, time: Millis) -> String {
        format!("{}/{}/", self.base, time.folder())
    }

    pub(crate) fn manifest(&self, time: Millis) -> String {
        format!("{}manifest.json", self.folder(time))
    }

    pub(crate) fn checksum(&self, time: Millis) -> String {
        format!("{}manifest.checksum", self.folder(time))
    }

    pub(crate) fn symlink(&self, time: Millis) -> String {
        format!("{}/hive/dt={}/symlink.txt", self.base, time.partition())
    }

    /// A data file. The name looks like a random UUID and follows from the run and where the range begins, so a task
    /// that runs again overwrites its own file and no other.
    pub(crate) fn data_file(&self, run: &str, after: Option<&str>, extension: &str) -> String {
        let bound = if after.is_some() { "after" } else { "start" };
        let mut bytes = digest(&["data file", run, bound, after.unwrap_or("")]);
        // Version 4, variant 1 (RFC 9562, section 5.4).
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let text = hex(&bytes);
        let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
        let uuid = groups.map(|(from, to)| text.get(from..to).unwrap_or_default()).join("-");
        format!("{}/data/{uuid}.{extension}", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Millis = Millis(1_794_099_600_000);

    #[track_caller]
    fn layout(prefix: &str) -> Layout {
        let text = format!(
            r#"{{"Destination":{{"S3BucketDestination":{{"Bucket":"arn:aws:s3:::orbit-reports","Format":"CSV"{prefix}}}}},"IsEnabled":true,"Id":"daily-csv","IncludedObjectVersions":"All","Schedule":{{"Frequency":"Daily"}}}}"#
        );
        Layout::new("orbit-raw", &Configuration::from_json(&text).unwrap())
    }

    #[test]
    fn joins_the_prefix_with_one_slash() {
        for prefix in ["inv", "inv/"] {
            let layout = layout(&format!(r#","Prefix":"{prefix}""#));
            assert_eq!(
                layout.manifest(TIME),
                "inv/orbit-raw/daily-csv/2026-11-08T01-00Z/manifest.json"
            );
            assert_eq!(
                layout.symlink(TIME),
                "inv/orbit-raw/daily-csv/hive/dt=2026-11-08-01-00/symlink.txt"
            );
        }
    }

    #[test]
    fn starts_at_the_source_without_a_prefix() {
        for prefix in ["", r#","Prefix":"""#] {
            assert_eq!(
                layout(prefix).checksum(TIME),
                "orbit-raw/daily-csv/2026-11-08T01-00Z/manifest.checksum"
            );
        }
    }

    #[test]
    fn data_files_are_named_by_run_and_range() {
        let layout = layout("");
        let name = |run, after| layout.data_file(run, after, "csv.gz");
        assert_eq!(name("r1", None), name("r1", None));
        assert_ne!(name("r1", None), name("r1", Some("")));
        assert_ne!(name("r1", None), name("r2", None));
        let file = name("r1", Some("k"));
        let uuid = file.strip_prefix("orbit-raw/daily-csv/data/").unwrap();
        assert_eq!(uuid.len(), 36 + ".csv.gz".len());
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
    }
}
