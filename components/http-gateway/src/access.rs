//! Who is calling, and what they may do.

mod authenticate;
mod authorize;
mod form;
mod operation;
mod own;
mod settled;

pub(crate) use authenticate::{CONFIRM, Caller, Content, authenticate};
pub(crate) use authorize::{Access, authorize, authorize_by, owner, would_pass};
pub(crate) use form::{of_policy, of_request};
pub(crate) use operation::Operation;
pub(crate) use own::{OWN_POLICY, bucket_policy, own_policies, principal};
pub(crate) use settled::{ATTEMPTS_MAX, overtaken, settled};
