//! Reading HTML that others wrote.

/// One piece of HTML.
pub(crate) enum Piece<'h> {
    /// Characters, entities not yet decoded.
    Text(&'h str),
    Tag(Tag<'h>),
    /// A comment, or a script or style with all it holds.
    Hidden,
}

pub(crate) struct Tag<'h> {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) closes: bool,
    /// The text between the name and `>`.
    pub(crate) attributes: &'h str,
}

/// Reads from the front, each character once or twice: texts are long and not always well meant.
pub(crate) struct Pieces<'h> {
    rest: &'h str,
    /// `>` occurs no more: a `<` is a character then.
    no_more_tags: bool,
}

/// Tags as browsers know them. In plain text anything else in angle brackets is meant as it stands (`List<String>`).
const KNOWN: &str = "a abbr address article aside audio b base big blockquote body br button canvas caption center cite \
    code col colgroup dd del details dfn dialog div dl dt em embed fieldset figcaption figure font \
    footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label \
    legend li link main map mark marquee math meta nav noscript object ol optgroup option p param \
    picture pre progress q s samp script section select small source span strike strong style sub \
    summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var \
    video wbr";
/// Tags that begin and end a line of plain text.
const BLOCKS: &str = "address article blockquote br center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li \
    main nav ol p pre section table title tr ul";
/// Tags whose content nobody reads.
const SILENT: &str = "script style";
/// A quoted `>` is looked for this far; a longer tag ends at its first `>`.
const LONGEST_QUOTED_TAG: usize = 1_024;

pub(crate) fn pieces(html: &str) -> Pieces<'_> {
    Pieces { rest: html, no_more_tags: false }
}

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Piece<'h>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(piece) = self.markup() {
            return Some(piece);
        }
        // A `<` at the front is a character here; the text goes on to the next one.
        let mut after_first = self.rest.chars();
        after_first.next();
        let skipped = self.rest.len() - after_first.as_str().len();
        let end = after_first.as_str().find('<').map_or(self.rest.len(), |at| at + skipped);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Piece::Text(text))
    }
}

impl<'h> Pieces<'h> {
    /// The tag, comment or declaration at the front, if there is one.
    fn markup(&mut self) -> Option<Piece<'h>> {
        let inner = self.rest.strip_prefix('<')?;
        if let Some(comment) = inner.strip_prefix("!--") {
            self.rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            return Some(Piece::Hidden);
        }
        if self.no_more_tags
            || !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?')
        {
            return None;
        }
        let Some(end) = end_of_tag(inner) else {
            self.no_more_tags = true;
            return None;
        };
        let (tag, rest) = inner.split_at(end);
        let rest = rest.strip_prefix('>').unwrap_or(rest);
        let closes = tag.starts_with('/');
        let body = tag.strip_prefix('/').unwrap_or(tag);
        let name_end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(body.len());
        let (name, attributes) = body.split_at(name_end);
        let name = name.to_ascii_lowercase();
        self.rest = rest;
        if among(SILENT, &name) && !closes {
            self.rest = after_closing(rest, &name);
            return Some(Piece::Hidden);
        }
        Some(Piece::Tag(Tag { name, closes, attributes }))
    }
}

/// Where the tag's `>` is. One inside quotes does not count, unless the quotes never end.
fn end_of_tag(inner: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in inner.bytes().enumerate().take(LONGEST_QUOTED_TAG) {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    inner.find('>')
}

/// The text behind `</name>`; nothing where a script never ends.
fn after_closing<'h>(text: &'h str, name: &str) -> &'h str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            return after.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = after;
    }
    ""
}

/// HTML as plain text: blocks become lines, entities characters; scripts, styles and comments vanish.
pub fn note_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => push_unescaped(&mut out, text),
            Piece::Tag(tag) if among(BLOCKS, &tag.name) => break_line(&mut out),
            Piece::Tag(_) | Piece::Hidden => {}
        }
    }
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    lines.join("\n").trim().to_owned()
}

/// For "the same words": without markup, white space folded.
pub fn normalised(text: &str) -> String {
    note_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plain text without the HTML tags in it; all else stays as it is, also what only looks like a tag.
pub(crate) fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut pieces = pieces(text);
    while let Some(piece) = pieces.next() {
        let source = rest.get(..rest.len() - pieces.rest.len()).unwrap_or_default();
        rest = pieces.rest;
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Tag(tag) if among(BLOCKS, &tag.name) => break_line(&mut out),
            Piece::Tag(tag) if !tag.is_markup() => out.push_str(source),
            Piece::Tag(_) | Piece::Hidden => {}
        }
    }
    out
}

impl Tag<'_> {
    /// Whether a browser would take it for markup.
    fn is_markup(&self) -> bool {
        let ends = self.attributes.is_empty() || self.attributes.starts_with(|c: char| c.is_whitespace() || c == '/');
        self.name.is_empty() || (ends && among(KNOWN, &self.name))
    }
}

/// Whether `name` is one of the `tags`, which stand one beside the other.
pub(crate) fn among(tags: &str, name: &str) -> bool {
    tags.split(' ').any(|tag| tag == name)
}

fn break_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// Appends `text` with its entities decoded; unknown ones stay as they are.
pub(crate) fn push_unescaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        out.push_str(before);
        // No entity we know is longer; a whole text is not searched for each `&`.
        let window = entity.char_indices().take(10).find(|(_, c)| *c == ';');
        let known = window.and_then(|(end, _)| Some((character(entity.get(..end)?)?, entity.get(end + 1..)?)));
        if let Some((c, after)) = known {
            out.push(c);
            rest = after;
        } else {
            out.push('&');
            rest = entity;
        }
    }
    out.push_str(rest);
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "euro" => '€',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests;
