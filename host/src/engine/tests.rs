use super::*;
use crate::capabilities::Capabilities;
use crate::queue::{Call, Task};

fn engine(options: EngineOptions) -> Engine {
    Engine::new(options).unwrap()
}

fn small() -> EngineOptions {
    EngineOptions { instances: 2, ..EngineOptions::default() }
}

fn task() -> Task {
    Task {
        name: "run/1".to_owned(),
        component: "sample".to_owned(),
        kind: "test".to_owned(),
        input: b"input".to_vec(),
        delay_ms: 0,
    }
}

async fn call(component: &Component) -> Result<Invoked<TaskAnswer>, CallError> {
    component.call_task(&Capabilities::default(), &task(), &Call::Handle).await
}

#[tokio::test]
async fn a_call_is_answered_and_measured() {
    let component = engine(small()).load("sample", &samples::empty()).unwrap();
    let invoked = call(&component).await.unwrap();
    assert_eq!(invoked.value, Ok(vec![]));
    assert_eq!(invoked.usage.peak_memory_bytes, 64 << 10);
    let given_up = Call::GiveUp("it failed".to_owned());
    let invoked = component.call_task(&Capabilities::default(), &task(), &given_up).await.unwrap();
    assert_eq!(invoked.value, Ok(vec![]));
}

#[tokio::test]
async fn what_a_component_does_not_export_is_not_called() {
    let component = engine(small()).load("sample", &samples::empty()).unwrap();
    assert!(component.exports(Export::Tasks) && !component.exports(Export::Cron));
    let error = component
        .call_cron(&Capabilities::default(), "sample", std::time::SystemTime::UNIX_EPOCH)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "component `sample` does not export `stocktake:functions/cron`");
}

#[tokio::test]
async fn failures_keep_their_disposition() {
    let engine = engine(small());
    let retrying = engine.load("sample", &samples::failing(0, 250)).unwrap();
    let answer = call(&retrying).await.unwrap().value;
    assert_eq!(answer, Err(Failure::Retry { reason: "no".to_owned(), after_ms: Some(250) }));
    let rejecting = engine.load("sample", &samples::failing(1, 0)).unwrap();
    assert_eq!(call(&rejecting).await.unwrap().value, Err(Failure::Reject("no".to_owned())));
}

#[tokio::test]
async fn a_crash_is_the_guests_and_the_next_call_is_fresh() {
    let engine = engine(small());
    let crashing = engine.load("crashing", &samples::crashing()).unwrap();
    for _ in 0..5 {
        let error = call(&crashing).await.unwrap_err();
        assert!(matches!(error, CallError::Trap { .. }), "{error:?}");
        assert_eq!(error.blame(), "guest");
        assert!(crate::chain(&error).contains("unreachable"), "{}", crate::chain(&error));
    }
    let sound = engine.load("sound", &samples::empty()).unwrap();
    assert!(call(&sound).await.is_ok());
}

#[tokio::test]
async fn an_endless_loop_ends_at_the_deadline() {
    let options = EngineOptions { deadline: Duration::from_millis(50), ..small() };
    let component = engine(options).load("looping", &samples::looping()).unwrap();
    let error = call(&component).await.unwrap_err();
    assert_eq!(error.to_string(), "component `looping` was stopped after 50ms, its deadline");
}

#[tokio::test]
async fn memory_ends_at_the_cap() {
    let options = EngineOptions { memory_bytes: 4 << 20, ..small() };
    let engine = engine(options);
    let fits = engine.load("fits", &samples::growing(63)).unwrap();
    assert_eq!(call(&fits).await.unwrap().usage.peak_memory_bytes, 4 << 20);
    let greedy = engine.load("greedy", &samples::growing(64)).unwrap();
    assert_eq!(
        call(&greedy).await.unwrap_err().to_string(),
        "component `greedy` wanted 4259840 bytes of memory, limit is 4194304"
    );
}

#[tokio::test]
async fn calls_wait_for_a_place() {
    let component = engine(small()).load("sample", &samples::empty()).unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let component = component.clone();
        calls.spawn(async move { call(&component).await.map(|invoked| invoked.value) });
    }
    while let Some(answer) = calls.join_next().await {
        assert_eq!(answer.unwrap().unwrap(), Ok(vec![]));
    }
}

#[tokio::test]
async fn what_a_component_prints_is_caught_up_to_a_bound() {
    let imports = "import wasi:cli/stderr@0.2.0; import wasi:io/streams@0.2.0;";
    let core = r#"
        (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
        (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
            (func $write (param i32 i32 i32 i32)))"#;
    let body = r"(local $stream i32) (local $left i32)
        (local.set $stream (call $stderr))
        (local.set $left (i32.const 40))
        (loop $again
            (call $write (local.get $stream) (i32.const 0) (i32.const 4096) (i32.const 2048))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $again (local.get $left)))
        i32.const 1024";
    let component = engine(small()).load("chatty", &samples::tasks(imports, core, body)).unwrap();
    // 160 KiB are more than is kept; the component does not notice.
    assert_eq!(call(&component).await.unwrap().value, Ok(vec![]));
}

