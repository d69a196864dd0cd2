use tokio::sync::broadcast::Receiver;

use super::*;
use crate::engine::{Engine, EngineOptions, samples};
use crate::engines::{EmbeddedDatabase, RedbQueue};
use crate::queue::Task;
use crate::triggers::{StopSwitch, stop_switch};

/// Nothing here takes that long; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

struct Bench {
    queue: Queue,
    events: Receiver<Event>,
    switch: StopSwitch,
    running: tokio::task::JoinHandle<Result<(), QueueError>>,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn start(components: &[(&str, Vec<u8>)], tasks: &[(&str, &str)], options: TaskOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = EmbeddedDatabase::open(&folder.path().join("test.redb")).unwrap();
        let queue = Queue::new(Arc::new(RedbQueue::new(database).unwrap()));
        let engine =
            Engine::new(EngineOptions { instances: 4, ..EngineOptions::default() }).unwrap();
        let components = components
            .iter()
            .map(|(name, wasm)| ((*name).to_owned(), engine.load(name, wasm).unwrap()))
            .collect();
        let tasks: Vec<Task> =
            tasks.iter().map(|(name, component)| task(name, component)).collect();
        queue.enqueue(&tasks).unwrap();
        let (switch, stop) = stop_switch();
        let this = TaskLoop::new(components, Capabilities::default(), queue.clone(), options);
        let events = this.events();
        let running = tokio::spawn(async move { this.run(stop).await });
        Self { queue, events, switch, running, _folder: folder }
    }

    /// The steps of one task up to and with the first that fits.
    async fn steps(&mut self, task: &str, last: impl Fn(&Step) -> bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let listening = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if event.task == task {
                    let is_last = last(&event.step);
                    steps.push(event.step);
                    if is_last {
                        return;
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.unwrap();
        steps
    }

    async fn stop(self) -> Queue {
        self.switch.drain();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap().unwrap();
        self.queue
    }
}

fn task(name: &str, component: &str) -> Task {
    Task {
        name: name.to_owned(),
        component: component.to_owned(),
        kind: "test".to_owned(),
        input: Vec::new(),
        delay_ms: 0,
    }
}

fn options(attempts: u32) -> TaskOptions {
    TaskOptions { workers: 2, in_flight: 2, attempts, grace: Duration::ZERO }
}

fn is_finished(step: &Step) -> bool {
    matches!(step, Step::Finished { .. })
}

#[tokio::test]
async fn a_task_is_called_once_and_ends() {
    let mut bench = Bench::start(&[("empty", samples::empty())], &[("a", "empty")], options(1));
    let steps = bench.steps("a", is_finished).await;
    assert!(
        matches!(steps[..], [Step::Started, Step::Finished { follow_ups: 0, .. }]),
        "{steps:?}"
    );
    bench.queue.enqueue(&[task("b", "empty")]).unwrap();
    bench.steps("b", is_finished).await;
    let queue = bench.stop().await;
    assert_eq!(queue.engine().backlog().unwrap().unfinished, 0);
}

#[tokio::test]
async fn a_task_that_fails_is_tried_again_then_given_up_and_its_component_is_told() {
    let failing = samples::failing(0, 0);
    let mut bench = Bench::start(&[("failing", failing)], &[("a", "failing")], options(3));
    let steps = bench.steps("a", is_finished).await;
    let retried = Step::Retried { reason: "no".to_owned(), wait: Duration::ZERO };
    let given_up = Step::GivenUp { reason: "failed 3 times, at last because: no".to_owned() };
    let expected = [
        Step::Started,
        retried.clone(),
        Step::Started,
        retried,
        Step::Started,
        given_up,
        Step::Started,
    ];
    assert_eq!(steps[..steps.len() - 1], expected);
    let queue = bench.stop().await;
    let dead = queue.engine().dead_letters().unwrap();
    assert_eq!((dead.len(), dead[0].task.name.as_str()), (1, "a"));
    assert_eq!(queue.engine().backlog().unwrap().unfinished, 0);
}

#[tokio::test]
async fn a_rejected_task_is_given_up_at_once() {
    let mut bench =
        Bench::start(&[("failing", samples::failing(1, 0))], &[("a", "failing")], options(10));
    let steps = bench.steps("a", |step| matches!(step, Step::GivenUp { .. })).await;
    assert_eq!(steps, [Step::Started, Step::GivenUp { reason: "no".to_owned() }]);
    bench.stop().await;
}

#[tokio::test]
async fn a_component_that_crashes_or_wants_too_much_fails_its_own_task_only() {
    let components = [
        ("crashing", samples::crashing()),
        ("greedy", samples::growing(60_000)),
        ("empty", samples::empty()),
    ];
    let tasks = [("a", "crashing"), ("b", "greedy"), ("c", "empty")];
    let mut bench = Bench::start(&components, &tasks, options(1));
    bench.steps("c", is_finished).await;
    let queue = bench.stop().await;
    let reasons: Vec<String> =
        queue.engine().dead_letters().unwrap().into_iter().map(|dead| dead.reason).collect();
    let [crash, greed] = &reasons[..] else { panic!("{reasons:?}") };
    assert!(crash.contains("`crashing` crashed") && crash.contains("unreachable"), "{crash}");
    assert!(greed.contains("`greedy` wanted 3932225536 bytes"), "{greed}");
}

#[tokio::test]
async fn a_task_of_an_unknown_component_waits() {
    let mut bench = Bench::start(&[], &[("a", "absent")], options(1));
    let steps = bench.steps("a", |step| matches!(step, Step::Retried { .. })).await;
    assert_eq!(steps.len(), 1);
    let queue = bench.stop().await;
    assert_eq!(queue.engine().backlog().unwrap().unfinished, 1);
    assert_eq!(queue.engine().dead_letters().unwrap(), []);
}

#[tokio::test]
async fn a_task_that_runs_at_the_end_is_handed_back() {
    let mut bench =
        Bench::start(&[("looping", samples::looping())], &[("a", "looping")], options(1));
    bench.steps("a", |step| *step == Step::Started).await;
    let queue = bench.stop().await;
    let lease = queue.engine().take(now()).unwrap().unwrap();
    assert_eq!((lease.task.name.as_str(), lease.attempt), ("a", 1));
}

#[tokio::test]
async fn a_second_signal_ends_the_grace() {
    let options = TaskOptions { grace: PATIENCE * 10, ..options(1) };
    let mut bench = Bench::start(&[("looping", samples::looping())], &[("a", "looping")], options);
    bench.steps("a", |step| *step == Step::Started).await;
    bench.switch.drain();
    bench.switch.abort();
    let steps = bench.steps("a", |step| *step != Step::Started).await;
    assert_eq!(steps, [Step::HandedBack]);
    let queue = bench.stop().await;
    assert_eq!(queue.engine().backlog().unwrap().unfinished, 1);
}
