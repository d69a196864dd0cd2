//! The promises of [`TaskQueue`].

use std::time::Duration;

use tempfile::TempDir;

use super::*;

/// A queue in a database that can be opened again, as by a new process.
struct Fixture {
    folder: TempDir,
    queue: Option<RedbQueue>,
}

impl Fixture {
    fn new() -> Self {
        let mut fixture = Self { folder: tempfile::tempdir().unwrap(), queue: None };
        fixture.reopen();
        fixture
    }

    fn reopen(&mut self) {
        self.queue = None;
        let database = EmbeddedDatabase::open(&self.folder.path().join("queue")).unwrap();
        self.queue = Some(RedbQueue::new(database).unwrap());
    }
}

impl std::ops::Deref for Fixture {
    type Target = RedbQueue;

    fn deref(&self) -> &RedbQueue {
        self.queue.as_ref().unwrap()
    }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

fn task(name: &str) -> Task {
    Task {
        name: name.to_owned(),
        component: "report-writer".to_owned(),
        kind: "part".to_owned(),
        input: name.as_bytes().to_vec(),
        delay_ms: 0,
    }
}

fn delayed(name: &str, delay_ms: u32) -> Task {
    Task { delay_ms, ..task(name) }
}

#[track_caller]
fn take(queue: &RedbQueue, now: SystemTime) -> Lease {
    queue.take(now).unwrap().expect("a task is due")
}

/// Takes and finishes whatever is due.
fn drain(queue: &RedbQueue, now: SystemTime) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(lease) = queue.take(now).unwrap() {
        queue.finish(&lease, &[], now).unwrap();
        names.push(lease.task.name);
    }
    names
}

#[test]
fn a_task_is_handed_out_as_it_was_enqueued() {
    let queue = Fixture::new();
    let wanted = delayed("päck/1", 250);
    queue.enqueue(std::slice::from_ref(&wanted), at(0)).unwrap();
    assert_eq!(queue.take(at(0)).unwrap(), None);
    let lease = take(&queue, at(1));
    assert_eq!((lease.task, lease.call, lease.attempt), (wanted, Call::Handle, 1));
}

#[test]
fn the_task_that_is_due_for_the_longest_time_comes_first() {
    let queue = Fixture::new();
    queue.enqueue(&[delayed("late", 3000), delayed("early", 1000), task("now")], at(0)).unwrap();
    queue.enqueue(&[delayed("last", 4000), delayed("early, too", 1000)], at(0)).unwrap();
    assert_eq!(drain(&queue, at(3)), ["now", "early", "early, too", "late"]);
    assert_eq!(drain(&queue, at(4)), ["last"]);
}

#[test]
fn a_task_is_held_by_one() {
    let queue = Fixture::new();
    queue.enqueue(&[task("a"), task("b")], at(0)).unwrap();
    let (one, other) = (take(&queue, at(0)), take(&queue, at(0)));
    assert_ne!(one.id, other.id);
    assert_eq!(queue.take(at(9)).unwrap(), None);
    assert_eq!(queue.backlog().unwrap(), Backlog { unfinished: 2, next_due: None });
}

#[test]
fn workers_at_the_same_time_share_the_tasks() {
    let queue = Fixture::new();
    let tasks: Vec<Task> = (0..40).map(|number| task(&number.to_string())).collect();
    queue.enqueue(&tasks, at(0)).unwrap();
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| done.lock().unwrap().extend(drain(&queue, at(0))));
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|name| name.parse::<u32>().unwrap());
    assert_eq!(done, tasks.into_iter().map(|task| task.name).collect::<Vec<_>>());
}

#[test]
fn a_name_that_is_unfinished_is_skipped() {
    let queue = Fixture::new();
    let second = Task { input: b"second".to_vec(), ..task("a") };
    queue.enqueue(&[task("a"), second.clone(), task("b")], at(0)).unwrap();
    let held = take(&queue, at(0));
    queue.enqueue(std::slice::from_ref(&second), at(0)).unwrap();
    assert_eq!(held.task, task("a"));
    assert_eq!(queue.backlog().unwrap().unfinished, 2);
    queue.finish(&held, &[], at(0)).unwrap();
    queue.enqueue(std::slice::from_ref(&second), at(0)).unwrap();
    assert_eq!(drain(&queue, at(0)), ["b", "a"]);
}

