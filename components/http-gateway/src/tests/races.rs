//! Policies that change while a request is judged by them: what takes effect was allowed when it did.

use std::cell::Cell;

use stocktake_capabilities::memory::MemoryState;
use stocktake_capabilities::{Condition, Error, Item, ItemPage, State, StateOutcome};
use stocktake_core::finding::Dialect;
use stocktake_core::policy::policy_key;
use stocktake_core::run::{RunRecord, RunStatus, configuration_key, record_key};

use super::delivery::AWS;
use super::functions::Functions;
use super::inventory::{CLI, PUT};
use super::policy::aws_user;
use super::world::{RUN, World, brief, moment, request};
use crate::{Services, respond};

const POLICY: &str = "PUT /orbit-raw?policy";
const RUNS: &str = "POST /v1/stocktake/inventory/orbit-raw/docs-daily/runs";
const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

/// Lets one thing happen just before the nth call.
struct Interleaved<'a> {
    state: &'a MemoryState,
    at: usize,
    calls: Cell<usize>,
    happens: &'a dyn Fn(&MemoryState),
}

impl Interleaved<'_> {
    fn tick(&self) -> &MemoryState {
        if self.calls.replace(self.calls.get() + 1) == self.at {
            (self.happens)(self.state);
        }
        self.state
    }
}

impl State for Interleaved<'_> {
    fn get(&self, key: &str) -> Result<Option<Item>, Error> {
        self.tick().get(key)
    }

    fn put(&self, key: &str, value: &[u8], condition: Condition) -> Result<StateOutcome, Error> {
        self.tick().put(key, value, condition)
    }

    fn delete(&self, key: &str, condition: Condition) -> Result<StateOutcome, Error> {
        self.tick().delete(key, condition)
    }

    fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
        self.tick().list(prefix, cursor)
    }
}

/// A policy that denies Ann something.
fn denying(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::210987654321:user/ann"}},"Action":"{action}","Resource":"arn:aws:s3:::orbit-raw"}}}}"#
    )
}

fn put(state: &MemoryState, bucket: &str, policy: &str) {
    state.put(&policy_key(bucket), policy.as_bytes(), Condition::Always).unwrap();
}

fn kept(state: &MemoryState, key: &str) -> Option<String> {
    let item = state.get(key).unwrap()?;
    Some(String::from_utf8(item.value).unwrap())
}

/// A world in which Ann may do everything, as far as she is concerned.
fn world() -> World {
    World::new(Dialect::Any).with_identity("AKANN", aws_user(&[ALL]))
}

/// Has Ann ask while something happens at each call in turn. `look` sees the world afterwards and the answer.
#[track_caller]
fn at_every_call(
    (line, body): (&str, &str),
    world: impl Fn() -> World,
    happens: impl Fn(&MemoryState),
    look: impl Fn(&World, &str),
) {
    for at in 0.. {
        let world = world();
        let state = Interleaved { state: &world.state, at, calls: Cell::new(0), happens: &happens };
        let functions = Functions(&state);
        let unraced = Functions(&world.state);
        let services = Services {
            state: &state,
            inventory_config: &functions,
            inventory_runs: &functions,
            ..world.services(&unraced)
        };
        let asked = world.signed("AKANN", request(line, body));
        let answer = brief(&respond(&asked, &services, &world.settings, &moment()));
        if state.calls.get() <= at {
            assert!(at > 1, "nothing was raced: {answer}");
            assert!(answer.starts_with('2'), "unraced: {answer}");
            return;
        }
        look(&world, &answer);
    }
}

#[test]
fn who_is_denied_meanwhile_puts_and_deletes_no_policy() {
    let before = AWS.replace("orbit-reports/*", "orbit-raw/*").replace(":::orbit-raw\"", ":::b\"");
    for (line, body, action) in [
        (POLICY, before.as_str(), "s3:PutBucketPolicy"),
        ("DELETE /orbit-raw?policy", "", "s3:DeleteBucketPolicy"),
    ] {
        let denial = denying(action);
        let world = || {
            let world = world();
            put(&world.state, "orbit-raw", &before);
            world
        };
        at_every_call(
            (line, body),
            world,
            |state| put(state, "orbit-raw", &denial),
            |world, answer| {
                assert!(matches!(answer, "204" | "403 AccessDenied"), "{line} {answer}");
                // Either the denial came last, or it held.
                let kept = kept(&world.state, &policy_key("orbit-raw"));
                assert_eq!(kept.as_deref(), Some(denial.as_str()), "{line} {answer}");
            },
        );
    }
}

