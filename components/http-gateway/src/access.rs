//! Who is calling, and what they may do.

mod authenticate;
mod authorize;
mod form;
mod operation;
mod own;

pub(crate) use authenticate::{Caller, Content, authenticate};
pub(crate) use authorize::{Access, authorize, owner, would_pass};
pub(crate) use form::{of_policy, of_request};
pub(crate) use operation::Operation;
pub(crate) use own::{OWN_POLICY, bucket_policy, own_policies, principal};