#[test]
fn a_follow_up_may_bear_the_name_of_the_task_that_ended() {
    let queue = Fixture::new();
    queue.enqueue(&[task("a"), task("b")], at(0)).unwrap();
    let lease = take(&queue, at(0));
    let next = Task { input: b"rest".to_vec(), ..task("a") };
    queue.finish(&lease, &[next.clone(), task("b"), task("c")], at(1)).unwrap();
    assert_eq!(queue.backlog().unwrap().unfinished, 3);
    assert_eq!(take(&queue, at(1)).task, task("b"));
    let again = take(&queue, at(1));
    assert_eq!((again.task, again.attempt), (next, 1));
    assert_ne!(again.id, lease.id);
    assert_eq!(take(&queue, at(1)).task, task("c"));
}

#[test]
fn a_task_that_ended_cannot_end_again() {
    let queue = Fixture::new();
    queue.enqueue(&[task("a")], at(0)).unwrap();
    let lease = take(&queue, at(0));
    queue.finish(&lease, &[], at(0)).unwrap();
    queue.enqueue(&[task("a")], at(0)).unwrap();
    for refused in [
        queue.finish(&lease, &[task("x")], at(0)),
        queue.retry(&lease, at(0)),
        queue.give_up(&lease, "why", at(0)),
        queue.hand_back(&lease),
    ] {
        assert!(matches!(refused, Err(QueueError::Engine(_))), "{refused:?}");
    }
    assert_eq!(drain(&queue, at(0)), ["a"]);
    assert!(queue.dead_letters().unwrap().is_empty());
}

#[test]
fn a_refused_task_adds_nothing_and_frees_nothing() {
    let queue = Fixture::new();
    queue.enqueue(&[task("a")], at(0)).unwrap();
    let lease = take(&queue, at(0));
    let many: Vec<Task> = (0..=TASKS_MAX).map(|n| task(&n.to_string())).collect();
    let large = Task { input: vec![0; TASK_INPUT_BYTES_MAX + 1], ..task("large") };
    for bad in [vec![task("b"), task("")], vec![task(&"n".repeat(1025))], vec![large], many] {
        let refused = queue.enqueue(&bad, at(0));
        assert!(matches!(refused, Err(QueueError::InvalidTask { .. })), "{refused:?}");
        let refused = queue.finish(&lease, &bad, at(0));
        assert!(matches!(refused, Err(QueueError::InvalidTask { .. })), "{refused:?}");
    }
    assert_eq!(queue.backlog().unwrap(), Backlog { unfinished: 1, next_due: None });
    queue.finish(&lease, &[task(&"n".repeat(1024))], at(0)).unwrap();
    assert_eq!(queue.backlog().unwrap().unfinished, 1);
}

#[test]
fn a_retry_waits_and_counts_also_in_a_new_process() {
    let mut queue = Fixture::new();
    queue.enqueue(&[task("a")], at(0)).unwrap();
    queue.retry(&take(&queue, at(0)), at(5)).unwrap();
    assert_eq!(queue.take(at(4)).unwrap(), None);
    assert_eq!(queue.backlog().unwrap().next_due, Some(at(5)));
    assert_eq!(take(&queue, at(5)).attempt, 2);
    queue.reopen();
    let lease = take(&queue, at(5));
    assert_eq!((lease.attempt, &lease.task), (2, &task("a")));
    queue.retry(&lease, at(6)).unwrap();
    queue.reopen();
    assert_eq!(take(&queue, at(6)).attempt, 3);
}

#[test]
fn a_task_that_is_handed_back_is_as_before() {
    let queue = Fixture::new();
    queue.enqueue(&[task("a"), task("b")], at(0)).unwrap();
    let lease = take(&queue, at(0));
    queue.hand_back(&lease).unwrap();
    assert_eq!(take(&queue, at(0)), lease);
}

