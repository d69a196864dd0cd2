//! What components may export.

/// An interface that a component may export, and the host calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// `cron`.
    Cron,
    /// `tasks`.
    Tasks,
    /// `object-events`.
    ObjectEvents,
    /// `inventory-config`.
    InventoryConfig,
    /// `inventory-runs`.
    InventoryRuns,
    /// `policy-check`.
    PolicyCheck,
    /// `wasi:http/incoming-handler`.
    Http,
}

impl Export {
    /// Its name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cron => "stocktake:functions/cron",
            Self::Tasks => "stocktake:functions/tasks",
            Self::ObjectEvents => "stocktake:functions/object-events",
            Self::InventoryConfig => "stocktake:functions/inventory-config",
            Self::InventoryRuns => "stocktake:functions/inventory-runs",
            Self::PolicyCheck => "stocktake:functions/policy-check",
            Self::Http => "wasi:http/incoming-handler",
        }
    }
}
