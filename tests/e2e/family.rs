//! The two families of HubSpot's paths: the dated ones and those of v3.
//!
//! They differ in the prefixes of `hubspot::ApiVersions` and in nothing else. So most stories are told once, on the dated paths,
//! and those of [`OPERATIONS`] are told on both: together they call every operation that any story calls.

use crate::world::HUBSPOT;
use bytes::Bytes;
use http::Request;
use hubspot::ApiVersions;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// The stories that are told on both families, each with the operations of HubSpot's API that it calls for the whole suite.
///
/// `{}` stands for an id. A story that calls an operation which is not here fails.
pub(crate) const OPERATIONS: &[(&str, &[&str])] = &[
    (
        "a_customers_message_gets_the_ais_answer",
        &[
            "POST oauth/private-apps/get/access-token-info",
            "GET crm/properties/tickets",
            "POST crm/properties/tickets",
            "POST crm/properties/tickets/groups",
            "GET crm/owners/{}",
            "GET conversations/conversations/threads/{}",
            "GET conversations/conversations/threads/{}/messages/{}",
            "POST conversations/conversations/threads/{}/messages",
            "GET conversations/conversations/actors/{}",
            "GET crm/objects/contacts/{}",
        ],
    ),
    (
        "a_message_hubspot_cut_is_fetched_whole_before_its_history_is",
        &["GET conversations/conversations/threads/{}/messages/{}/original-content"],
    ),
    (
        "messages_of_an_outage_are_answered_once_and_repeating_it_does_nothing",
        &["GET conversations/conversations/threads", "GET conversations/conversations/threads/{}/messages"],
    ),
    (
        "a_handoff_opens_a_ticket_with_summary_transcript_contact_and_comment",
        &[
            "POST crm/objects/tickets",
            "GET crm/pipelines/tickets",
            "GET conversations/conversations/inboxes/{}",
            "DELETE conversations/conversations/threads/{}/assignee",
        ],
    ),
    ("the_rep_of_the_request_gets_ticket_and_thread", &["PUT conversations/conversations/threads/{}/assignee"]),
    ("a_further_handoff_updates_the_open_ticket", &["GET crm/objects/tickets/{}", "PATCH crm/objects/tickets/{}"]),
    ("the_conversation_closes_with_its_ticket_where_that_is_wanted", &["PATCH conversations/conversations/threads/{}"]),
    ("a_reps_note_on_a_linked_ticket_becomes_an_internal_comment_with_its_author", &["GET crm/objects/notes/{}"]),
    (
        "in_a_help_desk_a_draft_is_a_note_on_the_ticket_and_the_conversation_stays_unassigned",
        &["POST crm/objects/notes"],
    ),
    ("a_lost_answer_does_not_double_the_tickets_note", &["POST crm/objects/notes/batch/read"]),
    ("a_customer_is_linked_by_address_and_created_where_hubspot_has_none", &["POST crm/objects/contacts"]),
    ("who_has_a_number_only_is_found_by_it_or_created_with_it", &["POST crm/objects/contacts/search"]),
    (
        "the_panel_shows_owner_company_deals_and_tickets_with_their_labels",
        &[
            "GET account-info/details",
            "GET crm/owners",
            "GET crm/objects/companies/{}",
            "GET crm/pipelines/deals",
            "POST crm/objects/deals/batch/read",
            "POST crm/objects/tickets/batch/read",
        ],
    ),
    ("teammates_inboxes_and_pipelines_are_the_portals", &["GET conversations/conversations/inboxes"]),
    (
        "the_ais_e_mail_ends_in_the_signature_of_the_inbox_it_is_sent_from",
        &["GET conversations/conversations/channel-accounts/{}"],
    ),
    ("a_customers_files_go_to_opencx", &["GET files/files/{}/signed-url"]),
    ("a_replys_files_are_kept_in_the_portal_and_attached", &["POST files/files"]),
    ("a_new_organization_connects_by_oauth_and_goes_live", &["POST oauth/token", "POST oauth/token/introspect"]),
    ("a_disconnected_organization_acts_on_nothing_and_goes_on_when_it_connects_again", &["POST oauth/token/revoke"]),
    (
        "a_whatsapp_conversation_is_a_thread_in_which_reps_answer",
        &[
            "GET conversations/custom-channels/{}/channel-accounts",
            "POST conversations/custom-channels/{}/channel-accounts",
            "POST conversations/custom-channels/{}/messages",
        ],
    ),
];

thread_local! {
    /// The family of the story that this thread tells.
    static TOLD: Cell<ApiVersions> = Cell::default();
    /// The operations that this thread has called.
    static CALLED: RefCell<BTreeSet<String>> = RefCell::default();
}

/// Tells a story twice: on HubSpot's dated paths, and on those of v3. Each time it has to call the operations that it stands for.
pub(crate) async fn each_family(story: impl AsyncFn()) {
    let thread = std::thread::current();
    let name = thread.name().and_then(|name| name.rsplit("::").next()).unwrap().to_owned();
    for versions in [ApiVersions::dated(), ApiVersions::v3()] {
        TOLD.set(versions);
        CALLED.take();
        story().await;
        let called = CALLED.take();
        let stands_for = OPERATIONS.iter().filter(|(story, _)| *story == name).flat_map(|(_, operations)| *operations);
        let missing: Vec<_> = stands_for.filter(|operation| !called.contains(**operation)).collect();
        assert!(missing.is_empty(), "{versions:?}: the story stands for {missing:?} and has not called them");
    }
}

/// The family that a world of this story is in; the dated one outside of [`each_family`].
pub(crate) fn told() -> ApiVersions {
    TOLD.get()
}

/// Notes a request to HubSpot.
pub(crate) fn called(request: &Request<Bytes>) {
    let uri = request.uri();
    if HUBSPOT.strip_prefix("http://") == uri.host() {
        let operation = operation(request.method().as_str(), uri.path());
        CALLED.with_borrow_mut(|all| all.insert(operation));
    }
}

/// Fails where this thread has called an operation that no story tells on both families.
pub(crate) fn all_known() {
    let known: BTreeSet<&str> = OPERATIONS.iter().flat_map(|(_, operations)| *operations).copied().collect();
    let unknown: Vec<String> =
        CALLED.with_borrow(|all| all.iter().filter(|called| !known.contains(called.as_str())).cloned().collect());
    assert!(unknown.is_empty(), "a story in `OPERATIONS` has to call {unknown:?} on both families");
}

/// A method and a path without its version, in which `{}` stands for an id.
fn operation(method: &str, path: &str) -> String {
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let version =
        |part: &str| part.strip_prefix('v').is_some_and(digit) || part.starts_with("20") && part.contains('-');
    let id = |part: &str| part.len() > 30 || part.contains(|c: char| c.is_ascii_digit() || c == '%' || c == '@');
    let parts = path.split('/').filter(|part| !part.is_empty() && !version(part));
    let parts: Vec<_> = parts.map(|part| if id(part) { "{}" } else { part }).collect();
    format!("{method} {}", parts.join("/"))
}
