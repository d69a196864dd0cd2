//! Whole reports of a bucket on Ceph's gateway against what people would otherwise type.
//!
//! Peers keep what they make on this machine; stocktake's reports go to another bucket of the gateway.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use stocktake_tests::harness::ceph::{Ceph, ceph, runtime};
use tokio::task::JoinSet;

use crate::Arm;
use crate::command::{Count, OBJECTS, Part, Proof, Reports, SECONDS, in_python, key, script};
use crate::growth::LISTS_MAX;
use crate::table::{Mark, Row};

/// How many objects are written at once: enough to keep the gateway busy.
const WRITERS: usize = 32;

/// How long a line takes into the gateway's log at most.
const LOGGED: Duration = Duration::from_secs(10);

/// How often it is looked whether it is there; nothing tells.
const POLL: Duration = Duration::from_millis(20);

const NAME: &str =
    "a bucket of 100,000 objects on Ceph's gateway, from the first request to the last byte";

pub(crate) fn arms(scratch: &Path) -> Result<Vec<Arm>> {
    let Some(ceph) = ceph() else {
        let row = Row::new(NAME, "everything on the gateway", SECONDS, Mark::Nothing);
        return Ok(vec![Arm::skipped(row, "no Ceph here, see above")]);
    };
    fs::create_dir_all(scratch)?;
    let (source, destination) = (ceph.bucket(), ceph.bucket());
    let filling = fill(ceph.open().client(), &source)?;
    let keys = ceph.environment();
    let environment = keys.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reports = Reports {
        store: ceph.endpoint(),
        scratch: scratch.to_owned(),
        environment: environment.to_vec(),
        source: source.clone(),
        destination,
        made: Rc::new(Cell::new(0)),
    };
    reports.warm_up()?;
    let lists = Lists::new(ceph, &source);
    let count = Count {
        what: "lists / 1,000 objects",
        mark: Mark::AtMost(LISTS_MAX),
        so_far: Rc::new(move || lists.so_far()),
        unit: OBJECTS as f64 / 1000.0,
    };
    let part = Part { name: NAME, scratch: scratch.to_owned(), count: Some(count) };
    let theirs = theirs(&part, ceph, &source);
    let mut filled = Row::new(NAME, "filling the bucket, 32 at once", SECONDS, Mark::Nothing);
    filled.figures.push(filling.as_secs_f64());
    let mut arms =
        vec![Arm { rows: vec![filled], rounds_max: 0, measure: Box::new(|| Ok(Vec::new())) }];
    arms.extend(part.arms(&reports, theirs));
    Ok(arms)
}

/// Writes small objects, and answers how long it took.
fn fill(client: &Client, bucket: &str) -> Result<Duration> {
    let begun = Instant::now();
    runtime().block_on(async {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (client, bucket) = (client.clone(), bucket.to_owned());
            writers.spawn(async move {
                for number in (writer..OBJECTS).step_by(WRITERS) {
                    let put = client.put_object().bucket(&bucket).key(key(number));
                    put.body(ByteStream::from_static(b"x")).send().await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(ended) = writers.join_next().await {
            ended??;
        }
        anyhow::Ok(())
    })?;
    Ok(begun.elapsed())
}

/// How many pages the gateway was asked for, by its log.
struct Lists {
    log: PathBuf,
    client: Client,
    source: String,
    read: Cell<Read>,
}

/// How far the log has been read.
#[derive(Clone, Copy, Default)]
struct Read {
    bytes: u64,
    lists: u64,
    marks: u32,
}

impl Lists {
    fn new(ceph: &Ceph, source: &str) -> Self {
        let log = ceph.gateway_log().to_owned();
        let client = ceph.open().client().clone();
        Self { log, client, source: source.to_owned(), read: Cell::default() }
    }

    /// Counts since the gateway started; listings of both versions and of all buckets.
    fn so_far(&self) -> Result<u64> {
        let Read { mut bytes, mut lists, marks } = self.read.get();
        // What was asked before this stands before it in the log.
        let mark = format!("/mark-{marks}-");
        let asked =
            self.client.head_object().bucket(&self.source).key(mark.trim_start_matches('/')).send();
        if runtime().block_on(asked).is_ok() {
            bail!("there is an object `{mark}`");
        }
        let until = Instant::now() + LOGGED;
        let mut log = BufReader::new(File::open(&self.log)?);
        log.seek(SeekFrom::Start(bytes))?;
        let mut line = String::new();
        loop {
            line.clear();
            log.read_line(&mut line)?;
            if line.ends_with('\n') {
                bytes += line.len() as u64;
                // What tells listings of the second version and of the first one from other requests of a bucket.
                let is_list = line.contains("list-type=2") || line.contains("max-keys=");
                lists += u64::from(is_list);
                // Other lines about the request come before the one that counts.
                if line.contains(&mark) && line.contains("beast: ") {
                    self.read.set(Read { bytes, lists, marks: marks + 1 });
                    return Ok(lists);
                }
                continue;
            }
            if Instant::now() > until {
                bail!("the gateway does not log its requests");
            }
            // The line is still being written.
            log.seek(SeekFrom::Start(bytes))?;
            std::thread::sleep(POLL);
        }
    }
}

fn theirs(part: &Part, ceph: &Ceph, source: &str) -> Vec<Arm> {
    let url = ceph.endpoint().trim_start_matches("s3+").to_owned();
    let with_keys = |mut command: Command| {
        command.envs(ceph.environment()).env("AWS_ENDPOINT_URL", &url);
        command.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_EC2_METADATA_DISABLED", "true");
        // rclone refuses to start with one, and nothing is encrypted here.
        command.env_remove("AWS_CA_BUNDLE");
        command
    };
    let mut rclone = Command::new("rclone");
    rclone.args(["lsjson", "-R", "--fast-list", "--no-mimetype", "--use-server-modtime"]);
    rclone.arg(format!("ceph:{source}"));
    rclone.env("RCLONE_CONFIG_CEPH_TYPE", "s3").env("RCLONE_CONFIG_CEPH_PROVIDER", "Ceph");
    rclone.env("RCLONE_CONFIG_CEPH_ENV_AUTH", "true").env("RCLONE_CONFIG_CEPH_ENDPOINT", &url);
    let mut aws = Command::new(in_python("aws"));
    aws.args(["s3api", "list-objects-v2", "--output", "json", "--bucket", source]);
    // Its times are those of the listing; without the flag it asks for each object.
    let rclone_name = "rclone lsjson -R --fast-list --use-server-modtime, no report";
    let mut arms = vec![
        part.peer(rclone_name, Proof("\"Size\":1,", OBJECTS), with_keys(rclone)),
        part.peer(
            "aws s3api list-objects-v2, no report",
            Proof("\"Key\":", OBJECTS),
            with_keys(aws),
        ),
    ];
    let source = format!("s3://{source}");
    for (name, tool) in [
        ("pyarrow.fs listing, pyarrow, Parquet", "pyarrow-parquet"),
        ("pyarrow.fs listing, pyarrow, ORC", "pyarrow-orc"),
        ("boto3 listing, pyarrow, Parquet", "boto3-parquet"),
        ("boto3 listing, duckdb COPY, Parquet", "duckdb"),
    ] {
        let command = with_keys(script(&source, tool, &part.scratch.join(tool)));
        arms.push(part.peer(name, Proof("100000 rows", 1), command));
    }
    arms
}
