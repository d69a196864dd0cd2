#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use super::*;

#[track_caller]
fn refused(text: &str) -> String {
    match Settings::parse(text, Path::new("stocktake.toml")) {
        Ok(settings) => panic!("accepted: {settings:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_documented_example_is_accepted() {
    let page = include_str!("../../../docs/CONFIGURATION.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let settings = Settings::parse(example, Path::new("/etc/stocktake/stocktake.toml")).unwrap();
    assert_eq!(settings.store.as_deref(), Some(Path::new("/etc/stocktake/buckets")));
    assert_eq!(settings.buckets[0].path, Path::new("/srv/photos"));
    assert!(settings.buckets[0].read_only);
    assert_eq!(settings.tasks.workers, 4);
    assert_eq!(settings.tasks.attempts, TaskOptions::default().attempts);
    assert_eq!(settings.tasks.grace, TaskOptions::default().grace);
    assert_eq!(settings.memory_bytes, MEMORY_BYTES_DEFAULT);
    assert_eq!(settings.deadline, DEADLINE_DEFAULT);
    assert!(settings.task_components.contains("my-scanner"));
    assert!(settings.task_components.contains(REPORT_WRITER));
    assert_eq!(settings.cron.last().unwrap().name, "nightly");
    let file = settings.source("my-scanner", None).unwrap();
    assert_eq!(file, Path::new("/etc/stocktake/my_scanner.wasm"));
}

#[test]
fn an_empty_file_is_the_default() {
    let parsed = Settings::parse("", Path::new("stocktake.toml")).unwrap();
    assert_eq!(format!("{parsed:?}"), format!("{:?}", Settings::default()));
}

#[test]
fn built_in_components_can_be_left_out_or_replaced() {
    let parsed = Settings::parse("[host]\nbuilt-in = false", Path::new("s.toml")).unwrap();
    assert!(parsed.cron.is_empty() && parsed.task_components.is_empty());
    let text = "[component.report-writer]\nsource = 'mine.wasm'";
    let parsed = Settings::parse(text, Path::new("s.toml")).unwrap();
    assert_eq!(parsed.source(REPORT_WRITER, Some(Path::new("c"))).unwrap(), Path::new("mine.wasm"));
    let built_in = Settings::default().source(REPORT_WRITER, Some(Path::new("c"))).unwrap();
    assert_eq!(built_in, Path::new("c/report_writer.wasm"));
}

#[test]
fn an_unknown_setting_is_shown_with_what_is_allowed() {
    expect_test::expect![[r#"
        stocktake.toml:2:1: unknown field `workrs`, expected one of `workers`, `in-flight`, `memory-mib`, `deadline-seconds`, `file-rows`, `first-report`, `attempts`, `grace-seconds`, `components`, `cache`, `built-in`; `workers` may be meant
          |
        2 | workrs = 3
          | ^^^^^^"#]]
    .assert_eq(&refused("[host]\nworkrs = 3"));
}

#[test]
fn a_number_out_of_range_is_shown_with_its_range() {
    expect_test::expect![[r#"
        stocktake.toml:1:18: 257 is out of range, allowed are 1 to 256
          |
        1 | host = {workers= 257}
          |                  ^^^"#]]
    .assert_eq(&refused("host = {workers= 257}"));
    assert!(refused("[host]\nattempts = 0").contains("allowed are 1 to 100"));
    assert!(refused("[host]\nmemory-mib = -1").contains("allowed are 1 to 4096"));
    assert!(refused("[host]\ndeadline-seconds = 3601").contains("allowed are 1 to 3600"));
    assert!(refused("[host]\ngrace-seconds = 3601").contains("allowed are 0 to 3600"));
}

#[test]
fn the_first_report_is_made_at_the_next_slot_or_at_once() {
    let parse = |text: &str| Settings::parse(text, Path::new("s.toml")).unwrap().first_report;
    assert_eq!(parse(""), FirstReport::NextSlot);
    assert_eq!(parse("[host]\nfirst-report = 'at-once'"), FirstReport::AtOnce);
    assert_eq!(parse("[host]\nfirst-report = 'next-slot'"), FirstReport::NextSlot);
    let wrong = refused("[host]\nfirst-report = 'now'");
    assert!(wrong.contains("expected `next-slot` or `at-once`"), "{wrong}");
}

#[test]
fn every_wrong_name_is_shown_in_order() {
    let text = "\
[[bucket]]
name = 'Ä'
path = 'a'
[[bucket]]
name = 'twice'
path = 'b'
[[bucket]]
name = 'twice'
path = 'c'
[component.My]
source = 'a.wasm'
[[trigger.cron]]
component = 'report-writr'
[[trigger.tasks]]
component = 'scanner'
";
    let shown = refused(text);
    let heads: Vec<&str> =
        shown.lines().filter_map(|line| line.strip_prefix("stocktake.toml:")).collect();
    expect_test::expect![[r#"
        [
            "2:8: a bucket name holds a-z, 0-9, `.` and `-` only, not 'Ä'",
            "8:8: the bucket `twice` is there twice; remove one of them",
            "10:12: `My` is no name for a component; use 1 to 64 of a-z, 0-9 and `-`",
            "13:13: there is no component `report-writr`; `report-writer` may be meant",
            "15:13: there is no component `scanner`; there are `My`, `http-gateway`, `inventory-config`, `policy-check`, `report-writer`; add a table [component.scanner] with its source",
        ]
    "#]]
    .assert_debug_eq(&heads);
}

#[test]
fn what_is_no_toml_is_shown_where_it_ends() {
    let shown = refused("[store]\npath = \"unfinished");
    assert!(shown.starts_with("stocktake.toml:2:"), "{shown}");
}

#[test]
fn a_file_that_is_missing_or_too_large_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stocktake.toml");
    assert!(matches!(Settings::read(&path), Err(ConfigError::Unreadable { .. })));
    std::fs::write(&path, vec![b'#'; usize::try_from(FILE_BYTES_MAX).unwrap()]).unwrap();
    assert!(Settings::read(&path).is_ok());
    std::fs::write(&path, vec![b'#'; usize::try_from(FILE_BYTES_MAX).unwrap() + 1]).unwrap();
    assert!(matches!(Settings::read(&path), Err(ConfigError::TooLarge { .. })));
}

#[test]
fn components_are_found_beside_the_program_and_in_a_build_tree() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("release/stocktake");
    assert_eq!(find_components(&program), None);
    let built = folder.path().join("components");
    std::fs::create_dir_all(&built).unwrap();
    std::fs::create_dir_all(folder.path().join("release")).unwrap();
    std::fs::write(built.join("report_writer.wasm"), "").unwrap();
    assert_eq!(find_components(&program), Some(folder.path().join("release/../components")));
}

#[test]
fn a_store_is_a_folder_or_an_endpoint() {
    let path = Path::new("/etc/stocktake.toml");
    let text = "[store]\nendpoint = \"s3+http://127.0.0.1:7480?region=x\"\n";
    let settings = Settings::parse(text, path).unwrap();
    assert_eq!(settings.store, None);
    assert_eq!(settings.endpoint.as_ref().unwrap().url(), "http://127.0.0.1:7480");
    assert_eq!(settings.data_folder().unwrap(), Path::new(DATA_FOLDER));
    assert!(refused(&format!("{text}path = \"b\"\n")).contains("a folder or an S3 endpoint"));
    let wrong = refused("[store]\nendpoint = \"s3+http://h/bucket\"\n");
    assert!(wrong.contains("has no path") && wrong.contains(":2:"), "{wrong}");
}

#[test]
fn http_is_served_as_the_file_says() {
    let text = "\
[http]
listen = '127.0.0.1:9000'
dialect = 'coreweave'
region = 'eu-1'
domains = ['s3.example.com', 'objects.test']
anonymous = true
not-found-code = 'NoSuchInventoryConfiguration'
account = 'o-1'
connections = 7
requests = 3
body-kib = 2
request-seconds = 4
idle-seconds = 5
[http.environment]
MORE = 'hidden'
STOCKTAKE_ACCOUNTS = ''
[[identity]]
access-key = 'AKID'
secret-file = 'secret'
principal = 'arn:aws:iam::123456789012:user/me'
roles = ['auditors']
administrator = true
policies = ['own.json']
suspended = true
";
    let settings = Settings::parse(text, Path::new("/etc/stocktake.toml")).unwrap();
    let variables = settings.http.environment();
    let shown: Vec<String> =
        variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    expect_test::expect![[r#"
        [
            "STOCKTAKE_DIALECT=coreweave",
            "STOCKTAKE_REGION=eu-1",
            "STOCKTAKE_DOMAINS=s3.example.com,objects.test",
            "STOCKTAKE_ANONYMOUS=allow",
            "STOCKTAKE_CLIENT_HEADER=x-stocktake-client",
            "STOCKTAKE_NOT_FOUND_CODE=NoSuchInventoryConfiguration",
            "STOCKTAKE_ACCOUNT=o-1",
            "MORE=hidden",
            "STOCKTAKE_ACCOUNTS=",
        ]
    "#]]
    .assert_debug_eq(&shown);
    let debug = format!("{settings:?}");
    assert!(debug.contains("MORE") && !debug.contains("hidden"), "{debug}");
    assert_eq!(settings.http.listen.unwrap().to_string(), "127.0.0.1:9000");
    let options = settings.http.options;
    assert_eq!((options.connections, options.requests, options.body_bytes), (7, 3, 2048));
    assert_eq!((options.request.as_secs(), options.idle.as_secs()), (4, 5));
    let [identity] = &settings.identities[..] else { panic!("{settings:?}") };
    assert_eq!(identity.secret, Secret::File("/etc/secret".into()));
    assert_eq!(identity.policies, [Path::new("/etc/own.json")]);
    assert!(identity.administrator && identity.suspended && identity.roles == ["auditors"]);
    let defaults = Settings::parse("", Path::new("s.toml")).unwrap().http;
    assert_eq!(defaults.environment()[3].1, "deny");
    assert_eq!(defaults.environment().len(), 5);
}

#[test]
fn what_is_wrong_with_http_is_shown_without_secrets() {
    let text = "\
[http]
listen = 'localhost:9000'
region = 'eu 1'
domains = ['ok.test', 'Upper.test']
account = ''
[[identity]]
access-key = 'AKID'
secret = 'hidden'
secret-env = 'NAME'
principal = 'arn:aws:iam::1:user/me'
[[identity]]
access-key = 'AKID'
principal = 'arn:aws:iam::1:user/me'
";
    let shown = refused(text);
    let heads: Vec<&str> =
        shown.lines().filter_map(|line| line.strip_prefix("stocktake.toml:")).collect();
    expect_test::expect![[r#"
        [
            "2:10: `localhost:9000` is no address to listen at; write one such as 127.0.0.1:9000, 0.0.0.0:9000 for every interface, or port 0 for a free one",
            "3:10: `eu 1` is no region; use 1 to 64 of A-Z, a-z, 0-9, `-` and `_`",
            "4:23: `Upper.test` is no domain; write one such as s3.example.com, in lower case and without a port",
            "5:11: `` is no account; use 1 to 64 of A-Z, a-z, 0-9, `-` and `_`",
            "7:14: an identity has one secret; write one of `secret-file`, `secret-env` and `secret`",
            "12:14: the access key `AKID` is there twice; remove one",
            "12:14: an identity has one secret; write one of `secret-file`, `secret-env` and `secret`",
        ]
    "#]].assert_debug_eq(&heads);
    assert!(!shown.contains("hidden"), "{shown}");
    assert!(refused("[http]\nrequests = 0").contains("allowed are 1 to 256"));
    assert!(refused("[http]\nnot-found-code = 'X'").contains("`NoSuchConfiguration`"));
    let misspelt = refused("[[identity]]\nsecrets = 'hidden'");
    assert!(misspelt.contains("unknown field") && !misspelt.contains("hidden"), "{misspelt}");
    let parsed = Settings::parse(
        "[[identity]]\naccess-key = 'K'\nsecret = 'hidden'\nprincipal = 'p'",
        Path::new("s.toml"),
    );
    assert!(!format!("{parsed:?}").contains("hidden"));
}

#[test]
fn a_variable_has_a_name_of_its_own_and_a_bound() {
    let environment = |line: &str| format!("[http]\nregion = 'eu-1'\n[http.environment]\n{line}\n");
    let fits = "x".repeat(VARIABLES_BYTES_MAX - 1);
    assert!(Settings::parse(&environment(&format!("A = '{fits}'")), Path::new("s.toml")).is_ok());
    for (line, said) in [
        (format!("A = '{fits}y'"), "more than 131072 bytes"),
        ("STOCKTAKE_REGION = 'hidden'".to_owned(), "another setting of [http]"),
        ("lower = 'hidden'".to_owned(), "`lower` is no name of a variable"),
        ("'' = 'hidden'".to_owned(), "no name of a variable"),
        ("'A=B' = 'hidden'".to_owned(), "no name of a variable"),
        (r#"A = "hidden\u0000""#.to_owned(), "a zero byte"),
    ] {
        let shown = refused(&environment(&line));
        assert!(shown.contains(said) && shown.contains("stocktake.toml:4:"), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
