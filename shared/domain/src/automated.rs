//! Senders, subjects and first words of machines. In the lists a `|` stands between two phrases.

use crate::text::phrases;

/// Local parts that no person writes from, without their separators.
const DAEMONS: &str = "mailerdaemon|postmaster|noreply|donotreply|autoreply|autoresponder|bounce|bounces";

/// Whether an e-mail address belongs to a machine: `no-reply@`, `bounces+17@`, `notifications.noreply@`.
pub(crate) fn is_daemon(address: &str) -> bool {
    let Some((local, _)) = address.rsplit_once('@') else { return false };
    let local = local.trim().to_ascii_lowercase();
    let squeezed: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    // A separator stands between the name and a tag or number: `bounce-42`, but not `bouncer`.
    let first = local.split(['+', '=']).next().unwrap_or_default();
    let first: String = first.chars().filter(char::is_ascii_alphabetic).collect();
    let words = || local.split(|c: char| !c.is_ascii_alphabetic());
    let is_name = |text: &str| phrases(DAEMONS).any(|name| name == text);
    is_name(&squeezed)
        || is_name(&first)
        || words().next().is_some_and(is_name)
        || ["noreply", "donotreply"].iter().any(|name| first.starts_with(name) || first.ends_with(name))
}

/// Subjects that mail programs write on absences and failures, in lower case. Alone, or before a colon, a bracket or the like.
const SUBJECTS: &str = "\
    automatic reply|automatic response|automated reply|automated response|auto reply|auto-reply|autoreply\
    |auto response|auto-response|autoresponse|auto|out of office|out-of-office|out of the office|undeliverable\
    |undelivered mail returned to sender|undeliverable mail|mail delivery failed|mail delivery failure\
    |mail delivery subsystem|message delivery failure|delivery failure|delivery status notification|returned mail\
    |failure notice|abwesenheitsnotiz|abwesenheitsbenachrichtigung|abwesend|automatische antwort|unzustellbar\
    |réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|resposta automática\
    |risposta automatica|fuori ufficio|automatisch antwoord|afwezigheidsbericht|autosvar|automatiskt svar\
    |automatyczna odpowiedź";
/// Some programs put these between the phrase and what they answer to.
const CONTINUATIONS: &str = "re|autoreply|auto-reply|reply|message|notification";

/// First words that vacation and failure programs write, in lower case.
const TEXTS: &str = "\
    this is an automatic reply|this is an automatic response|this is an automated reply\
    |this is an automated response|this is an auto-reply|this is an autoreply|this is an automatically generated\
    |this message was created automatically by mail delivery software|dies ist eine automatische\
    |diese e-mail wurde automatisch|ceci est une réponse automatique";

/// Whether an e-mail is an out-of-office note, a delivery failure or the like.
pub(crate) fn is_auto_reply(subject: Option<&str>, text: &str) -> bool {
    let subject = subject.unwrap_or_default().trim().to_lowercase();
    let text: String = text.trim_start().chars().take(100).flat_map(char::to_lowercase).collect();
    phrases(SUBJECTS).any(|phrase| subject.strip_prefix(phrase).is_some_and(ends_phrase))
        || phrases(TEXTS).any(|mark| text.starts_with(mark))
}

/// A customer may well write "Out of office chairs": the phrase counts where it ends.
fn ends_phrase(rest: &str) -> bool {
    let rest = rest.trim_start();
    let word: &str = rest.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default();
    word.is_empty() || word.starts_with('-') || phrases(CONTINUATIONS).any(|known| known == word)
}

#[cfg(test)]
mod tests;
