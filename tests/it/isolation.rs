//! Who may call, their secrets, and the settings of `[http]` are for the component that answers HTTP alone.
//!
//! One component looks for all of it, wherever it is called from, and tells what it sees: over HTTP by the status of its
//! answer, of a tick in the kind of the task that it answers, and of a task in the reason why it rejects it.

use stocktake_tests::harness::bench::{Bench, text};
use stocktake_tests::harness::http::{ACCESS_KEY, Server};
use stocktake_tests::harness::sample;

/// What the looking component sees, as a number: its bits.
const ENVIRONMENT: u16 = 1;
const IDENTITIES: u16 = 2;

/// What it answers over HTTP where it sees nothing; more by what it sees.
const SEES_NOTHING: u16 = 250;

/// A component that exports all triggers. In all of them it looks for variables, and for the identity of [`ACCESS_KEY`].
#[expect(clippy::too_many_lines, reason = "a module in text form")]
fn looking() -> Vec<u8> {
    let world = "import wasi:cli/environment@0.2.0; import wasi:http/types@0.2.0;
        import stocktake:host/identities@0.1.0;
        export wasi:http/incoming-handler@0.2.0;
        export stocktake:functions/cron@0.1.0; export stocktake:functions/tasks@0.1.0;";
    let (key, key_length) = (ACCESS_KEY, ACCESS_KEY.len());
    let core = format!(
        r#"(module
            (import "wasi:cli/environment@0.2.0" "get-environment" (func $environment (param i32)))
            (import "stocktake:host/identities@0.1.0" "find" (func $find (param i32 i32 i32)))
            (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
            (import "wasi:http/types@0.2.0" "[constructor]outgoing-response"
                (func $response (param i32) (result i32)))
            (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code"
                (func $status (param i32 i32) (result i32)))
            (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
                (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "{key}")
            (data (i32.const 64) "looking")
            (data (i32.const 80) "sees 0")
            (global $top (mut i32) (i32.const 4096))
            (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
                (global.set $top (i32.add (local.get $at) (local.get 3)))
                (local.get $at))

            ;; The bits; what a call answers is at 1024.
            (func $look (result i32) (local $seen i32)
                (call $environment (i32.const 1024))
                (if (i32.load (i32.const 1028)) (then (local.set $seen (i32.const {ENVIRONMENT}))))
                (call $find (i32.const 16) (i32.const {key_length}) (i32.const 1024))
                (if (i32.and
                        (i32.eqz (i32.load8_u (i32.const 1024)))
                        (i32.eq (i32.load8_u (i32.const 1028)) (i32.const 1)))
                    (then (local.set $seen (i32.or (local.get $seen) (i32.const {IDENTITIES})))))
                (i32.store8 (i32.const 85) (i32.add (local.get $seen) (i32.const 48)))
                (local.get $seen))

            (func (export "wasi:http/incoming-handler@0.2.0#handle") (param i32 i32)
                (local $response i32)
                (local.set $response (call $response (call $fields)))
                (drop (call $status (local.get $response)
                    (i32.add (call $look) (i32.const {SEES_NOTHING}))))
                (call $set (local.get 1) (i32.const 0) (local.get $response)
                    (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))

            ;; One task, whose name says what is seen.
            (func (export "stocktake:functions/cron@0.1.0#handle") (param i32 i32 i64 i32) (result i32)
                (drop (call $look))
                (i32.store8 (i32.const 2048) (i32.const 0))
                (i32.store (i32.const 2052) (i32.const 3072))
                (i32.store (i32.const 2056) (i32.const 1))
                (i32.store (i32.const 3072) (i32.const 80))
                (i32.store (i32.const 3076) (i32.const 6))
                (i32.store (i32.const 3080) (i32.const 64))
                (i32.store (i32.const 3084) (i32.const 7))
                (i32.store (i32.const 3088) (i32.const 64))
                (i32.store (i32.const 3092) (i32.const 7))
                (i32.const 2048))

            ;; Rejects the task for what is seen.
            (func (export "stocktake:functions/tasks@0.1.0#handle")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (drop (call $look))
                (i32.store8 (i32.const 2048) (i32.const 1))
                (i32.store8 (i32.const 2052) (i32.const 1))
                (i32.store (i32.const 2056) (i32.const 80))
                (i32.store (i32.const 2060) (i32.const 6))
                (i32.const 2048))
            (func (export "stocktake:functions/tasks@0.1.0#give-up")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (i32.store8 (i32.const 2048) (i32.const 0))
                (i32.store (i32.const 2056) (i32.const 0))
                (i32.const 2048)))"#
    );
    sample::component(world, &core)
}

#[test]
fn who_may_call_is_told_to_the_component_that_answers_http_and_to_no_other() {
    let bench = Bench::new("");
    let source = bench.beside_bytes("looking.wasm", &looking());
    let config = format!(
        "[component.http-gateway]\nsource = '{0}'\n[component.looking]\nsource = '{0}'\n
         [[trigger.cron]]\ncomponent = 'looking'\n[[trigger.tasks]]\ncomponent = 'looking'\n",
        text(&source)
    );
    let config = bench.beside("looking.toml", &config);
    let mut server = Server::start(&bench, &["--config", text(&config)]);

    // The same code sees both where it answers HTTP, so what it does not see elsewhere is not there.
    let answer = server.exchange(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    let seen = SEES_NOTHING + ENVIRONMENT + IDENTITIES;
    assert!(answer.starts_with(&format!("HTTP/1.1 {seen} ")), "{answer}");

    let rejected = server.running.until_logged(|line| line.contains("sees "));
    let line: serde_json::Value = serde_json::from_str(&rejected).unwrap();
    let fields = &line["fields"];
    assert_eq!(
        (&fields["task"], &fields["reason"]),
        (&"sees 0".into(), &"sees 0".into()),
        "{line}"
    );
}
