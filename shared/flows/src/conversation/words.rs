//! The customer's words as OpenCX gets them: their own, in full length, with their files.

use crate::conversation::debounce;
use crate::conversation::incoming::Incoming;
use crate::kernel::failure::FlowError;
use crate::kernel::job::Job;
use domain::{Attachment, Channel, Message, NamedFile, note_text, own_words};

/// Reads what the event does not bring: the full text, earlier messages that are answered with this one, and files' addresses.
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

/// Finds the addresses of files that HubSpot names by id only. Without the scope `files` a file is named in the text.
pub(crate) async fn find_files(job: &Job<'_>, message: &mut Message) {
    for file in message.attachments.iter_mut().filter(|file| file.url.is_none()) {
        let Some(id) = &file.file_id else { continue };
        match job.tenant.portal.file_url(id).await {
            Ok(url) => file.url = url,
            Err(error) => tracing::warn!(error = %error, "the address of a customer's file cannot be read"),
        }
    }
}

/// The words of this message and of those that are answered with it. Files without an address are named.
pub(crate) fn words(incoming: &Incoming) -> String {
    let email = incoming.channel() == Channel::Email;
    let words = incoming.messages().map(|message| said(message, email)).filter(|words| !words.is_empty());
    words.collect::<Vec<_>>().join("\n")
}

/// One message's words.
pub(crate) fn said(message: &Message, email: bool) -> String {
    let html = message.rich_text.as_deref();
    let own = match (email, message.text.trim()) {
        (true, text) => own_words(text, html),
        (false, "") => html.map(note_text).unwrap_or_default(),
        (false, text) => text.to_owned(),
    };
    let unsent = message.attachments.iter().filter(|file| !can_be_fetched(file)).map(|file| file.named_file().named());
    std::iter::once(own).chain(unsent).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The files of this message and of those that are answered with it.
pub(crate) fn files(incoming: &Incoming) -> Vec<NamedFile> {
    incoming.messages().flat_map(files_of).collect()
}

/// One message's files that OpenCX can fetch.
pub(crate) fn files_of(message: &Message) -> Vec<NamedFile> {
    message.attachments.iter().filter(|file| can_be_fetched(file)).map(Attachment::named_file).collect()
}

/// OpenCX fetches files itself, from the web only.
fn can_be_fetched(file: &Attachment) -> bool {
    file.url.as_deref().is_some_and(|url| url.starts_with("https://"))
}
