//! Which files travel between the two services, and under which name.

/// Kinds of files that support conversations are about. Anything that can run, or that a browser runs, is not among them.
const KINDS: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("ics", "text/calendar"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("zip", "application/zip"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
];
const LONGEST_NAME: usize = 100;

/// A file's name with the ending that says what it is, and that kind; `None` for kinds that do not travel.
///
/// The name's ending decides. A name without ending gets the one of the kind that the server tells.
pub fn travelling(name: Option<&str>, mime_type: Option<&str>) -> Option<(String, &'static str)> {
    let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or("file");
    let name: String =
        name.chars().map(|c| if c.is_control() || "/\\\":<>|?*".contains(c) { '_' } else { c }).collect();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).filter(|ending| !ending.is_empty());
    let by_ending = ending.as_deref().and_then(|ending| KINDS.iter().find(|(known, _)| *known == ending));
    let shortened = |stem: &str, ending: &str| {
        let stem: String = stem.chars().take(LONGEST_NAME).collect();
        format!("{stem}.{ending}")
    };
    match (by_ending, ending) {
        (Some((ending, kind)), _) => {
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            Some((shortened(stem, ending), *kind))
        }
        // A short word behind a dot is an ending. `v1.2 of the plan` has no ending.
        (None, Some(unknown)) if unknown.len() <= 5 && unknown.chars().all(|c| c.is_ascii_alphanumeric()) => None,
        (None, _) => {
            let told = mime_type?.split(';').next()?.trim();
            let (ending, kind) = KINDS.iter().find(|(_, kind)| kind.eq_ignore_ascii_case(told))?;
            Some((shortened(&name, ending), *kind))
        }
    }
}

#[cfg(test)]
mod tests;
