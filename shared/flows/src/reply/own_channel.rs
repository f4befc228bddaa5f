//! Sessions on the channels that OpenCX carries itself, and where in HubSpot they go.

use crate::reply::request::ReplyRequest;
use crate::work::errand::Errand;
use crate::work::failure::FlowError;
use crate::work::tenant::Tenant;
use domain::Channel;
use opencx::OpenCxError;
use store::{CustomChannel, Session};

/// Where in HubSpot a session's messages belong.
pub(crate) enum Place {
    /// Into a thread of our custom channel.
    Ours(Box<Ours>),
    /// They did until the admin switched that off.
    SwitchedOff,
    /// Into a thread of HubSpot's own channels, or nowhere.
    NotOurs,
}

/// A thread of our custom channel, which is there or begins now.
pub(crate) struct Ours {
    /// Channel and account.
    pub(crate) channel: CustomChannel,
    /// The session as OpenCX has it, where its thread begins now.
    pub(crate) there: Option<opencx::Session>,
}

/// A session that nobody has told us of before, where its conversation may go into HubSpot.
pub(crate) async fn begin(
    tenant: &Tenant<'_>,
    request: &ReplyRequest,
) -> Result<Option<(Session, Option<opencx::Session>)>, FlowError> {
    let connection = &tenant.connection;
    if connection.published_to().is_none() {
        return Ok(None);
    }
    let there = match tenant.opencx().await?.session(&request.session_id).await {
        Ok(there) if began_in_hubspot(&there) => return Ok(None),
        Ok(there) => there,
        Err(OpenCxError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let channel = there.channel.unwrap_or(Channel::Web);
    let mut session = Session::new(connection.org.clone(), there.id.clone(), channel, tenant.bridge.clock.now());
    session.portal = Some(connection.portal.clone());
    session.assist_mode = there.assist_mode;
    let session = tenant.bridge.store.ensure_session(&session).await?;
    Ok(Some((session, Some(there))))
}

/// Where this session's messages go now. `there` is the session as OpenCX has it, where it was read already.
pub(crate) async fn place(
    errand: &Errand<'_>,
    session: &Session,
    there: Option<opencx::Session>,
) -> Result<Place, FlowError> {
    let connection = &errand.tenant.connection;
    let here = session.portal.as_ref() == Some(&connection.portal);
    let known = session.custom_account.as_ref().filter(|_| here);
    let Some(channel) = connection.published_to().filter(|_| session.channel.is_written()) else {
        return Ok(if known.is_some() { Place::SwitchedOff } else { Place::NotOurs });
    };
    let channel = channel.clone();
    if here && session.thread.is_some() {
        match known {
            None => return Ok(Place::NotOurs),
            Some(account) if *account == channel.account => {
                return Ok(Place::Ours(Box::new(Ours { channel, there: None })));
            }
            // The admin has chosen another inbox: the conversation goes on in a thread there.
            Some(_) => {}
        }
    }
    let there = match there {
        Some(there) => there,
        None => errand.tenant.opencx().await?.session(&session.id).await?,
    };
    // Its own thread may not be linked yet.
    if known.is_none() && began_in_hubspot(&there) {
        return Ok(Place::NotOurs);
    }
    Ok(Place::Ours(Box::new(Ours { channel, there: Some(there) })))
}

/// The probe that we put into every session that a HubSpot thread began.
fn began_in_hubspot(there: &opencx::Session) -> bool {
    there.custom_data.contains_key("hubspot_thread_id")
}
