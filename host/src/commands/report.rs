//! How results, findings and errors are shown: for people on stderr, or as JSON on stdout.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;
use stocktake_core::finding::Level;
use stocktake_core::run::RunStatus;

use super::CommandError;
use super::run::RunFailed;
use crate::engine::Finding;

/// Shows why a command did not do its work.
pub(super) fn error(error: &CommandError, as_json: bool, mut stderr: impl Write) {
    // What cannot be printed on stdout can still be told on stderr.
    if as_json && !matches!(error, CommandError::Output(_)) {
        let (code, findings) = match error {
            CommandError::Refused(findings) => ("refused", findings.as_slice()),
            CommandError::Usage(_) => ("usage", [].as_slice()),
            CommandError::No
            | CommandError::Open
            | CommandError::Output(_)
            | CommandError::NoAnswer(_)
            | CommandError::Failed(_) => ("failed", [].as_slice()),
        };
        let mut body = json!({ "code": code, "message": crate::chain(error) });
        if let (CommandError::Refused(_), Some(body)) = (error, body.as_object_mut()) {
            body.insert("findings".to_owned(), json!(findings));
        }
        if let (Some(failed), Some(body)) = (run_failed(error), body.as_object_mut()) {
            let RunFailed { run, reason, counts } = failed;
            let told = json!({ "run": run, "status": RunStatus::Failed, "reason": reason, "counts": counts });
            body.insert("run".to_owned(), told);
        }
        if let Err(unwritten) = print_json(&json!({ "error": body })) {
            drop(writeln!(stderr, "stocktake: {}", crate::chain(error)));
            drop(writeln!(stderr, "stocktake: {}", crate::chain(&unwritten)));
        }
        return;
    }
    if let CommandError::Refused(findings) = error {
        show_findings(findings, &mut stderr);
    }
    // There is nobody left to tell when stderr is closed.
    drop(writeln!(stderr, "stocktake: {}", crate::chain(error)));
    if let Some(failed) = run_failed(error) {
        drop(writeln!(stderr, "stocktake: {}", failed.progress()));
    }
}

/// The run whose end is the error, if it is one.
fn run_failed(error: &CommandError) -> Option<&RunFailed> {
    match error {
        CommandError::Failed(error) => error.downcast_ref(),
        CommandError::Refused(_)
        | CommandError::Usage(_)
        | CommandError::No
        | CommandError::Open
        | CommandError::Output(_)
        | CommandError::NoAnswer(_) => None,
    }
}

/// Writes all findings for people.
pub(super) fn show_findings(findings: &[Finding], mut out: impl Write) {
    for finding in findings {
        drop(write!(out, "{}", text(finding)));
    }
}

fn text(finding: &Finding) -> String {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Security => "security",
        Level::Info => "info",
    };
    let pointer = printable(&finding.pointer);
    let place = if pointer.is_empty() { "the whole document" } else { &pointer };
    let lines = [
        ("at", Some(place)),
        ("found", finding.value.as_deref()),
        ("allowed", finding.allowed.as_deref()),
        ("try", finding.suggestion.as_deref()),
    ];
    let mut shown = vec![format!("{level}[{}]: {}\n", finding.code, finding.message)];
    shown.extend(
        lines.iter().filter_map(|(label, line)| Some(format!("  {label:<8} {}\n", (*line)?))),
    );
    shown.concat()
}

/// A pointer holds members' names as they are, and a hostile one could steer the terminal.
fn printable(text: &str) -> String {
    let escaped =
        |c: char| if c.is_control() { c.escape_default().collect() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

/// Prints one line of JSON.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), CommandError> {
    let line = serde_json::to_string(value).unwrap_or_default();
    print_line(&line)
}

/// Prints one line.
pub(super) fn print_line(line: &str) -> Result<(), CommandError> {
    written(writeln!(io::stdout(), "{line}"))
}

/// What writing to stdout came to. A reader that has gone away, as `head` does, wants no more and is no failure.
pub(super) fn written(result: io::Result<()>) -> Result<(), CommandError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::Output(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stocktake_core::finding::Dialect;
    use stocktake_core::run::RunCounts;

    #[test]
    fn a_pointer_does_not_steer_the_terminal() {
        assert_eq!(printable("/a\u{1b}[2J/ü\n"), "/a\\u{1b}[2J/ü\\n");
    }

    #[test]
    fn a_run_that_failed_says_how_far_it_came() {
        let counts = RunCounts {
            listed_entries: 1_500,
            listed_bytes: 2_048,
            objects: 1_200,
            files: 3,
            report_bytes: 512,
            ..RunCounts::default()
        };
        let failed =
            RunFailed { run: "r1".to_owned(), reason: "the disk is full".to_owned(), counts };
        let mut shown = Vec::new();
        error(&CommandError::Failed(failed.into()), false, &mut shown);
        expect_test::expect![[r"
            stocktake: the run r1 has failed: the disk is full
            stocktake: its finished parts listed 1,500 objects, 2.00 KiB, and wrote 1,200 rows to 3 data files, 512 B; they are no report
        "]].assert_eq(&String::from_utf8(shown).unwrap());
    }

    #[test]
    fn a_finding_says_what_where_and_what_instead() {
        let finding = Finding {
            code: "CF100".into(),
            level: Level::Error,
            dialect: Dialect::Aws,
            document: "configuration".to_owned(),
            pointer: "/Schedule/Frequency".to_owned(),
            message: "the frequency is unknown".to_owned(),
            value: Some("\"Hourly\"".to_owned()),
            allowed: Some("Daily or Weekly".to_owned()),
            suggestion: None,
            patch: None,
        };
        let mut shown = Vec::new();
        error(&CommandError::Refused(vec![finding]), false, &mut shown);
        expect_test::expect![[r#"
            error[CF100]: the frequency is unknown
              at       /Schedule/Frequency
              found    "Hourly"
              allowed  Daily or Weekly
            stocktake: the configuration is refused
        "#]]
        .assert_eq(&String::from_utf8(shown).unwrap());
    }
}
