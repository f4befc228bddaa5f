//! Files of a reply: fetched from OpenCX's address, kept in the portal, attached. Other files are named in the text.

use crate::conversation::warning::Warning;
use crate::invocations::reply::request::{File, ReplyRequest};
use crate::kernel::effects::Permit;
use crate::kernel::failure::{FlowError, RetryDecision};
use crate::kernel::job::Job;
use crate::kernel::once::{Effect, Record};
use domain::travelling;
use hubspot::{FileId, NewFile};
use std::time::Duration;
use store::Step;

/// The largest file in bytes. A function has little memory and holds a file twice.
pub const LARGEST_FILE: usize = 5 * 1024 * 1024;
/// Files that one reply may carry.
const FILES_ATTACHED: usize = 10;
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// A file's id in the portal, or the reason why the file is not attached.
struct Kept(Result<FileId, String>);

impl Record for Kept {
    fn to_step(&self) -> Step {
        let (done, detail) = match &self.0 {
            Ok(FileId(id)) => (Some(id.clone()), None),
            Err(why) => (None, Some(why.clone())),
        };
        Step { about_to: None, done, detail }
    }

    fn from_step(step: &Step) -> Option<Self> {
        let kept = step.done.clone().map(|id| Ok(FileId(id)));
        kept.or_else(|| step.detail.clone().map(Err)).map(Self)
    }
}

/// A reply with its attached files.
pub(crate) struct Carried {
    /// The reply. Its attachments are the files that the text has to name.
    pub(crate) request: ReplyRequest,
    /// The attached files.
    pub(crate) files: Vec<FileId>,
    /// The reasons why others are not attached.
    pub(crate) warning: Option<Warning>,
}

/// Fetches the files of a reply and keeps them in the portal. The text of an internal reply names its files instead.
///
/// The journal has the outcome for each file, so that a later run says the same words.
pub(crate) async fn carry(job: &Job<'_>, request: &ReplyRequest, internal: bool) -> Result<Carried, FlowError> {
    let mut carried = Carried { request: request.clone(), files: Vec::new(), warning: None };
    if internal {
        return Ok(carried);
    }
    carried.request.message.attachments.clear();
    let mut reasons: Vec<String> = Vec::new();
    for (number, file) in request.message.attachments.iter().enumerate() {
        // An upload may be repeated: an unused file does no harm.
        let keep = async |permit: &Permit<'_>| match number {
            FILES_ATTACHED.. => Ok(named("there are too many")),
            _ => keep(permit, request, file).await,
        };
        let kept = job.once_by_claim(Effect::File(number), async || Ok(None), keep).await?;
        match kept.0 {
            Ok(id) => carried.files.push(id),
            Err(why) => {
                reasons.push(why);
                carried.request.message.attachments.push(file.clone());
            }
        }
    }
    reasons.sort();
    reasons.dedup();
    let (named, reasons_shown) = (carried.request.message.attachments.len(), reasons.join("; "));
    let said = format!("{named} attachments are named in the text: {reasons_shown}");
    carried.warning = (named > 0).then(|| Warning::new("attachments_linked", said));
    Ok(carried)
}

/// The file is named in the text, and the warning says why.
fn named(why: &str) -> Kept {
    Kept(Err(why.to_owned()))
}

/// One file's id in the portal, or the reason why the file is not attached.
async fn keep(permit: &Permit<'_>, request: &ReplyRequest, file: &File) -> Result<Kept, FlowError> {
    let Some(url) = &file.url else { return Ok(named("one has no address")) };
    if travelling(file.name.as_deref(), file.mime_type.as_deref().or(Some("application/pdf"))).is_none() {
        return Ok(named("one is of a kind that does not travel"));
    }
    let fetched = match permit.tenant().bridge.outside.fetch(url, LARGEST_FILE, FETCH_TIMEOUT).await {
        Ok(fetched) => fetched,
        Err(error) => {
            tracing::warn!(error = %error, "a reply's file could not be fetched");
            let why = match error {
                transport::FetchError::TooLarge => "one is larger than 5 MB",
                transport::FetchError::Refused => "one is not on the public web",
                transport::FetchError::Status(_) | transport::FetchError::Transport(_) => "one could not be fetched",
            };
            return Ok(named(why));
        }
    };
    let kind = fetched.mime_type.as_deref().or(file.mime_type.as_deref());
    let Some((name, mime_type)) = travelling(file.name.as_deref(), kind) else {
        return Ok(named("one is of a kind that does not travel"));
    };
    if fetched.content.is_empty() {
        return Ok(named("one is empty"));
    }
    let folder = format!("/opencx/{}", request.message.id);
    let new = NewFile { name, folder, mime_type: mime_type.to_owned(), content: fetched.content };
    match permit.file(&new).await {
        Ok(id) => Ok(Kept(Ok(id))),
        Err(error) if matches!(error.decision(), RetryDecision::Never { .. }) => {
            tracing::warn!(error = %error, "HubSpot does not keep a reply's file");
            Ok(named("HubSpot does not keep one; is the scope files granted?"))
        }
        Err(error) => Err(error),
    }
}
