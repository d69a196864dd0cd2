use std::time::{Duration, SystemTime};

use clap::CommandFactory as _;

use super::arguments::HostArguments;
use super::assembly::Host;
use super::*;
use crate::config::{REPORT_WRITER, Settings};

const RUN: [&str; 6] = ["stocktake", "run", "--bucket", "photos", "--config", "c.json"];

fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(arguments)
}

#[track_caller]
fn host(more: &[&str]) -> HostArguments {
    let arguments = [&RUN[..], more].concat();
    match parse(&arguments).unwrap().command {
        Command::Run(run) => run.host,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(more: &[&str]) -> String {
    parse(&[&RUN[..], more].concat()).unwrap_err().to_string()
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_time_is_rfc_3339_with_any_offset() {
    let expected = SystemTime::UNIX_EPOCH + Duration::from_hours(498_361);
    assert_eq!(host(&["--now", "2026-11-08T01:00:00Z"]).now, Some(expected));
    assert_eq!(host(&["--now", "2026-11-08T02:00:00+01:00"]).now, Some(expected));
    let error = refused(&["--now", "tomorrow"]);
    assert!(error.contains("write a time such as 2026-11-08T01:00:00Z"), "{error}");
}

#[test]
fn numbers_have_the_ranges_of_the_file() {
    assert_eq!(host(&["--workers", "256"]).workers, Some(256));
    assert!(refused(&["--workers", "257"]).contains("1..=256"));
    assert_eq!(host(&["--attempts", "1"]).attempts, Some(1));
    assert!(refused(&["--attempts", "101"]).contains("1..=100"));
    assert!(refused(&["--memory-mib", "0"]).contains("1..=4096"));
    assert!(refused(&["--deadline-seconds", "3601"]).contains("1..=3600"));
}

#[test]
fn buckets_are_mapped_by_name() {
    let host = host(&["--map", "a=/x=y", "--map-read-only", "b=/z"]);
    let mapped: Vec<_> = host.mapped_buckets().collect();
    assert_eq!(mapped[0].path, std::path::Path::new("/x=y"));
    assert_eq!((mapped[0].read_only, mapped[1].read_only), (false, true));
    assert!(refused(&["--map", "a"]).contains("write NAME=DIR"));
}

#[test]
fn every_command_shows_an_example() {
    for command in ["run", "serve", "explain"] {
        let help = parse(&["stocktake", command, "--help"]).unwrap_err().to_string();
        assert!(help.contains("Examples:\n  stocktake "), "{help}");
    }
}

#[test]
fn exit_codes_tell_help_from_usage_and_failure() {
    let run = |arguments: &[&str]| {
        let code = main(arguments.iter().map(OsString::from), &Environment::default());
        format!("{code:?}")
    };
    assert_eq!(run(&["stocktake", "--help"]), format!("{:?}", ExitCode::SUCCESS));
    assert_eq!(run(&["stocktake", "frobnicate"]), format!("{:?}", ExitCode::from(USAGE)));
    let missing = [&RUN[..], &["--store", "/does/not/exist"]].concat();
    assert_eq!(run(&missing), format!("{:?}", ExitCode::from(FAILED)));
}

#[test]
fn without_a_store_or_components_the_remedy_is_named_and_nothing_is_made() {
    let environment = Environment::default();
    let error = Host::prepare(
        Settings::default(),
        &HostArguments::default(),
        &environment,
        &runtime().unwrap(),
    )
    .err()
    .unwrap();
    assert!(matches!(&error, CommandError::Usage(text) if text.contains("--store DIR")));

    let folder = tempfile::tempdir().unwrap();
    let flags = HostArguments { store: Some(folder.path().to_owned()), ..HostArguments::default() };
    let host =
        Host::prepare(Settings::default(), &flags, &environment, &runtime().unwrap()).unwrap();
    let error = host.load(REPORT_WRITER).err().unwrap();
    assert!(error.to_string().contains("run `cargo xtask build`"), "{error}");
    let error = crate::chain(&host.require_bucket("source", "photos").unwrap_err());
    assert!(
        error.starts_with("the source bucket `photos` cannot be used; there are ``"),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_database_that_is_in_use_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let flags = HostArguments { store: Some(folder.path().to_owned()), ..HostArguments::default() };
    let host =
        Host::prepare(Settings::default(), &flags, &Environment::default(), &runtime().unwrap())
            .unwrap();
    let opened = host.open().unwrap();
    let error = crate::chain(&host.open().err().unwrap());
    assert!(error.contains("name another folder with --data DIR"), "{error}");
    drop(opened);
    assert!(host.open().is_ok());
}

#[test]
fn a_store_that_is_an_endpoint_is_judged_before_anything_else() {
    let prepared = |store: &str, map: &[&str]| {
        let map = map.iter().map(|name| ((*name).to_owned(), "/srv".into())).collect();
        let flags = HostArguments { store: Some(store.into()), map, ..HostArguments::default() };
        let runtime = runtime().unwrap();
        let prepared =
            Host::prepare(Settings::default(), &flags, &Environment::default(), &runtime);
        prepared.err().unwrap()
    };
    let usage = [
        ("s3+http://user:hidden@host", &[][..], "holds no keys"),
        ("s3+http://host/bucket", &[], "has no path"),
        ("s3+http://host?regoin=x", &[], "`region`, `path-style` and `timeout-seconds`"),
        ("https://host", &[], "s3+https://HOST[:PORT]"),
        ("s3+http://host", &["photos"], "cannot be mapped"),
    ];
    for (store, map, told) in usage {
        let error = prepared(store, map);
        assert!(matches!(error, CommandError::Usage(_)), "{store}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(told) && !text.contains("hidden"), "{store}: {text}");
    }
}