#[test]
fn whom_a_policy_locks_out_is_judged_by_the_one_that_it_replaces() {
    let statement = |user: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::210987654321:user/{user}"}},"Action":"s3:*","Resource":["arn:aws:s3:::orbit-raw","arn:aws:s3:::orbit-raw/*"]}}}}"#
        )
    };
    let (hers, his) = (statement("ann"), statement("bob"));
    at_every_call(
        (POLICY, &hers),
        world,
        |state| put(state, "orbit-raw", &his),
        |world, answer| {
            assert!(matches!(answer, "204" | "409 PolicyLocksOut"), "{answer}");
            let kept = kept(&world.state, &policy_key("orbit-raw"));
            assert_eq!(kept.as_deref(), Some(his.as_str()), "{answer}");
        },
    );
}

#[test]
fn a_request_that_is_overtaken_again_and_again_is_aborted() {
    struct Restless(MemoryState);
    impl State for Restless {
        fn get(&self, key: &str) -> Result<Option<Item>, Error> {
            self.0.get(key)
        }
        fn put(&self, key: &str, value: &[u8], on: Condition) -> Result<StateOutcome, Error> {
            put(&self.0, "orbit-raw", AWS);
            self.0.put(key, value, on)
        }
        fn delete(&self, key: &str, on: Condition) -> Result<StateOutcome, Error> {
            put(&self.0, "orbit-raw", AWS);
            self.0.delete(key, on)
        }
        fn list(&self, prefix: &str, cursor: Option<&str>) -> Result<ItemPage, Error> {
            self.0.list(prefix, cursor)
        }
    }
    let stored = configuration_key("orbit-raw", "docs-daily");
    let own = AWS.replace("orbit-reports/*", "orbit-raw/*");
    for (line, body) in [
        (POLICY, own.as_str()),
        ("DELETE /orbit-raw?policy", ""),
        (PUT, CLI),
        ("DELETE /orbit-raw?inventory&id=docs-daily", ""),
    ] {
        let world = world();
        put(&world.state, "orbit-raw", AWS);
        let is_deletion = line.starts_with("DELETE /orbit-raw?inventory");
        if is_deletion {
            assert_eq!(world.brief(PUT, CLI), "200");
        }
        let before = kept(&world.state, &stored);
        let state = Restless(world.state.clone());
        let (functions, still) = (Functions(&state), Functions(&world.state));
        let services = Services {
            state: &state,
            inventory_config: &functions,
            inventory_runs: &functions,
            ..world.services(&still)
        };
        let asked = world.signed("AKANN", request(line, body));
        let answer = respond(&asked, &services, &world.settings, &moment());
        assert_eq!(brief(&answer), "409 OperationAborted", "{line}");
        assert_eq!(kept(&world.state, &stored), before, "{line}");
    }
}

/// What denies a configuration of Ann's: her bucket's policy, and the one of the destination.
fn denials() -> [(&'static str, String, &'static str); 2] {
    let shut = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*"}}"#;
    [
        ("orbit-raw", denying("s3:PutInventoryConfiguration"), "403 AccessDenied"),
        ("orbit-reports", shut.to_owned(), "400 IllegalInventoryConfigurationException"),
    ]
}

#[test]
fn who_is_denied_meanwhile_puts_no_configuration() {
    let key = configuration_key("orbit-raw", "docs-daily");
    let earlier = CLI.replace("Daily", "Weekly");
    for (bucket, denial, refused) in denials() {
        for is_first in [true, false] {
            let world = || {
                let world = world();
                if !is_first {
                    assert_eq!(world.brief(PUT, &earlier), "200");
                }
                world
            };
            let was_there = Cell::new(false);
            at_every_call(
                (PUT, CLI),
                world,
                |state| {
                    was_there.set(kept(state, &key).is_some_and(|it| it.contains("Daily")));
                    put(state, bucket, &denial);
                },
                |world, answer| {
                    assert!(answer == "200" || answer == refused, "{answer}");
                    let now = kept(&world.state, &key);
                    let is_daily = now.as_ref().is_some_and(|it| it.contains("Daily"));
                    assert_eq!(is_daily, answer == "200", "{bucket} {answer}");
                    assert!(answer == refused || was_there.get(), "{bucket}: stored after it");
                    assert_eq!(now.is_some(), answer == "200" || !is_first, "{bucket} {answer}");
                },
            );
        }
    }
}

#[test]
fn who_is_denied_meanwhile_deletes_no_configuration() {
    let key = configuration_key("orbit-raw", "docs-daily");
    let denial = denying("s3:PutInventoryConfiguration");
    let world = || {
        let world = world();
        assert_eq!(world.brief(PUT, CLI), "200");
        world
    };
    let was_there = Cell::new(false);
    at_every_call(
        ("DELETE /orbit-raw?inventory&id=docs-daily", ""),
        world,
        |state| {
            was_there.set(kept(state, &key).is_some());
            put(state, "orbit-raw", &denial);
        },
        |world, answer| {
            assert!(matches!(answer, "204" | "403 AccessDenied"), "{answer}");
            assert_eq!(kept(&world.state, &key).is_none(), answer == "204");
            assert!(answer != "204" || !was_there.get(), "deleted after it was denied");
        },
    );
}

#[test]
fn who_is_denied_meanwhile_begins_no_run() {
    let once = CLI
        .replace("<IsEnabled>true</IsEnabled>", "")
        .replace("<Schedule><Frequency>Daily</Frequency></Schedule>", "");
    let record = |state: &MemoryState| -> Option<RunRecord> {
        serde_json::from_str(&kept(state, &record_key(RUN))?).ok()
    };
    for (bucket, denial, refused) in denials() {
        for document in ["", once.as_str()] {
            let world = || {
                let world = world();
                if document.is_empty() {
                    assert_eq!(world.brief(PUT, CLI), "200");
                }
                world
            };
            let was_begun = Cell::new(false);
            at_every_call(
                (RUNS, document),
                world,
                |state| {
                    was_begun.set(record(state).is_some());
                    put(state, bucket, &denial);
                },
                |world, answer| {
                    let is_begun = answer.starts_with("202");
                    assert!(is_begun || answer == refused, "{answer}");
                    assert_eq!(world.tasks.0.borrow().is_empty(), !is_begun, "{bucket} {answer}");
                    assert!(!is_begun || was_begun.get(), "{bucket}: begun after it");
                    let status = record(&world.state).map(|record| record.status);
                    let is_running = status == Some(RunStatus::Running);
                    assert_eq!(is_running, is_begun, "{bucket} {answer} {status:?}");
                },
            );
        }
    }
}
