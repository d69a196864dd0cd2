//! Where the files of a report are.
//!
//! Sources: "Inventory lists" in the Amazon S3 user guide; "Inventory overview" in the documentation of Tencent COS.

use stocktake_core::bucket::BucketName;
use stocktake_core::configuration::{Configuration, report_base};
use stocktake_core::finding::Dialect;
use stocktake_core::form::Form;
use stocktake_core::timestamp::Millis;

use crate::task::{digest, hex};

/// The keys of one configuration's reports.
#[derive(Debug)]
pub(crate) struct Layout {
    base: String,
    form: Form,
}

impl Layout {
    pub(crate) fn new(source: &str, configuration: &Configuration) -> Self {
        let base = if let Ok(source) = BucketName::parse_in(source, Dialect::Any) {
            configuration.report_base(&source)
        } else {
            // Folders may have names that no provider allows.
            let prefix = configuration.destination.prefix.as_deref();
            report_base(prefix, source, configuration.id.as_str())
        };
        Self { base, form: configuration.form }
    }

    /// Whether all reports of a day share a folder, so that a later one replaces the manifest of the one before.
    pub(crate) fn is_daily(&self) -> bool {
        self.form == Form::Cos
    }

    /// The folder of a report's manifest, with its slash.
    pub(crate) fn folder(&self, time: Millis) -> String {
        if self.is_daily() {
            return format!("{}/{}/", self.base, time.utc().format("%Y%m%d"));
        }
        format!("{}/{}/", self.base, time.folder())
    }

    pub(crate) fn manifest(&self, time: Millis) -> String {
        format!("{}manifest.json", self.folder(time))
    }

    pub(crate) fn checksum(&self, time: Millis) -> String {
        format!("{}manifest.checksum", self.folder(time))
    }

    /// The list of data files that Hive reads; Tencent COS has none.
    pub(crate) fn symlink(&self, time: Millis) -> Option<String> {
        let partition = time.partition();
        (self.form != Form::Cos).then(|| format!("{}/hive/dt={partition}/symlink.txt", self.base))
    }

    /// What our manifest says beyond that of S3; none in the form of Tencent COS, whose manifests are replaced in place.
    pub(crate) fn extension(&self, time: Millis) -> Option<String> {
        (!self.is_daily()).then(|| format!("{}manifest.stocktake.json", self.folder(time)))
    }

    /// A data file. The name looks random and follows from the run and where the range begins, so a task that runs
    /// again overwrites its own file and no other. It is a UUID, or in Tencent COS 32 hex digits.
    pub(crate) fn data_file(&self, run: &str, after: Option<&str>, extension: &str) -> String {
        let bound = if after.is_some() { "after" } else { "start" };
        let mut bytes = digest(&["data file", run, bound, after.unwrap_or("")]);
        if self.form == Form::Cos {
            return format!("{}/{}.{extension}", self.base, hex(&bytes));
        }
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
                layout.extension(TIME).as_deref(),
                Some("inv/orbit-raw/daily-csv/2026-11-08T01-00Z/manifest.stocktake.json")
            );
            assert_eq!(
                layout.symlink(TIME).as_deref(),
                Some("inv/orbit-raw/daily-csv/hive/dt=2026-11-08-01-00/symlink.txt")
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

    #[test]
    fn the_form_of_cos_has_a_folder_a_day() {
        let text = r#"{"Destination":{"COSBucketDestination":{"Bucket":"qcs::cos:ap-tokyo::reports-1259999999","Format":"CSV","Prefix":"inv"}},"IsEnabled":true,"Id":"m1","IncludedObjectVersions":"Current","Schedule":{"Frequency":"Daily"},"Form":"cos"}"#;
        let configuration = Configuration::from_json(text).unwrap();
        for source in ["orbit-raw", "orbit-raw-1259999999"] {
            let layout = Layout::new(source, &configuration);
            let base = "inv/1259999999/orbit-raw/m1";
            assert_eq!(layout.manifest(TIME), format!("{base}/20261108/manifest.json"));
            assert_eq!(layout.checksum(TIME), format!("{base}/20261108/manifest.checksum"));
            assert_eq!((layout.symlink(TIME), layout.extension(TIME)), (None, None));
            let file = layout.data_file("r1", None, "csv.gz");
            let name = file.strip_prefix(base).and_then(|name| name.strip_prefix('/')).unwrap();
            let (name, extension) = name.split_at(32);
            assert!(name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{name}");
            assert_eq!(extension, ".csv.gz");
        }
    }
}
