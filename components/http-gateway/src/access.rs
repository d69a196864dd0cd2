//! Who is calling, and what they may do.

mod authenticate;
mod authorize;
mod engine;
mod form;
mod operation;
mod question;

pub(crate) use authenticate::{Caller, authenticate};
pub(crate) use authorize::{Access, authorize, owner};
pub use engine::PolicyEngine;
pub(crate) use form::{COREWEAVE_WRITER, writer_dialect};
pub(crate) use operation::Operation;
pub use question::{Authorizer, Decision, Principal, Question, Ruling};
