//! Processes that cannot hang a test.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::PATIENCE;
use super::artefacts::{COMPONENTS, compiled, component, component_file, program};

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it logged, line by line.
    pub stderr: Vec<String>,
}

impl Ended {
    /// The exit code; none for a process that a signal ended.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The one line of JSON that it printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "one line is wanted: {self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, of a command that did its work.
    #[expect(clippy::return_self_not_must_use, reason = "it is an assertion in the first place")]
    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(self.code(), Some(0), "{self:?}");
        self
    }
}

/// A process that runs. Dropping it kills it.
pub struct Running {
    child: Child,
    lines: Receiver<Output>,
    stdout: String,
    stderr: Vec<String>,
    open: usize,
    until: Instant,
}

enum Output {
    Stdout(String),
    Stderr(String),
    Closed,
}

/// `stocktake` with arguments, the components of this build and a cache of compiled code that is warm.
pub fn stocktake<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Running {
    stocktake_in(&[], arguments)
}

/// The same, with these variables in its environment and no others.
pub fn stocktake_in<I: AsRef<OsStr>>(
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = I>,
) -> Running {
    Running::start(command(Command::new(program()), environment, arguments))
}

/// The same, started by this line of `sh`, in which `"$@"` is the program and its arguments.
pub fn stocktake_by<I: AsRef<OsStr>>(
    line: &str,
    arguments: impl IntoIterator<Item = I>,
) -> Running {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", line, "sh"]).arg(program());
    Running::start(command(shell, &[("PATH", "/usr/bin:/bin")], arguments))
}

fn command<I: AsRef<OsStr>>(
    mut command: Command,
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = I>,
) -> Command {
    for name in COMPONENTS {
        component(name);
    }
    let components = component_file(COMPONENTS[0]);
    command.env_clear().envs(environment.iter().copied()).args(arguments);
    command.arg("--components").arg(components.parent().unwrap()).arg("--cache").arg(compiled());
    command
}

/// The arguments of a command for a store.
pub fn arguments<'a>(words: &[&'a str], store: &'a Path) -> Vec<&'a OsStr> {
    let words = words.iter().map(|word| OsStr::new(*word));
    words.chain([OsStr::new("--store"), store.as_os_str()]).collect()
}

impl Running {
    /// Starts a process.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot start: {error}"));
        let (sender, lines) = channel();
        let closing = sender.clone();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for_each_line(stdout, |line| drop(closing.send(Output::Stdout(line))));
            drop(closing.send(Output::Closed));
        });
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            for_each_line(stderr, |line| drop(sender.send(Output::Stderr(line))));
            drop(sender.send(Output::Closed));
        });
        let until = Instant::now() + PATIENCE;
        Self { child, lines, stdout: String::new(), stderr: Vec::new(), open: 2, until }
    }

    /// Waits until it logs a line that fits; answers the line.
    #[track_caller]
    pub fn until_logged(&mut self, fits: impl Fn(&str) -> bool) -> String {
        while self.next_output() {
            if let Some(line) = self.stderr.last()
                && fits(line)
            {
                return line.clone();
            }
        }
        panic!("it ended without logging what was waited for: {}", self.so_far());
    }

    /// Waits until it has printed a line; answers all that it has printed.
    #[track_caller]
    pub fn until_printed(&mut self) -> String {
        while !self.stdout.ends_with('\n') {
            assert!(self.next_output(), "it ended without printing: {}", self.so_far());
        }
        self.stdout.clone()
    }

    /// Sends a signal. A process that has ended meanwhile does not mind.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        let _ = kill_process(pid, signal);
    }

    /// Kills it at once, as if the machine had lost its power.
    pub fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        let ended = self.ended();
        assert_eq!(ended.status.signal(), Some(Signal::KILL.as_raw()), "{ended:?}");
        ended
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn ended(mut self) -> Ended {
        while self.next_output() {}
        let status = self.child.wait().unwrap();
        let stdout = std::mem::take(&mut self.stdout);
        Ended { status, stdout, stderr: std::mem::take(&mut self.stderr) }
    }

    /// Takes in one more line. Answers whether there was one.
    #[track_caller]
    fn next_output(&mut self) -> bool {
        while self.open > 0 {
            match self.lines.recv_timeout(self.until.saturating_duration_since(Instant::now())) {
                Ok(Output::Stdout(line)) => self.stdout.push_str(&line),
                Ok(Output::Stderr(line)) => self.stderr.push(line.trim_end().to_owned()),
                Ok(Output::Closed) => {
                    self.open -= 1;
                    continue;
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    drop(self.child.kill());
                    panic!("it did not end within {PATIENCE:?}: {}", self.so_far());
                }
            }
            return true;
        }
        false
    }

    fn so_far(&self) -> String {
        format!("stdout: {}\nstderr: {}", self.stdout, self.stderr.join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn for_each_line(stream: impl Read, mut each: impl FnMut(String)) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        match stream.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => each(String::from_utf8_lossy(&line).into_owned()),
        }
    }
}