#[test]
fn what_was_held_is_free_in_a_new_process() {
    let mut queue = Fixture::new();
    queue.enqueue(&[task("a"), delayed("b", 9000)], at(0)).unwrap();
    let held = take(&queue, at(0));
    queue.reopen();
    assert_eq!(queue.backlog().unwrap(), Backlog { unfinished: 2, next_due: Some(at(0)) });
    assert_eq!(take(&queue, at(0)), held);
}

#[test]
fn what_was_answered_is_there_in_a_new_process() {
    let mut queue = Fixture::new();
    queue.enqueue(&[task("a")], at(0)).unwrap();
    let lease = take(&queue, at(0));
    queue.finish(&lease, &[task("b")], at(0)).unwrap();
    queue.reopen();
    let next = take(&queue, at(0));
    assert_eq!(next.task, task("b"));
    assert!(next.id > lease.id);
    queue.give_up(&next, "why", at(1)).unwrap();
    queue.reopen();
    assert_eq!(take(&queue, at(1)).call, Call::GiveUp("why".to_owned()));
    assert_eq!(queue.dead_letters().unwrap().len(), 1);
}

#[test]
fn a_task_that_is_given_up_is_buried_and_called_once_more() {
    let queue = Fixture::new();
    queue.enqueue(&[delayed("a", 500)], at(0)).unwrap();
    queue.retry(&take(&queue, at(1)), at(1)).unwrap();
    let lease = take(&queue, at(1));
    queue.give_up(&lease, "the store is gone", at(7)).unwrap();
    let letter = DeadLetter {
        task: delayed("a", 500),
        reason: "the store is gone".to_owned(),
        attempts: 2,
        at: at(7),
    };
    assert_eq!(queue.dead_letters().unwrap(), [letter]);
    queue.enqueue(&[task("a")], at(7)).unwrap();
    assert_eq!(queue.backlog().unwrap(), Backlog { unfinished: 1, next_due: Some(at(7)) });
    let last = take(&queue, at(7));
    assert_eq!(last.call, Call::GiveUp("the store is gone".to_owned()));
    assert_eq!((last.task.clone(), last.attempt), (delayed("a", 500), 1));
    assert_ne!(last.id, lease.id);
    queue.give_up(&last, "giving up failed, too", at(8)).unwrap();
    assert_eq!(queue.backlog().unwrap().unfinished, 0);
    assert_eq!(queue.dead_letters().unwrap().len(), 2);
}

#[test]
fn the_oldest_dead_letters_go_first() {
    let mut queue = Fixture::new();
    queue.queue.as_mut().unwrap().dead_letters_max = 3;
    for number in 0..5 {
        queue.enqueue(&[task(&number.to_string())], at(number)).unwrap();
        queue.give_up(&take(&queue, at(number)), "why", at(number)).unwrap();
        queue.finish(&take(&queue, at(number)), &[], at(number)).unwrap();
    }
    let letters = queue.dead_letters().unwrap();
    let names: Vec<&str> = letters.iter().map(|letter| letter.task.name.as_str()).collect();
    assert_eq!(names, ["2", "3", "4"]);
}

#[test]
fn a_long_reason_is_cut_between_characters() {
    let queue = Fixture::new();
    queue.enqueue(&[task("a")], at(0)).unwrap();
    let reason = format!("x{}", "é".repeat(REASON_BYTES_MAX));
    queue.give_up(&take(&queue, at(0)), &reason, at(0)).unwrap();
    assert_eq!(queue.dead_letters().unwrap()[0].reason.len(), REASON_BYTES_MAX - 1);
}

#[test]
fn a_second_opening_is_refused_clearly() {
    let queue = Fixture::new();
    let refused = EmbeddedDatabase::open(&queue.folder.path().join("queue")).unwrap_err();
    assert!(matches!(refused, super::super::EmbeddedError::InUse { .. }), "{refused}");
    assert!(
        refused
            .to_string()
            .ends_with("is in use by another process; end that one or name another file")
    );
}
