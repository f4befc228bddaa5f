//! What the door turned away, kept where the diagnostics find it.

use crate::kernel::bridge::Bridge;
use crate::kernel::failure::FlowError;
use crate::kernel::message::{DoorReport, Whose};
use domain::OrgId;
use store::DoorCounts;

/// Adds a report to the counts of the organizations it tells of. A report that comes twice is counted twice: it is a
/// hint for people, and nothing follows from it.
pub(crate) async fn count_refusals(bridge: &Bridge, report: &DoorReport) -> Result<(), FlowError> {
    for count in &report.counts {
        let org = organization(bridge, &count.whose).await?;
        let counts = DoorCounts {
            bad_urls: count.bad_urls,
            bad_signatures: count.bad_signatures,
            unsupported: count.unsupported,
            last_at: None,
        };
        bridge.store.count_door(org.as_ref(), &counts, report.at).await?;
    }
    Ok(())
}

/// Only an organization that is connected has counts of its own: anybody can write any name into a URL.
async fn organization(bridge: &Bridge, whose: &Whose) -> Result<Option<OrgId>, FlowError> {
    Ok(match whose {
        Whose::Org(org) => bridge.store.connection(org).await?.map(|connection| connection.org),
        Whose::Portal(portal) => bridge.org_of(portal).await?,
        Whose::Nobody => None,
    })
}