#[tokio::test]
async fn no_environment_no_files_no_network_reach_a_component() {
    // Each body traps unless the answer is empty or refused.
    let cases = [
        (
            "import wasi:cli/environment@0.2.0;",
            r#"(import "wasi:cli/environment@0.2.0" "get-environment" (func $get (param i32)))"#,
            "(call $get (i32.const 512)) (if (i32.load (i32.const 516)) (then unreachable)) i32.const 1024",
        ),
        (
            "import wasi:cli/environment@0.2.0;",
            r#"(import "wasi:cli/environment@0.2.0" "get-arguments" (func $get (param i32)))"#,
            "(call $get (i32.const 512)) (if (i32.load (i32.const 516)) (then unreachable)) i32.const 1024",
        ),
        (
            "import wasi:filesystem/preopens@0.2.0;",
            r#"(import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $get (param i32)))"#,
            "(call $get (i32.const 512)) (if (i32.load (i32.const 516)) (then unreachable)) i32.const 1024",
        ),
        (
            "import wasi:sockets/tcp-create-socket@0.2.0;",
            r#"(import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $get (param i32 i32)))"#,
            "(call $get (i32.const 0) (i32.const 512)) (if (i32.eqz (i32.load8_u (i32.const 512))) (then unreachable)) i32.const 1024",
        ),
    ];
    let engine = engine(small());
    for (imports, core, body) in cases {
        let component = engine.load("curious", &samples::tasks(imports, core, body)).unwrap();
        let answer = call(&component).await;
        assert!(answer.is_ok(), "{imports}: {answer:?}");
    }
}

#[tokio::test]
async fn a_capability_without_an_engine_says_so() {
    // Traps unless `get` answers `unsupported`, the eighth case of the error.
    let component = engine(small())
        .load(
            "sample",
            &samples::tasks(
                "import stocktake:host/state@0.1.0;",
                r#"(import "stocktake:host/state@0.1.0" "get" (func $get (param i32 i32 i32)))"#,
                "(call $get (i32.const 0) (i32.const 1) (i32.const 512))
                 (if (i32.ne (i32.load8_u (i32.const 520)) (i32.const 7)) (then unreachable))
                 i32.const 1024",
            ),
        )
        .unwrap();
    let answer = call(&component).await;
    assert!(answer.is_ok(), "{answer:?}");
}

#[track_caller]
fn refused(imports: &str, core: &str) -> String {
    let error = engine(small())
        .load("sample", &samples::tasks(imports, core, "i32.const 1024"))
        .err()
        .unwrap();
    error.to_string()
}

#[test]
fn an_import_that_is_not_supplied_is_named() {
    expect_test::expect!["component `sample` imports `stocktake:host/signer@0.1.0`, for which this host has no engine; available are `stocktake:host/{objects, uploads, buckets, bucket-creation, state, queue, identities}` and WASI 0.2 without `wasi:http/outgoing-handler`"].assert_eq(&refused(
        "import stocktake:host/signer@0.1.0;",
        r#"(import "stocktake:host/signer@0.1.0" "sign" (func (param i32 i32 i32 i32 i32 i32)))"#,
    ));
    expect_test::expect!["component `sample` imports `stocktake:functions/inventory-config@0.1.0`, which this host does not supply; available are `stocktake:host/{objects, uploads, buckets, bucket-creation, state, queue, identities}` and WASI 0.2 without `wasi:http/outgoing-handler`"].assert_eq(&refused(
        "import stocktake:functions/inventory-config@0.1.0;",
        r#"(import "stocktake:functions/inventory-config@0.1.0" "get" (func (param i32 i32 i32 i32 i32)))"#,
    ));
}

#[test]
fn nobody_can_call_out() {
    let refused = refused(
        "import wasi:http/outgoing-handler@0.2.0;",
        r#"(import "wasi:http/outgoing-handler@0.2.0" "handle" (func (param i32 i32 i32 i32)))"#,
    );
    let named = "imports `wasi:http/outgoing-handler@0.2.0`, which this host does not supply";
    assert!(refused.contains(named), "{refused}");
}

#[test]
fn what_is_no_component_is_refused() {
    let engine = engine(small());
    let wrong = engine.load("sample", b"\0asm\x01\0\0\0").err().unwrap();
    assert_eq!(wrong.to_string(), "component `sample` cannot be compiled");
    let missing = engine.load_file("sample", Path::new("/does/not/exist")).err().unwrap();
    assert_eq!(missing.to_string(), "component `sample`: `/does/not/exist` cannot be read");
}

#[tokio::test]
async fn compiled_code_is_kept_and_damage_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("compiled");
    let options = EngineOptions { cache: Some(place.clone()), ..small() };
    let wasm = samples::empty();
    let files = || -> Vec<PathBuf> {
        std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    engine(options.clone()).load("sample", &wasm).unwrap();
    let [kept] = &files()[..] else { panic!("{:?}", files()) };
    let whole = std::fs::read(kept).unwrap();

    // A second engine takes what is kept: it would not notice a component that does not compile.
    let component = engine(options.clone()).load("sample", &wasm).unwrap();
    assert!(call(&component).await.is_ok());

    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for content in [damaged, whole[..100].to_vec(), vec![], b"foreign".to_vec()] {
        std::fs::write(kept, content).unwrap();
        let component = engine(options.clone()).load("sample", &wasm).unwrap();
        assert!(call(&component).await.is_ok());
        assert!(std::fs::read(kept).unwrap() == whole, "the file is not what it was");
    }
    assert_eq!(files().len(), 1);
}

#[test]
fn a_folder_that_others_can_reach_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let options = EngineOptions { cache: Some(folder.path().to_owned()), ..small() };
    engine(options).load("sample", &samples::empty()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
