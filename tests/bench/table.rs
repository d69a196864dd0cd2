//! The one table: what was measured, how it compares, and whether the marks were met.

use serde::Serialize;

/// What one arm is measured in. An arm may have several rows, such as a rate and a peak of memory.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What is listed, or where; rows are compared within their part.
    pub(crate) part: String,
    pub(crate) arm: String,
    /// The quantity and its unit; rows are compared with those of the same.
    pub(crate) what: &'static str,
    pub(crate) mark: Mark,
    /// One figure for each round.
    pub(crate) figures: Vec<f64>,
    /// Why there are none.
    pub(crate) skipped: Option<String>,
}

/// What is wanted of a row's median. Arms are named as their rows name them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// It is there for others to be compared with.
    Nothing,
    /// No more than so much.
    AtMost(f64),
    /// At least so many times the median of this arm.
    AtLeastTimes(f64, String),
    /// At most so many times the median of this arm.
    AtMostTimes(f64, String),
    /// No further from the median of this arm than by this part of it.
    Within(f64, String),
    /// Less than the median of each of these arms that is there.
    LessThanEach(Vec<String>),
}

/// What the table shows of a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) part: String,
    pub(crate) arm: String,
    pub(crate) what: String,
    /// Not a number is null.
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) rounds: usize,
    /// This median to the one it is compared with.
    pub(crate) ratio: Option<f64>,
    pub(crate) mark: String,
    /// `met`, `missed`, `-` where nothing is wanted, or why it is not known.
    pub(crate) outcome: String,
}

impl Row {
    pub(crate) fn new(part: &str, arm: impl Into<String>, what: &'static str, mark: Mark) -> Self {
        let (part, arm) = (part.to_owned(), arm.into());
        Self { part, arm, what, mark, figures: Vec::new(), skipped: None }
    }

    fn median(&self) -> f64 {
        spread(&self.figures).0
    }
}

/// The table of these rows, in their order.
pub(crate) fn lines(rows: &[Row]) -> Vec<Line> {
    rows.iter().map(|row| line(row, rows)).collect()
}

fn line(row: &Row, rows: &[Row]) -> Line {
    let (median, least, most) = spread(&row.figures);
    let Judgement { ratio, mark, is_met } = judge(row, rows);
    let outcome = match (&row.skipped, is_met) {
        (Some(why), _) => format!("skipped: {why}"),
        (None, Some(true)) => "met".to_owned(),
        (None, Some(false)) => "MISSED".to_owned(),
        (None, None) if row.mark == Mark::Nothing => "-".to_owned(),
        (None, None) => "not known: nothing to compare with".to_owned(),
    };
    Line {
        part: row.part.clone(),
        arm: row.arm.clone(),
        what: row.what.to_owned(),
        median,
        least,
        most,
        rounds: row.figures.len(),
        ratio,
        mark,
        outcome,
    }
}

struct Judgement {
    ratio: Option<f64>,
    mark: String,
    /// None where it cannot be known, or nothing is wanted.
    is_met: Option<bool>,
}

fn judge(row: &Row, rows: &[Row]) -> Judgement {
    let median = row.median();
    let of = |arm: &String| {
        let same =
            |other: &&Row| other.part == row.part && other.what == row.what && other.arm == *arm;
        rows.iter().find(same).map(Row::median).filter(|median| !median.is_nan())
    };
    let compared = |mark: String, ratio: Option<f64>, is_met: fn(f64, f64) -> bool, limit: f64| {
        let ratio = ratio.filter(|ratio| !ratio.is_nan());
        Judgement { ratio, mark, is_met: ratio.map(|ratio| is_met(ratio, limit)) }
    };
    match &row.mark {
        Mark::Nothing => Judgement { ratio: None, mark: String::new(), is_met: None },
        Mark::AtMost(limit) => {
            let is_met = (!median.is_nan()).then_some(median <= *limit);
            Judgement { ratio: None, mark: format!("<= {limit}"), is_met }
        }
        Mark::AtLeastTimes(times, arm) => {
            let ratio = of(arm).map(|other| median / other);
            compared(format!(">= {times} x {arm}"), ratio, |ratio, limit| ratio >= limit, *times)
        }
        Mark::AtMostTimes(times, arm) => {
            let ratio = of(arm).map(|other| median / other);
            compared(format!("<= {times} x {arm}"), ratio, |ratio, limit| ratio <= limit, *times)
        }
        Mark::Within(part, arm) => {
            let ratio = of(arm).map(|other| median / other);
            let is_met = |ratio: f64, part: f64| (ratio - 1.0).abs() <= part;
            compared(format!("{arm} +-{:.0} %", part * 100.0), ratio, is_met, *part)
        }
        Mark::LessThanEach(arms) => {
            let others = arms.iter().filter_map(|arm| Some((arm, of(arm)?)));
            let Some((arm, least)) = others.min_by(|a, b| a.1.total_cmp(&b.1)) else {
                return Judgement { ratio: None, mark: "< every peer".to_owned(), is_met: None };
            };
            let ratio = Some(median / least);
            compared(format!("< {arm}"), ratio, |ratio, limit| ratio < limit, 1.0)
        }
    }
}

/// The median, the least and the most; not numbers where there are none.
pub(crate) fn spread(figures: &[f64]) -> (f64, f64, f64) {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (at(sorted.len() / 2), at(0), at(sorted.len().saturating_sub(1)))
}

/// The table as text, its columns aligned.
pub(crate) fn text(lines: &[Line]) -> String {
    let head =
        ["arm", "what", "median", "least-most", "ratio", "mark", "outcome"].map(str::to_owned);
    let cells: Vec<[String; 7]> = std::iter::once(head).chain(lines.iter().map(cells)).collect();
    let width = |column: usize| {
        cells.iter().filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths = [0, 1, 2, 3, 4, 5, 6].map(|column| width(column).unwrap_or_default());
    let mut text = String::new();
    let mut part = "";
    for (at, cells) in cells.iter().enumerate() {
        let line = at.checked_sub(1).and_then(|at| lines.get(at));
        if let Some(line) = line
            && line.part != part
        {
            part = &line.part;
            text.extend(["\n", part, "\n"]);
        }
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let is_figure = (2..=4).contains(&column);
            let cell =
                if is_figure { format!("  {cell:>width$}") } else { format!("  {cell:<width$}") };
            text.push_str(&cell);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn cells(line: &Line) -> [String; 7] {
    let is_known = line.rounds > 0;
    [
        line.arm.clone(),
        line.what.clone(),
        if is_known { figure(line.median) } else { String::new() },
        if is_known {
            format!("{}-{}", figure(line.least), figure(line.most))
        } else {
            String::new()
        },
        line.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        line.mark.clone(),
        line.outcome.clone(),
    ]
}

/// Three digits that say something, or the whole of a large number.
fn figure(figure: f64) -> String {
    match figure.abs() {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        1.0.. => format!("{figure:.2}"),
        _ => format!("{figure:.3}"),
    }
}
