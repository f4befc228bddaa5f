//! The context panel's records (facts on associations, "CRM panel").

use super::WireError;
use super::crm::{ObjectResponse, joined};
use crate::card::{Card, Company, Deal, PastTicket};
use domain::OwnerId;

impl TryFrom<ObjectResponse> for Card {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let companies = wire.newest("companies");
        let primary = wire.take("associatedcompanyid").filter(|id| companies.contains(id));
        Ok(Self {
            id: wire.id()?,
            name: joined(wire.take("firstname"), wire.take("lastname")),
            email: wire.take("email"),
            phone: wire.take("phone").or(wire.take("mobilephone")),
            owner: wire.take("hubspot_owner_id").and_then(|id| OwnerId::parse(id).ok()),
            company: primary.or_else(|| companies.into_iter().next()),
            deals: wire.newest("deals"),
            tickets: wire.newest("tickets"),
        })
    }
}

impl TryFrom<ObjectResponse> for Company {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let (name, domain) = (wire.take("name"), wire.take("domain"));
        Ok(Self { name, domain, industry: wire.take("industry"), size: wire.take("numberofemployees") })
    }
}

impl TryFrom<ObjectResponse> for Deal {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        Ok(Self {
            name: wire.take("dealname"),
            stage: wire.take("dealstage"),
            amount: wire.take("amount"),
            currency: wire.take("deal_currency_code"),
            close_date: wire.take("closedate"),
            closed: wire.take("hs_is_closed").map(|flag| flag.eq_ignore_ascii_case("true")),
        })
    }
}

impl TryFrom<ObjectResponse> for PastTicket {
    type Error = WireError;

    fn try_from(mut wire: ObjectResponse) -> Result<Self, WireError> {
        let (subject, stage) = (wire.take("subject"), wire.take("hs_pipeline_stage"));
        Ok(Self { id: wire.id()?, subject, stage, created_at: wire.take("createdate") })
    }
}
