//! The table of `cargo xtask bench`: its marks can be missed.

#[path = "../bench/table.rs"]
mod table;

use expect_test::expect;
use table::{Mark, Row};

fn row(arm: &str, what: &'static str, mark: Mark, figures: &[f64]) -> Row {
    Row { figures: figures.to_vec(), ..Row::new("part", arm, what, mark) }
}

#[test]
fn marks_are_met_and_missed() {
    let of = |arm: &str| arm.to_owned();
    let peers = || vec![of("slow"), of("fast"), of("absent")];
    let mut absent = row("absent", "s", Mark::Nothing, &[]);
    absent.skipped = Some("no `absent` here".to_owned());
    let rows = [
        row("slow", "s", Mark::Nothing, &[9.0, 4.0, 8.0]),
        row("fast", "s", Mark::Nothing, &[2.0, 1.0, 3.0]),
        absent,
        row("ours", "s", Mark::LessThanEach(peers()), &[1.9]),
        row("ours, again", "s", Mark::LessThanEach(peers()), &[2.0]),
        row("alone", "s", Mark::LessThanEach(vec![of("absent")]), &[2.0]),
        // Another quantity is not compared with these.
        row("fast", "MiB", Mark::AtMost(64.0), &[64.0]),
        row("slow", "MiB", Mark::AtMost(64.0), &[64.1]),
        row("ours", "MiB", Mark::AtMostTimes(1.1, of("fast")), &[70.0]),
        row("ours, again", "MiB", Mark::AtMostTimes(1.1, of("fast")), &[71.0]),
        row("native", "rows / s", Mark::Nothing, &[100.0]),
        row("component", "rows / s", Mark::AtLeastTimes(0.75, of("native")), &[75.0]),
        row("component, again", "rows / s", Mark::AtLeastTimes(0.75, of("native")), &[74.0]),
        row("more", "rows / s", Mark::Within(0.1, of("native")), &[109.0]),
        row("much more", "rows / s", Mark::Within(0.1, of("native")), &[111.0]),
        row("much less", "rows / s", Mark::Within(0.1, of("native")), &[89.0]),
    ];
    expect![[r"
          arm               what      median  least-most  ratio  mark              outcome

        part
          slow              s           8.00   4.00-9.00                           -
          fast              s           2.00   1.00-3.00                           -
          absent            s                                                      skipped: no `absent` here
          ours              s           1.90   1.90-1.90   0.95  < fast            met
          ours, again       s           2.00   2.00-2.00   1.00  < fast            MISSED
          alone             s           2.00   2.00-2.00         < every peer      not known: nothing to compare with
          fast              MiB         64.0   64.0-64.0         <= 64             met
          slow              MiB         64.1   64.1-64.1         <= 64             MISSED
          ours              MiB         70.0   70.0-70.0   1.09  <= 1.1 x fast     met
          ours, again       MiB         71.0   71.0-71.0   1.11  <= 1.1 x fast     MISSED
          native            rows / s     100     100-100                           -
          component         rows / s    75.0   75.0-75.0   0.75  >= 0.75 x native  met
          component, again  rows / s    74.0   74.0-74.0   0.74  >= 0.75 x native  MISSED
          more              rows / s     109     109-109   1.09  native +-10 %     met
          much more         rows / s     111     111-111   1.11  native +-10 %     MISSED
          much less         rows / s    89.0   89.0-89.0   0.89  native +-10 %     MISSED
    "]].assert_eq(&table::text(&table::lines(&rows)));
}
