//! The clock, configurations that come and go, and runs: a run per slot, never two, whatever happens.

use std::collections::BTreeSet;

use stocktake_capabilities::Condition;
use stocktake_core::run::{FIRST_REPORT_KEY, configuration_key};

use super::*;
use crate::records::{delete, put};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Sunday, 2026-11-08T00:00Z.
const MIDNIGHT: i64 = 1_794_096_000_000;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// Time passes, and a tick follows.
    Pass {
        minutes: i64,
    },
    /// A tick whose tasks are lost, as the host was killed before it could enqueue them.
    Lost,
    /// The host is killed while the tasks of this tick are at work; all of them are done once more.
    Killed,
    Put(Schedule),
    Disable,
    Delete,
    /// The clock is put back.
    Back {
        minutes: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schedule {
    Daily,
    Weekly,
    Monthly(u8),
}

fn events(is_back: bool) -> impl Strategy<Value = Vec<Event>> {
    let schedule = prop_oneof![
        Just(Schedule::Daily),
        Just(Schedule::Weekly),
        (1_u8..=31).prop_map(Schedule::Monthly)
    ];
    let back = if is_back { 3_u32 } else { 0 };
    let event = prop_oneof![
        8 => (1_i64..3 * 24 * 60).prop_map(|minutes| Event::Pass { minutes }),
        4 => (1_i64..90).prop_map(|minutes| Event::Pass { minutes }),
        2 => (1_i64..80 * 24 * 60).prop_map(|minutes| Event::Pass { minutes }),
        2 => Just(Event::Lost),
        2 => Just(Event::Killed),
        3 => schedule.prop_map(Event::Put),
        1 => Just(Event::Disable),
        1 => Just(Event::Delete),
        back => (1_i64..40 * 24 * 60).prop_map(|minutes| Event::Back { minutes }),
    ];
    proptest::collection::vec(event, 1..60)
}

/// The reference: slots are found by looking at every day.
struct Model {
    is_at_once: bool,
    since: Option<i64>,
    last: Option<i64>,
}

impl Model {
    /// The slot that a tick fills.
    fn tick(&mut self, wanted: Option<Schedule>, now: i64) -> Option<i64> {
        let Some(schedule) = wanted else {
            (self.since, self.last) = (None, None);
            return None;
        };
        let since = *self.since.get_or_insert(now);
        if self.is_at_once && self.last.is_none() {
            self.last = Some(since);
            return Some(since);
        }
        let is_first = self.last.is_none();
        let from = self.last.unwrap_or(since).max(since);
        let first_day = from.div_euclid(DAY);
        let mut slots = (first_day..=now.div_euclid(DAY)).map(|day| day * DAY + 60 * MINUTE);
        let due = slots
            .rfind(|slot| *slot > from && *slot <= now && (is_first || is_meant(schedule, *slot)));
        self.last = due.or(self.last);
        due
    }
}

fn is_meant(schedule: Schedule, slot: i64) -> bool {
    let day_of = |time: i64| -> u8 { Millis(time).rfc3339()[8..10].parse().unwrap() };
    match schedule {
        Schedule::Daily => true,
        // The epoch was a Thursday.
        Schedule::Weekly => (slot.div_euclid(DAY) + 4) % 7 == 0,
        Schedule::Monthly(day) => {
            let is_last = day_of(slot + DAY) == 1;
            day_of(slot) == day || (is_last && day_of(slot) < day)
        }
    }
}

/// The program, as far as schedules go.
struct World {
    bench: Bench,
    now: i64,
    wanted: Option<Schedule>,
}

impl World {
    fn new(is_at_once: bool) -> Self {
        let world = Self { bench: Bench::with_keys(["a"]), now: MIDNIGHT, wanted: None };
        let first = if is_at_once { "at-once" } else { "next-slot" };
        put(&world.bench.state, FIRST_REPORT_KEY, &first, Condition::Always).unwrap();
        world
    }

    fn put(&mut self, schedule: Schedule, is_enabled: bool) {
        let mut document = document(Form::Cos, "Current", &serde_json::json!({}), &[]);
        document["Schedule"] = match schedule {
            Schedule::Daily => serde_json::json!({ "Frequency": "Daily" }),
            Schedule::Weekly => serde_json::json!({ "Frequency": "Weekly" }),
            Schedule::Monthly(day) => {
                serde_json::json!({ "Frequency": "Monthly", "MonthlyDate": day })
            }
        };
        document["IsEnabled"] = is_enabled.into();
        let key = configuration_key("orbit-raw", "daily");
        put(&self.bench.state, &key, &document, Condition::Always).unwrap();
        self.wanted = is_enabled.then_some(schedule);
    }

    /// A tick, and all of its work as often as is said.
    fn tick(&self, times: usize) {
        let now = Millis(self.now);
        let first = cron(now.floor_to_minute(), &self.bench.state).unwrap();
        for _ in 0..times {
            let mut tasks = VecDeque::from(first.clone());
            while let Some(task) = tasks.pop_front() {
                tasks.extend(handle(&task, now, self.bench.has()).unwrap());
            }
        }
    }

    /// The slots that were filled, in order. Each has one run, and that one is complete.
    fn slots(&self) -> Vec<i64> {
        let records = list::<Value>(&self.bench.state, "runs/").unwrap();
        let mut slots = Vec::new();
        for (key, record) in records {
            let record: RunRecord = serde_json::from_value(record).unwrap();
            assert_eq!(record.status, RunStatus::Complete, "{key}");
            slots.push(record.plan.slot_millis.unwrap());
        }
        slots.sort_unstable();
        slots
    }

    /// Does what happens. Answers whether a tick saw it through.
    fn happen(&mut self, event: &Event) -> bool {
        match *event {
            Event::Pass { minutes } => self.now += minutes * MINUTE,
            Event::Back { minutes } => self.now -= minutes * MINUTE,
            Event::Put(schedule) => {
                self.put(schedule, true);
                return false;
            }
            Event::Disable => {
                if let Some(schedule) = self.wanted {
                    self.put(schedule, false);
                }
                return false;
            }
            Event::Delete => {
                delete(&self.bench.state, &configuration_key("orbit-raw", "daily")).unwrap();
                self.wanted = None;
                return false;
            }
            Event::Lost => {
                self.tick(0);
                return false;
            }
            Event::Killed => {
                self.tick(2);
                return true;
            }
        }
        self.tick(1);
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_slot_has_the_run_that_it_is_to_have(events in events(false), is_at_once: bool) {
        let mut world = World::new(is_at_once);
        let mut model = Model { is_at_once, since: None, last: None };
        let mut expected = Vec::new();
        for event in &events {
            let is_done = world.happen(event);
            let now = Millis(world.now).floor_to_minute().0;
            match event {
                // What it saw it remembers, whatever became of its tasks.
                Event::Lost => {
                    if world.wanted.is_some() {
                        model.since.get_or_insert(now);
                    } else {
                        model.tick(None, now);
                    }
                }
                // A first report at once has one slot a minute, however often the configuration is new in it.
                _ if is_done => {
                    let slot = model.tick(world.wanted, now);
                    expected.extend(slot.filter(|slot| !expected.contains(slot)));
                }
                _ => {}
            }
            prop_assert_eq!(world.slots(), expected.clone(), "behind {:?}", event);
        }
    }

    #[test]
    fn no_slot_has_two_runs_and_reports_go_on_wherever_the_clock_was(
        events in events(true),
        is_at_once: bool,
    ) {
        let mut world = World::new(is_at_once);
        let mut latest = world.now;
        for event in &events {
            world.happen(event);
            latest = latest.max(world.now);
            let slots = world.slots();
            let once: BTreeSet<i64> = slots.iter().copied().collect();
            prop_assert_eq!(once.len(), slots.len(), "twice behind {:?}", event);
            prop_assert!(slots.last().is_none_or(|last| *last <= latest), "too early");
        }
        world.put(Schedule::Daily, true);
        for _ in 0..4 * 24 {
            world.now += 60 * MINUTE;
            world.tick(1);
        }
        let slot = Millis(world.now).same_day_at_hour(1);
        let slot = if slot.0 > world.now { slot.0 - DAY } else { slot.0 };
        // A clock that was put back by less than a day does not make up for slots before the latest that was filled.
        let slots = world.slots();
        let is_filled = slots.iter().any(|filled| (slot..=world.now + DAY).contains(filled));
        prop_assert!(is_filled, "no run at {}", Millis(slot).rfc3339());
    }
}
