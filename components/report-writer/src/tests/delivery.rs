//! Policies of the destination that keep reports out, when a run begins.

use stocktake_capabilities::Condition;
use stocktake_core::policy::policy_key;
use stocktake_core::run::configuration_key;

use super::*;

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*"},{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*"}]}"#;

fn set_policy(bench: &Bench, policy: &str) {
    let key = policy_key("orbit-reports");
    bench.state.put(&key, policy.as_bytes(), Condition::Always).unwrap();
}

/// Does a plan, and what the host does where it is rejected. Returns the reason.
fn rejected(bench: &Bench, task: &Task) -> String {
    match handle(task, NOW, bench.has()) {
        Err(Failure::Reject(reason)) => {
            assert_eq!(give_up(task, &reason, NOW, bench.has()), Ok(Vec::new()));
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_denial_that_came_later_keeps_a_scheduled_report_out_and_the_run_says_so() {
    let bench = Bench::with_keys(["a", "b"]);
    let plan = plan("Current", "", limits(4, 1));
    let configuration = configuration_key("orbit-raw", "daily");
    bench.state.put(&configuration, plan.configuration.as_bytes(), Condition::Always).unwrap();
    assert_eq!(cron(NOW, &bench.state), Ok(Vec::new()));
    set_policy(&bench, DENY);
    let later = Millis(NOW.0 + 48 * 3_600_000);
    let due = cron(later, &bench.state).unwrap();
    let [task] = due.as_slice() else { panic!("{due:?}") };
    let reason = rejected(&bench, task);
    assert!(
        reason.contains("`orbit-reports` does not let the report in, at /Statement/1"),
        "{reason}"
    );
    assert!(reason.contains("statement 1 `Shut` denies it"), "{reason}");
    let run = task.name.split('/').next().unwrap();
    let record = bench.record(run);
    assert_eq!((record.status, record.reason), (RunStatus::Failed, Some(reason)));
    assert_eq!(bench.keys("orbit-reports"), Vec::<String>::new());
    bench.assert_tidy();
    // Its slot is filled.
    assert_eq!(cron(later, &bench.state), Ok(Vec::new()));
}

#[test]
fn every_run_is_judged_by_the_policy_that_the_destination_has_when_it_begins() {
    let foreign = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::orbit-reports/*"}}"#;
    let coreweave = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"CW":"arn:aws:iam::f3:coreweave/u"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::orbit-reports/*"}}"#;
    let elsewhere = DENY.replace("orbit-reports/*", "orbit-reports/other/*");
    for policy in [DENY, foreign, coreweave, &elsewhere] {
        let bench = Bench::with_keys(["a"]);
        set_policy(&bench, policy);
        rejected(&bench, &task::plan_task(&plan("Current", "", limits(4, 1))));
        assert_eq!(bench.keys("orbit-reports"), Vec::<String>::new(), "{policy}");
    }
    // What is not known keeps nothing out, nor what cannot be read.
    let known = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::orbit-reports/*","Condition":{"StringEquals":{"aws:SourceAccount":"210987654321","s3:x-amz-acl":"bucket-owner-full-control"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::orbit-raw"}}}}"#;
    let wrong_source = known.replace(":::orbit-raw", ":::orbit-other");
    for (policy, is_let_in) in [(known, true), ("{ }", true), (&wrong_source, false)] {
        let bench = Bench::with_keys(["a"]);
        set_policy(&bench, policy);
        let plan = plan("Current", "", limits(4, 1));
        if is_let_in {
            assert_eq!(bench.run(&plan, true).status, RunStatus::Complete, "{policy}");
        } else {
            rejected(&bench, &task::plan_task(&plan));
        }
    }
}
