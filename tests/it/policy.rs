//! `stocktake explain`, and the decisions of `crates/policy` through the component.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use serde_json::{Value, json};
use stocktake_tests::harness::PATIENCE;
use stocktake_tests::harness::artefacts::{compiled, component, component_file, program, root};
use stocktake_tests::harness::process::{Ended, stocktake_in};
use tempfile::TempDir;

mod answers;

const BUCKET: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/ann"},
     "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"},
    {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/secret/*",
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;

/// Every question that the tests of `crates/policy` have as data, as one line each, in the order of the files.
fn questions() -> Vec<String> {
    let folder = root().join("crates/policy/tests/decisions");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut questions = Vec::new();
    for file in files {
        let groups: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for group in groups {
            for case in group["cases"].as_array().unwrap() {
                let mut question = group["base"].clone();
                json_patch::merge(&mut question, &case["patch"]);
                questions.push(question.to_string());
            }
        }
    }
    assert!(questions.len() >= 300, "only {} are there", questions.len());
    questions
}

/// A folder with files, and `stocktake explain` in it.
struct Desk(TempDir);

impl Desk {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    /// Files are named by `@`, which becomes the folder.
    fn explain(&self, words: &[&str]) -> Ended {
        let folder = format!("{}/", self.0.path().display());
        let words = words.iter().map(|word| word.replace('@', &folder));
        stocktake_in(&[], ["explain".to_owned()].into_iter().chain(words)).ended()
    }

    /// What a command prints, with `@` for the folder.
    fn shown(&self, ended: &Ended) -> String {
        ended.stdout.replace(&format!("{}/", self.0.path().display()), "@")
    }

    fn batch(&self, lines: &[u8]) -> Ended {
        fs::write(self.0.path().join("questions.jsonl"), lines).unwrap();
        self.explain(&["--batch", "@questions.jsonl"])
    }
}

#[test]
fn every_decision_is_the_same_through_the_batch() {
    let questions = questions();
    let ended = Desk::with(&[]).batch(questions.join("\n").as_bytes());
    assert_eq!((ended.code(), ended.stderr.len()), (Some(0), 0), "{ended:?}");
    let answers: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(answers.len(), questions.len());
    for (question, answer) in questions.iter().zip(answers) {
        assert_eq!(answer, stocktake_policy::explain_line(question), "{question}");
    }
}

#[test]
fn every_line_has_an_answer_whatever_it_holds() {
    let question = &questions()[0];
    let lines = [
        question.as_bytes(),
        b"\r\n",
        question.as_bytes(),
        b"\n\n{\"dialect\":\r\n \t\xff\xfe\nnull\n",
        &vec![b'x'; (1 << 20) + 1],
        b"\n",
        question.as_bytes(),
    ];
    let ended = Desk::with(&[]).batch(&lines.concat());
    assert_eq!(ended.code(), Some(0), "{:?}", ended.stderr);
    let answers: Vec<&str> = ended.stdout.lines().collect();
    let answer = stocktake_policy::explain_line(question);
    let refused = |message: &str| json!({"error": {"message": message, "pointer": ""}}).to_string();
    let expected = [
        answer.clone(),
        answer.clone(),
        stocktake_policy::explain_line(""),
        stocktake_policy::explain_line("{\"dialect\":"),
        refused("the line is not UTF-8"),
        stocktake_policy::explain_line("null"),
        refused("the line has 1048577 bytes, at most 1048576 are read"),
        answer,
    ];
    for (answer, expected) in answers.iter().zip(&expected) {
        assert_eq!(answer, expected);
    }
    assert_eq!(answers.len(), expected.len(), "{answers:?}");
    assert_eq!(Desk::with(&[]).batch(b"").stdout, "");
}

/// Whoever asks through a pipe gets an answer before asking on.
#[test]
fn a_pipe_is_answered_line_by_line() {
    component("policy-check");
    let components = component_file("policy-check");
    let mut child = Command::new(program())
        .args(["explain", "--batch", "-", "--components"])
        .arg(components.parent().unwrap())
        .arg("--cache")
        .arg(compiled())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (sender, answers) = channel();
    std::thread::spawn(move || stdout.lines().for_each(|line| drop(sender.send(line.unwrap()))));
    for question in questions().iter().take(3) {
        writeln!(stdin, "{question}").unwrap();
        let answer = answers.recv_timeout(PATIENCE);
        assert_eq!(answer.as_deref(), Ok(stocktake_policy::explain_line(question).as_str()));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// A call that the component cannot end is one line's misfortune.
#[test]
fn a_line_that_takes_all_memory_is_told_and_the_others_are_answered() {
    let question = &questions()[0];
    let large = r#"{"dialect":"aws","policies":{"identity":[["#.to_owned() + &"0,".repeat(500_000);
    let desk = Desk::with(&[]);
    let lines = format!("{question}\n{large}\n{question}\n");
    fs::write(desk.0.path().join("questions.jsonl"), lines).unwrap();
    let ended = desk.explain(&["--batch", "@questions.jsonl", "--memory-mib", "3"]);
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    let answers: Vec<&str> = ended.stdout.lines().collect();
    let answer = stocktake_policy::explain_line(question);
    assert_eq!((answers[0], answers[2], answers.len()), (answer.as_str(), answer.as_str(), 3));
    assert!(answers[1].contains("bytes of memory, limit is 3145728"), "{}", answers[1]);
    assert_eq!(ended.stderr, ["stocktake: 1 of 3 lines came to no answer"]);
}
