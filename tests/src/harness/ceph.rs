//! A Ceph cluster of one node, in memory, with an S3 endpoint.
//!
//! It belongs to the test process: when that ends, however it ends, the cluster ends and its folder goes.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use stocktake_s3_store::{S3Endpoint, S3Keys, S3Store};
use tokio::runtime::Runtime;

use super::proxy::{Plan, Proxy};
use super::runs;

/// Programs that are needed.
const PROGRAMS: [&str; 7] =
    ["ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];

/// Debian's packages with these programs.
const PACKAGES: [&str; 4] = ["radosgw", "ceph-osd", "ceph-mon", "ceph-common"];

/// How often a start is tried: somebody else may take a port between its choice and its use.
const STARTS: usize = 3;

/// How long the daemons take at most; usually a second.
const START: Duration = Duration::from_mins(1);

/// How often it is looked whether the gateway listens; nothing tells.
const POLL: Duration = Duration::from_millis(20);

/// A key of the gateway's own key service, by this name.
pub const KMS_KEY: &str = "testkey-1";

/// The keys of the one user.
const ACCESS_KEY_ID: &str = "STOCKTAKETEST";
const SECRET_ACCESS_KEY: &str = "a-secret-of-the-tests";

/// A cluster that runs. Dropping it ends it.
pub struct Ceph {
    port: u16,
    buckets: AtomicU32,
    gateway_log: PathBuf,
    _cluster: Cluster,
}

/// The cluster of this process, which is started for the first who asks.
///
/// None where there is no Ceph; then standard error says so. In CI that is a failure.
#[track_caller]
pub fn ceph() -> Option<&'static Ceph> {
    static CEPH: OnceLock<Result<Ceph, String>> = OnceLock::new();
    let started = CEPH.get_or_init(|| {
        let started = programs().and_then(|()| start());
        if let Err(why) = &started {
            // Not `eprintln`, which the test runner keeps to itself unless a test fails.
            drop(writeln!(std::io::stderr(), "SKIPPED: everything that needs Ceph: {why}"));
        }
        started
    });
    match started {
        Ok(ceph) => Some(ceph),
        Err(why) => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{why}");
            None
        }
    }
}

impl Ceph {
    /// The endpoint, as users write it.
    pub fn endpoint(&self) -> String {
        format!("s3+http://127.0.0.1:{}", self.port)
    }

    /// A proxy before the gateway, for faults by plan.
    pub fn proxied(&self, plan: Plan) -> Proxy {
        Proxy::before(self.port, plan)
    }

