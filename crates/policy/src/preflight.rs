//! Whether a delivery would work, before it is set up.
//!
//! Sources: "Configuring Amazon S3 Inventory", "Enabling Amazon S3 server access logging" and "Granting permissions for
//! S3 Inventory" in the Amazon S3 user guide; the pages on inventory and audit logging of `CoreWeave` AI Object Storage;
//! "Inventory" and "Granting permissions" in the documentation of Tencent Cloud COS.

mod bounds;
mod combine;
mod grants;
mod job;
mod needs;
mod people;
mod who;
mod writer;

use std::sync::Arc;

use stocktake_core::finding::{Dialect, Finding};
use stocktake_core::policy::{Delivery, Document, Options, PreflightReport};

use crate::evaluate::PolicySet;
use crate::lint::lint_policy;
use crate::model::Policy;
use crate::parse::parse;
use crate::sink::{Draft, Sink};
pub use bounds::REPORT_BYTES_MAX;
pub(crate) use people::{name_of, named, organization_of};
pub(crate) use writer::because;

/// Judges a delivery: every write, and the managers' and readers' own permissions.
///
/// A write that is not allowed is told as `PC201` (`PC204` for the listing of audit logs), a permission of a manager as
/// `PC305`; where neither is told, all of them are allowed.
///
/// # Limits
/// A delivery whose report would be longer than [`REPORT_BYTES_MAX`] has a finding of code `PC001` alone.
#[must_use]
pub fn preflight(delivery: &Delivery, dialect: Dialect, options: &Options) -> PreflightReport {
    let mut bench = Bench::new(delivery, dialect, options);
    let mut report = PreflightReport::default();
    bench.jobs = job::read(&mut bench);
    if let Some(finding) = bounds::breach(&bench) {
        report.findings.push(finding);
        return report;
    }
    report.writes = writer::check(&mut bench);
    grants::check(&mut bench, &report.writes);
    report.manage = people::manage(&mut bench);
    report.read = people::read(&mut bench);
    report.findings = bench.findings();
    report.patches = combine::combine(&report.findings);
    report
}

/// The documents of a delivery, parsed once, and what is found.
struct Bench<'a> {
    delivery: &'a Delivery,
    dialect: Dialect,
    options: &'a Options,
    jobs: Vec<job::Job>,
    source: Option<Vec<Arc<Policy>>>,
    destination: Option<Vec<Arc<Policy>>>,
    organization: Option<Vec<Arc<Policy>>>,
    identity: Option<Vec<Arc<Policy>>>,
    role: Option<Vec<Arc<Policy>>>,
    key: Option<Vec<Arc<Policy>>>,
    /// Findings, each with the document that it is in.
    drafts: Vec<(Arc<str>, Draft)>,
}

impl<'a> Bench<'a> {
    fn new(delivery: &'a Delivery, dialect: Dialect, options: &'a Options) -> Self {
        let all = |documents: &Option<Vec<Document>>| -> Option<Vec<Arc<Policy>>> {
            let documents = documents.as_ref()?.iter();
            Some(documents.map(|document| Arc::new(parse(document, dialect))).collect())
        };
        Self {
            delivery,
            dialect,
            options,
            jobs: Vec::new(),
            source: all(&delivery.source_policy),
            destination: all(&delivery.destination_policy),
            organization: all(&delivery.organization),
            identity: all(&delivery.identity),
            role: all(&delivery.role),
            key: all(&delivery.key),
            drafts: Vec::new(),
        }
    }

    fn report(&mut self, document: &str, draft: Draft) {
        self.drafts.push((Arc::from(document), draft));
    }

    /// What findings call the destination's policy, even if there is none.
    fn destination_name(&self) -> Arc<str> {
        let first = self.destination.as_ref().and_then(|policies| policies.first());
        first.map_or_else(|| Arc::from("destination-policy"), |policy| policy.name.clone())
    }

    /// What findings call the source's policy, even if there is none.
    fn source_name(&self) -> Arc<str> {
        let first = self.source.as_ref().and_then(|policies| policies.first());
        first.map_or_else(|| Arc::from("source-policy"), |policy| policy.name.clone())
    }

    /// The policies that decide what is done to a bucket by others than the writer of Tencent Cloud.
    fn set(
        &self,
        bucket: Option<&Vec<Arc<Policy>>>,
        identity: Option<&Vec<Arc<Policy>>>,
    ) -> PolicySet {
        let is_coreweave = self.dialect == Dialect::Coreweave;
        let organization = self.organization.as_ref().filter(|_| is_coreweave);
        let identity = identity.filter(|_| !is_coreweave);
        let documents = [organization, identity, bucket].map(Option::<&_>::cloned);
        PolicySet::new(self.dialect, self.options.clone(), documents)
    }

    /// All findings: by document in the order of the inputs, then of those that are missing.
    fn findings(self) -> Vec<Finding> {
        let Self { delivery, dialect, options, drafts, .. } = self;
        let destination = self.jobs.first().map(|job| job.bucket.clone());
        let attached = |bucket: Option<String>| Options { bucket, ..options.clone() };
        let unattached = attached(None);
        let source = attached(Some(delivery.source.clone()));
        let target = attached(destination);
        let mut order: Vec<(Arc<str>, Vec<Finding>)> = Vec::new();
        for configuration in &delivery.configurations {
            order.push((Arc::from(configuration.name.as_str()), Vec::new()));
        }
        for (policies, options) in [
            (&self.source, &source),
            (&self.destination, &target),
            (&self.organization, &unattached),
            (&self.identity, &unattached),
            (&self.role, &unattached),
            (&self.key, &unattached),
        ] {
            for policy in policies.iter().flatten() {
                // Where source and destination are one bucket, its policy is told of once.
                if !order.iter().any(|(name, _)| *name == policy.name) {
                    order.push((policy.name.clone(), lint_policy(policy, options)));
                }
            }
        }
        for (document, _) in &drafts {
            if !order.iter().any(|(name, _)| name == document) {
                order.push((document.clone(), Vec::new()));
            }
        }
        let mut all = Vec::new();
        let mut drafts: Vec<Option<(Arc<str>, Draft)>> = drafts.into_iter().map(Some).collect();
        for (name, findings) in order {
            // First, so that however much is wrong with a document, what is refused is told.
            let mut sink = Sink::new(&name, dialect);
            for draft in &mut drafts {
                if let Some((_, draft)) = draft.take_if(|(document, _)| *document == name) {
                    sink.add(draft);
                }
            }
            sink.extend(findings);
            let mut findings = sink.finish();
            // A denial that a document alone shows is found by its verdict too.
            findings.dedup_by(|one, other| {
                one.code == "PC136" && one.code == other.code && one.pointer == other.pointer
            });
            all.extend(findings);
        }
        all
    }
}

#[cfg(test)]
mod tests;
