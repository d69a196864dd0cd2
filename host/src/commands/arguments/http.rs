//! How `serve` is told to serve HTTP.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use clap::Args;

use super::DialectName;
use crate::config::texts;

#[derive(Debug, Args)]
#[command(next_help_heading = "HTTP")]
pub(in crate::commands) struct HttpArguments {
    /// Serve the S3 API here, such as 127.0.0.1:9000; port 0 takes a free one, and one line of JSON on stdout tells which
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = texts::address)]
    pub(in crate::commands) listen: Option<SocketAddr>,
    /// Whose API it is [default: any]
    #[arg(long, value_name = "NAME")]
    pub(in crate::commands) dialect: Option<DialectName>,
    /// The region that requests have to be signed for [default: us-east-1]
    #[arg(long, value_name = "NAME", value_parser = texts::region)]
    pub(in crate::commands) region: Option<String>,
    /// A domain below which a bucket's name stands in the host; may be given several times
    #[arg(long = "domain", value_name = "DOMAIN", value_parser = texts::domain)]
    pub(in crate::commands) domains: Vec<String>,
    /// Let bucket policies judge requests without a signature, instead of refusing them
    #[arg(long)]
    pub(in crate::commands) anonymous: bool,
    /// Somebody who may call, as an administrator of the ARN's account; may be given several times. Whoever sees the
    /// list of processes sees the secret: on shared machines write `[[identity]]` into the settings file
    #[arg(long = "identity", value_name = "ACCESS-KEY:SECRET:PRINCIPAL-ARN")]
    pub(in crate::commands) identities: Vec<Hidden>,
}

/// A text that no message shows. It is judged later: refusals of the command line itself quote what they refuse.
#[derive(Clone)]
pub(in crate::commands) struct Hidden(pub(in crate::commands) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hidden(..)")
    }
}

impl FromStr for Hidden {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}