    /// What a program needs in its environment to be let in.
    pub fn environment(&self) -> [(&'static str, &'static str); 2] {
        [("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID), ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)]
    }

    /// The gateway's log, which has a line for each request.
    pub fn gateway_log(&self) -> &Path {
        &self.gateway_log
    }

    /// Opens the store, as a new process would.
    pub fn open(&self) -> S3Store {
        self.open_at(&self.endpoint())
    }

    /// The same, by way of another endpoint.
    pub fn open_at(&self, endpoint: &str) -> S3Store {
        let endpoint = S3Endpoint::parse(endpoint).unwrap();
        let keys = S3Keys {
            access_key_id: ACCESS_KEY_ID.to_owned(),
            secret_access_key: SECRET_ACCESS_KEY.to_owned(),
            session_token: None,
        };
        S3Store::with_keys(&endpoint, keys, runtime().handle().clone())
    }

    /// Makes a bucket that nobody else has.
    pub fn bucket(&self) -> String {
        let number = self.buckets.fetch_add(1, Ordering::Relaxed);
        let name = format!("bucket-{number}");
        self.create_bucket(&name);
        name
    }

    /// Makes a bucket of this name.
    pub fn create_bucket(&self, name: &str) {
        runtime().block_on(self.open().client().create_bucket().bucket(name).send()).unwrap();
    }
}

/// The runtime of all S3 clients of this process.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(runs::runtime)
}

/// Finds the programs; root installs what is missing.
fn programs() -> Result<(), String> {
    let missing = || PROGRAMS.into_iter().find(|name| !is_installed(name));
    let Some(name) = missing() else { return Ok(()) };
    if rustix::process::geteuid().is_root() && is_installed("apt-get") {
        let updated = run(Command::new("apt-get").args(["-qq", "update"]));
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive");
        install.args(["-qq", "install", "-y", "--no-install-recommends"]).args(PACKAGES);
        updated.and_then(|_| run(&mut install))?;
    }
    if missing().is_none() {
        return Ok(());
    }
    let packages = PACKAGES.join(" ");
    Err(format!("there is no `{name}`; install Debian's packages {packages}"))
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn start() -> Result<Ceph, String> {
    let mut tried = start_once();
    for _ in 1..STARTS {
        if tried.is_ok() {
            break;
        }
        tried = start_once();
    }
    tried
}

fn start_once() -> Result<Ceph, String> {
    let folder = tempfile::Builder::new().prefix("stocktake-ceph-").tempdir();
    let folder = folder.map_err(text)?.keep();
    let mut cluster = Cluster::kept_in(&folder)?;
    let [mon, port] = free_ports();
    let id = fs::read_to_string("/proc/sys/kernel/random/uuid").map_err(text)?;
    let id = id.trim();
    let file = |name: &str| folder.join(name).into_os_string();
    fs::write(file("ceph.conf"), configuration(&folder, id, mon)).map_err(text)?;
    for data in ["mon", "osd", "rgw"] {
        fs::create_dir(folder.join(data)).map_err(text)?;
    }
    let ceph = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--conf").arg(file("ceph.conf"));
        command
    };
    for (at, name) in ["mon.", "client.admin", "client.rgw.a", "osd.0"].into_iter().enumerate() {
        let mut command = Command::new("ceph-authtool");
        command.arg(file("keyring")).args(["--gen-key", "-n", name]);
        command.args(["--cap", "mon", "allow *", "--cap", "osd", "allow *"]);
        run(command.args((at == 0).then_some("--create-keyring")))?;
    }
    let address = format!("[v2:127.0.0.1:{mon}]");
    let map = ["--create", "--fsid", id, "--addv", "a", &address];
    run(Command::new("monmaptool").args(map).arg(file("monmap")))?;
    run(ceph("ceph-mon").args(["--mkfs", "-i", "a", "--monmap"]).arg(file("monmap")))?;

    cluster.start(ceph("ceph-mon").args(["-f", "-i", "a"]))?;
    run(ceph("ceph").args(["--connect-timeout", "30", "osd", "new", id]))?;
    run(ceph("ceph-osd").args(["-i", "0", "--mkfs", "--osd-uuid", id]))?;
    cluster.start(ceph("ceph-osd").args(["-f", "-i", "0"]))?;
    let front = format!("--rgw-frontends=beast endpoint=127.0.0.1:{port}");
    cluster.start(ceph("radosgw").args(["-f", "-n", "client.rgw.a", &front]))?;
    cluster.wait_for(port)?;
    let user = ["user", "create", "--uid=tests", "--display-name=tests"];
    let keys =
        [format!("--access-key={ACCESS_KEY_ID}"), format!("--secret-key={SECRET_ACCESS_KEY}")];
    run(ceph("radosgw-admin").args(user).args(keys))?;
    let gateway_log = folder.join("client.rgw.a.log");
    Ok(Ceph { port, buckets: AtomicU32::new(0), gateway_log, _cluster: cluster })
}

/// Daemons, and a shell that outlives this process to end them.
struct Cluster {
    daemons: Vec<Child>,
    keeper: Child,
}

/// Reads the daemons' process ids, one a line, until the pipe is closed; then ends them and removes their folder.
const KEEPER: &str = r#"
pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || kill -9 $pids
rm -rf -- "$1"
"#;

impl Cluster {
    fn kept_in(folder: &Path) -> Result<Self, String> {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(folder).stdin(Stdio::piped());
        // In a group of its own, which no interrupt from a terminal reaches.
        keeper.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Ok(Self { daemons: Vec::new(), keeper: keeper.spawn().map_err(text)? })
    }

    /// Starts a daemon; what it says stands in its log file.
    fn start(&mut self, command: &mut Command) -> Result<(), String> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = command.process_group(0).spawn().map_err(text)?;
        let pid = daemon.id();
        self.daemons.push(daemon);
        let pipe = self.keeper.stdin.as_mut();
        pipe.map_or(Ok(()), |pipe| writeln!(pipe, "{pid}")).map_err(text)
    }

    /// Waits until somebody listens.
    fn wait_for(&mut self, port: u16) -> Result<(), String> {
        let until = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            for daemon in &mut self.daemons {
                if let Some(status) = daemon.try_wait().map_err(text)? {
                    return Err(format!("a daemon of Ceph ended too soon: {status}"));
                }
            }
            if Instant::now() > until {
                return Err(format!("Ceph did not start within {START:?}"));
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Daemons are waited for last, so that no other process can have their ids when the keeper ends them.
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
        for daemon in &mut self.daemons {
            drop(daemon.wait());
        }
    }
}

/// The settings: one copy of everything, in memory, and a monitor that does not wait for others to agree.
fn configuration(folder: &Path, cluster: &str, mon: u16) -> String {
    let folder = folder.display();
    // 32 bytes, as good as any.
    let key = "c3RvY2t0YWtlLXRlc3RzLW9ubHktMzItYnl0ZS1rZXk=";
    format!(
        "[global]
fsid = {cluster}
mon host = [v2:127.0.0.1:{mon}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
mon data = {folder}/mon
mon data avail warn = 0
mon data avail crit = 0
osd data = {folder}/osd
rgw data = {folder}/rgw
osd objectstore = memstore
memstore device bytes = 4294967296
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = {KMS_KEY}={key}
"
    )
}

/// Two ports that nobody listens on.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Runs a program to its end.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?} fails: {}", String::from_utf8_lossy(&output.stderr)))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn text(error: std::io::Error) -> String {
    error.to_string()
}
