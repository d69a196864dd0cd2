//! Whole reports of a folder against what people would otherwise type.

use std::cell::Cell;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use stocktake_tests::harness::tree;

use crate::Arm;
use crate::command::{OBJECTS, Part, Proof, Reports, key, script};

pub(crate) fn arms(scratch: &Path) -> Result<Vec<Arm>> {
    let store = scratch.join("store");
    let source = store.join("source");
    let lines = (0..OBJECTS).map(|number| format!("1 1700000000.5 {}", key(number)));
    tree::write(&source, &tree::parse(&lines.collect::<Vec<_>>().join("\n")));
    std::fs::create_dir(store.join("reports"))?;
    let reports = Reports {
        store: store.to_str().context("a folder's name is no UTF-8")?.to_owned(),
        scratch: scratch.to_owned(),
        environment: Vec::new(),
        source: "source".to_owned(),
        destination: "reports".to_owned(),
        made: Rc::new(Cell::new(0)),
    };
    reports.warm_up()?;
    let name = "a folder of 100,000 files, from the first look to the last byte";
    let part = Part { name, scratch: scratch.to_owned(), count: None };
    let theirs = theirs(&part, &source)?;
    Ok(part.arms(&reports, theirs))
}

fn theirs(part: &Part, source: &Path) -> Result<Vec<Arm>> {
    let mut find = Command::new("find");
    find.arg(source).args(["-type", "f", "-printf", "%P\\t%s\\t%T@\\n"]);
    let mut rclone = Command::new("rclone");
    rclone.args(["lsjson", "-R", "--fast-list", "--no-mimetype"]).arg(source);
    let mut arms = vec![
        part.peer("find -printf, no report", Proof("\n", OBJECTS), find),
        part.peer("rclone lsjson -R --fast-list, no report", Proof("\"Size\":1,", OBJECTS), rclone),
    ];
    let source = source.to_str().context("a folder's name is no UTF-8")?;
    for (name, tool) in [
        ("os.scandir and pyarrow, Parquet", "pyarrow-parquet"),
        ("os.scandir and pyarrow, ORC", "pyarrow-orc"),
        ("duckdb read_blob and COPY, Parquet", "duckdb"),
    ] {
        let command = script(source, tool, &part.scratch.join(tool));
        arms.push(part.peer(name, Proof("100000 rows", 1), command));
    }
    Ok(arms)
}
