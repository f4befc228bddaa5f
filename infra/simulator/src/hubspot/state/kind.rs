//! The kinds of records, with HubSpot's names for them.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Company,
    Deal,
    Ticket,
    Note,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Contact, Self::Company, Self::Deal, Self::Ticket, Self::Note];

    /// By name in singular or plural, or by object type id.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "contact" | "contacts" | "0-1" => Self::Contact,
            "company" | "companies" | "0-2" => Self::Company,
            "deal" | "deals" | "0-3" => Self::Deal,
            "ticket" | "tickets" | "0-5" => Self::Ticket,
            "note" | "notes" | "0-46" => Self::Note,
            _ => return None,
        })
    }

    pub(crate) fn singular(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Deal => "deal",
            Self::Ticket => "ticket",
            Self::Note => "note",
        }
    }

    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Company => "companies",
            Self::Deal => "deals",
            Self::Ticket => "tickets",
            Self::Note => "notes",
        }
    }

    /// The scope a call needs. Notes go with contacts, not with tickets.
    pub(crate) fn scope(self, write: bool) -> &'static str {
        match (self, write) {
            (Self::Ticket, _) => "tickets",
            (Self::Contact | Self::Note, false) => "crm.objects.contacts.read",
            (Self::Contact | Self::Note, true) => "crm.objects.contacts.write",
            (Self::Company, false) => "crm.objects.companies.read",
            (Self::Company, true) => "crm.objects.companies.write",
            (Self::Deal, false) => "crm.objects.deals.read",
            (Self::Deal, true) => "crm.objects.deals.write",
        }
    }

    pub(crate) fn created_property(self) -> &'static str {
        if self == Self::Note { "hs_createdate" } else { "createdate" }
    }

    pub(crate) fn modified_property(self) -> &'static str {
        if self == Self::Contact { "lastmodifieddate" } else { "hs_lastmodifieddate" }
    }

    /// The properties that a read without `properties` shows beside id and times.
    pub(crate) fn shown_by_default(self) -> &'static [&'static str] {
        match self {
            Self::Contact => &["email", "firstname", "lastname"],
            Self::Company => &["name", "domain"],
            Self::Deal => &["dealname", "dealstage", "pipeline", "amount", "closedate"],
            Self::Ticket => &["subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority"],
            Self::Note => &[],
        }
    }
}
