//! The AI's markdown as words and as HTML that can do no harm: raw HTML loses its tags, links lead to the web or to mail.

use crate::html::without_tags;
use crate::text::{RichText, is_mail_link, is_web_link};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};
use std::ops::Range;

/// Both forms of `markdown`. The plain one keeps its marks, which are readable; code keeps its angle brackets in both.
pub(crate) fn spoken(markdown: &str) -> RichText {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let mut speech = Speech {
        source: markdown,
        spoken_to: 0,
        text: String::new(),
        events: Vec::new(),
        links: Vec::new(),
        block: None,
    };
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        speech.take(event, range);
    }
    speech.finish()
}

struct Speech<'m> {
    source: &'m str,
    /// How far the source is in `text`.
    spoken_to: usize,
    text: String,
    events: Vec<Event<'m>>,
    /// For each open link or picture, whether it became a link.
    links: Vec<bool>,
    /// The raw HTML block that is being read.
    block: Option<(Range<usize>, String)>,
}

impl<'m> Speech<'m> {
    fn take(&mut self, event: Event<'m>, range: Range<usize>) {
        match event {
            Event::Start(Tag::HtmlBlock) => self.block = Some((range, String::new())),
            Event::End(TagEnd::HtmlBlock) => self.end_block(),
            Event::Html(raw) => match &mut self.block {
                Some((_, block)) => block.push_str(&raw),
                None => self.inline(&raw, range),
            },
            Event::InlineHtml(raw) => self.inline(&raw, range),
            // A single line break of a chat message is meant.
            Event::SoftBreak => self.events.push(Event::HardBreak),
            Event::Start(Tag::Link { dest_url, link_type, id, .. }) => self.open_link(link_type, dest_url, id),
            // A picture is not loaded from anywhere, but it can be looked at.
            Event::Start(Tag::Image { dest_url, id, .. }) => self.open_link(LinkType::Inline, dest_url, id),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if self.links.pop() == Some(true) {
                    self.events.push(Event::End(TagEnd::Link));
                }
            }
            other => self.events.push(other),
        }
    }

    fn open_link(&mut self, link_type: LinkType, dest_url: CowStr<'m>, id: CowStr<'m>) {
        let safe = link_type == LinkType::Email || is_web_link(&dest_url) || is_mail_link(&dest_url);
        // HTML has no links within links.
        let keep = safe && !self.links.contains(&true);
        self.links.push(keep);
        if keep {
            self.events.push(Event::Start(Tag::Link { link_type, dest_url, title: CowStr::Borrowed(""), id }));
        }
    }

    fn inline(&mut self, raw: &str, range: Range<usize>) {
        if raw.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("<br")) {
            self.replace(range, "\n");
            self.events.push(Event::HardBreak);
            return;
        }
        let words = without_tags(raw);
        self.replace(range, &words);
        self.events.push(Event::Text(words.into()));
    }

    fn end_block(&mut self) {
        let Some((range, raw)) = self.block.take() else { return };
        let words = without_tags(&raw);
        let words = words.trim();
        let ends_line = self.source.get(range.clone()).is_some_and(|source| source.ends_with('\n'));
        self.replace(range, &format!("{words}{}", if ends_line { "\n" } else { "" }));
        if words.is_empty() {
            return;
        }
        self.events.push(Event::Start(Tag::Paragraph));
        for (number, line) in words.lines().enumerate() {
            if number > 0 {
                self.events.push(Event::HardBreak);
            }
            self.events.push(Event::Text(line.trim().to_owned().into()));
        }
        self.events.push(Event::End(TagEnd::Paragraph));
    }

    /// Puts `words` into the plain text where the source has raw HTML.
    fn replace(&mut self, range: Range<usize>, words: &str) {
        if range.start >= self.spoken_to {
            self.text.push_str(self.source.get(self.spoken_to..range.start).unwrap_or_default());
            self.text.push_str(words);
            self.spoken_to = range.end;
        }
    }

    fn finish(mut self) -> RichText {
        self.text.push_str(self.source.get(self.spoken_to..).unwrap_or_default());
        let mut out = String::with_capacity(self.source.len() * 2);
        html::push_html(&mut out, self.events.into_iter());
        RichText { text: self.text.trim().to_owned(), html: out.trim_end().to_owned() }
    }
}

#[cfg(test)]
mod tests;
