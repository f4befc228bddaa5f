//! What a customer said, as OpenCX gets it: their own words, whole, and their files.

use crate::conversation::debounce;
use crate::conversation::incoming::Incoming;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{Attachment, Channel, Message, NamedFile, note_text, own_words};

/// Fetches what HubSpot shows cut short, the messages that are answered together with this one, and where files are.
pub(crate) async fn complete(job: &Job<'_>, incoming: &mut Incoming) -> Result<(), FlowError> {
    incoming.together = debounce::together(job, incoming).await?;
    for message in incoming.together.iter_mut().chain(std::iter::once(&mut incoming.message)) {
        if message.truncated {
            let whole = job.tenant.portal.original_content(&incoming.thread.id, &message.id).await?;
            message.text = whole.text;
            message.rich_text = Some(whole.html).filter(|html| !html.is_empty());
            message.truncated = false;
        }
        find_files(job, message).await;
    }
    Ok(())
}

/// HubSpot names some files by id only. One that it does not show (scope `files`) is named in the text.
pub(crate) async fn find_files(job: &Job<'_>, message: &mut Message) {
    for file in message.attachments.iter_mut().filter(|file| file.url.is_none()) {
        let Some(id) = &file.file_id else { continue };
        match job.tenant.portal.file_url(id).await {
            Ok(url) => file.url = url,
            Err(error) => tracing::warn!(error = %error, "a customer's file cannot be reached"),
        }
    }
}

/// Everything that is said with this message; files that cannot go along are named.
pub(crate) fn words(incoming: &Incoming) -> String {
    let email = incoming.channel() == Channel::Email;
    let all = incoming.together.iter().chain(std::iter::once(&incoming.message));
    let words: Vec<String> = all.map(|message| said(message, email)).filter(|words| !words.is_empty()).collect();
    words.join("\n")
}

/// One message's words.
pub(crate) fn said(message: &Message, email: bool) -> String {
    let html = message.rich_text.as_deref();
    let own = match (email, message.text.trim()) {
        (true, text) => own_words(text, html),
        (false, "") => html.map(note_text).unwrap_or_default(),
        (false, text) => text.to_owned(),
    };
    let unsent = message.attachments.iter().filter(|file| !goes_along(file)).map(|file| file.named_file().named());
    std::iter::once(own).chain(unsent).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The files that go along.
pub(crate) fn files(incoming: &Incoming) -> Vec<NamedFile> {
    let all = incoming.together.iter().chain(std::iter::once(&incoming.message));
    all.flat_map(files_of).collect()
}

/// One message's files.
pub(crate) fn files_of(message: &Message) -> Vec<NamedFile> {
    message.attachments.iter().filter(|file| goes_along(file)).map(Attachment::named_file).collect()
}

/// OpenCX fetches files itself, from the web only.
fn goes_along(file: &Attachment) -> bool {
    file.url.as_deref().is_some_and(|url| url.starts_with("https://"))
}
