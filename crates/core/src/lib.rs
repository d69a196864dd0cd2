//! The words that Stocktake's functions share.
//!
//! [`finding`] says what is wrong with an input, [`configuration`] is an inventory configuration that has been judged
//! usable, [`mod@column`] and [`form`] tell what a report can hold and how it looks, [`run`] is the progress of one report,
//! and [`schedule`] tells when it falls due. [`policy`] is what is asked about policies and what is answered, [`provider`]
//! tells whose rules a policy is written for, and [`quote`] shows parts of inputs to people. All of it is values; nothing
//! here knows about WIT, storage or the time of day.

pub mod bucket;
pub mod column;
pub mod configuration;
pub mod edits;
pub mod finding;
pub mod form;
pub mod glob;
pub mod policy;
pub mod provider;
pub mod quote;
pub mod run;
pub mod schedule;
pub mod timestamp;
