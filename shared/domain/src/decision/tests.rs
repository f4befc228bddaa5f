use super::{ANSWERS_PER_HOUR, Decision, Situation, decide};
use crate::{
    AI_MARKER, ActorId, AiState, AppId, AssistMode, Attachment, Channel, ChannelId, Client, ContactId, DeliveryIdentifier, Direction,
    HANDOFF_MARKER, InboxId, Message, MessageId, MessageKind, Party, Reason, Settings, Thread, ThreadId,
};

/// A customer of the live chat has written to the AI; each row changes one thing.
struct Scene {
    message: Message,
    thread: Thread,
    settings: Settings,
    ai: AiState,
    assist_mode: Option<bool>,
    answers: u32,
    human_replied: bool,
}

fn actor(text: &str) -> ActorId {
    ActorId::parse(text).unwrap()
}

fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

fn channel(id: &str) -> ChannelId {
    ChannelId::parse(id).unwrap()
}

impl Scene {
    /// As in HubSpot's sample of a live chat: the visitor comes with the client SYSTEM.
    fn new() -> Self {
        let visitor = Party { actor: Some(actor("V-1401")), name: None, address: None };
        Self {
            message: Message {
                id: MessageId::parse("3ad3474b08dd408ca57a8454e355e942").unwrap(),
                thread: ThreadId::parse("176347007").unwrap(),
                kind: MessageKind::Message,
                created_at: "2026-11-20T10:00:00Z".parse().unwrap(),
                created_by: Some(actor("V-1401")),
                client: Client::System,
                direction: Some(Direction::Incoming),
                senders: vec![visitor],
                recipients: Vec::new(),
                text: "hi yes hello".to_owned(),
                rich_text: Some("<div>hi yes hello</div>".to_owned()),
                subject: None,
                channel: Some(channel("1000")),
                channel_account: None,
                truncated: false,
                failed: None,
                attachments: Vec::new(),
                archived: false,
            },
            thread: Thread {
                id: ThreadId::parse("176347007").unwrap(),
                open: true,
                assigned_to: Some(actor("A-7")),
                inbox: Some(InboxId::parse("481939").unwrap()),
                contact: Some(ContactId::parse("1401").unwrap()),
                channel: Some(channel("1000")),
                channel_account: None,
                ticket: None,
                spam: false,
                archived: false,
            },
            settings: Settings { enabled: true, ai_user: Some(actor("A-7")), ..Settings::default() },
            ai: AiState::Active,
            assist_mode: None,
            answers: 0,
            human_replied: false,
        }
    }

    /// Sent by `who`, and by nobody else.
    fn from(&mut self, who: &str) {
        self.message.created_by = Some(actor(who));
        self.message.senders = vec![Party { actor: Some(actor(who)), name: None, address: None }];
    }

    fn email(&mut self, address: &str, subject: &str) {
        self.message.channel = Some(channel("1002"));
        self.message.client = Client::HubSpot;
        self.message.subject = Some(subject.to_owned());
        let address = DeliveryIdentifier { kind: "HS_EMAIL_ADDRESS".to_owned(), value: address.to_owned() };
        self.message.senders[0].address = Some(address);
    }

    fn says(&mut self, text: &str) {
        self.message.text = text.to_owned();
        self.message.rich_text = None;
    }

    /// The same words as HTML that carries `marker`.
    fn carries(&mut self, marker: &str) {
        self.message.rich_text = Some(format!("<p>hello</p>{marker}"));
    }
}

fn check(rule: &str, change: impl FnOnce(&mut Scene), expected: Decision) {
    let mut scene = Scene::new();
    change(&mut scene);
    let decision = decide(&Situation {
        message: &scene.message,
        thread: &scene.thread,
        settings: &scene.settings,
        our_apps: &[app("1098266"), app("1098267")],
        ai: scene.ai,
        assist_mode: scene.assist_mode,
        answers_this_hour: scene.answers,
        recorded_human_reply_after: scene.human_replied,
    });
    assert_eq!(decision, expected, "{rule}");
}

const ANSWER: Decision = Decision::Answer { draft: false };
const DRAFT: Decision = Decision::Answer { draft: true };

fn skip(reason: Reason) -> Decision {
    Decision::Skip(reason)
}

fn stored(reason: Reason) -> Decision {
    Decision::StoreAsContact(reason)
}

#[test]
fn customers_are_answered() {
    check("004: the AI answers", |_| {}, ANSWER);
    check("000: an email customer", |s| s.email("ada@example.com", "Where is my order?"), ANSWER);
    check("000: an address that is nobody's contact", |s| s.from("E-ada@example.com"), ANSWER);
    check("000: a sender HubSpot does not know, on e-mail", |s| {
        s.email("ada@example.com", "Hello");
        s.message.senders[0].actor = None;
        s.message.created_by = Some(actor("S-hubspot"));
    }, ANSWER);
    check("000: a custom channel of another app", |s| {
        s.message.client = Client::Integration(Some(app("55")));
        s.message.channel = Some(channel("991"));
    }, ANSWER);
    check("001: reassigned to the configured user", |s| s.thread.assigned_to = Some(actor("A-7")), ANSWER);
    check("004: a new conversation is nobody's", |s| s.thread.assigned_to = None, ANSWER);
    check("a file without words", |s| {
        s.says("  ");
        s.message.attachments = vec![Attachment { name: Some("a.png".to_owned()), ..Attachment::default() }];
    }, ANSWER);
    check("words that HubSpot has cut off entirely", |s| {
        s.says("");
        s.message.truncated = true;
    }, ANSWER);
    check("words in the HTML only", |s| {
        s.says("");
        s.message.rich_text = Some("<p>hello</p>".to_owned());
    }, ANSWER);
}

#[test]
fn every_rule_about_whose_message_it_is() {
    check("002: automated sender, an integration", |s| s.from("I-55"), skip(Reason::AutomatedSender));
    check("002: automated sender, HubSpot", |s| s.from("S-hubspot"), skip(Reason::AutomatedSender));
    check("002: automated sender, HubSpot's own AI", |s| s.from("L-1"), skip(Reason::AutomatedSender));
    check("002: automated sender, the system for nobody", |s| {
        s.message.senders.clear();
        s.message.created_by = None;
    }, skip(Reason::AutomatedSender));
    check("002: automated sender, outgoing without a rep", |s| s.message.direction = Some(Direction::Outgoing), skip(Reason::AutomatedSender));
    check("002: a bot", |s| s.from("B-12"), skip(Reason::BotSender));
    check("002: OpenCX's own app", |s| s.message.client = Client::Integration(Some(app("1098266"))), skip(Reason::OwnMessage));
    check("003: the app of before the migration", |s| s.message.client = Client::Integration(Some(app("1098267"))), skip(Reason::OwnMessage));
    check("002: OpenCX's own AI marker", |s| {
        s.from("A-7");
        s.carries(AI_MARKER);
    }, skip(Reason::OwnMessage));
    check("002: the marker in the text", |s| {
        s.from("A-7");
        s.says(AI_MARKER);
    }, skip(Reason::OwnMessage));
    check("002: the handoff marker", |s| {
        s.from("A-7");
        s.message.kind = MessageKind::Comment;
        s.says(&format!("{HANDOFF_MARKER}\nReason: …"));
    }, skip(Reason::OwnMessage));
    check("002: an AI answer of another OpenCX app that quotes", |s| {
        s.from("A-7");
        s.message.client = Client::Integration(Some(app("77")));
        s.carries(&format!("<blockquote>you said</blockquote>{AI_MARKER}"));
    }, skip(Reason::OwnMessage));
    check("002: agent replies are stored", |s| s.from("A-100"), Decision::StoreAsAgent);
    check("002: agent replies by e-mail come as incoming", |s| {
        s.from("A-100");
        s.email("rep@example.com", "Re: order");
    }, Decision::StoreAsAgent);
    check("002: agent replies whose sender has no actor", |s| {
        s.message.senders = vec![Party::default()];
        s.message.created_by = Some(actor("A-100"));
    }, Decision::StoreAsAgent);
    check("004: rep replies sync back, outgoing", |s| {
        s.from("A-100");
        s.message.direction = Some(Direction::Outgoing);
    }, Decision::StoreAsAgent);
    check("the AI user writes by hand in HubSpot", |s| {
        s.from("A-7");
        s.message.client = Client::HubSpot;
    }, Decision::StoreAsAgent);
    check("a rep's entry without words", |s| {
        s.from("A-100");
        s.says("");
    }, skip(Reason::AutomatedSender));
    check("a customer's entry without words", |s| s.says(" \n"), skip(Reason::AutomatedSender));
}

#[test]
fn quoting_us_does_not_make_a_message_ours() {
    check("a customer's reply below the AI's words", |s| {
        s.email("ada@example.com", "Re: order");
        s.carries(&format!("<blockquote>answer{AI_MARKER}</blockquote>"));
    }, ANSWER);
    check("a rep's reply below the AI's words", |s| {
        s.from("A-100");
        s.email("rep@example.com", "Re: order");
        s.carries(&format!("<div class=\"gmail_quote\">answer{AI_MARKER}</div>"));
    }, Decision::StoreAsAgent);
    check("a rep's reply in plain text", |s| {
        s.from("A-100");
        s.email("rep@example.com", "Re: order");
        s.says(&format!("I take over.\n> {HANDOFF_MARKER}"));
    }, Decision::StoreAsAgent);
}

#[test]
fn every_rule_about_entries_that_are_no_messages() {
    check("002: COMMENT is no customer message", |s| {
        s.message.kind = MessageKind::Comment;
        s.from("A-100");
        s.message.direction = None;
    }, Decision::StoreAsNote);
    check("001: an internal comment does not reach the customer", |s| {
        s.message.kind = MessageKind::Comment;
        s.from("A-7");
    }, Decision::StoreAsNote);
    check("004: internal comments stay private, without a sender", |s| {
        s.message.kind = MessageKind::Comment;
        s.message.senders.clear();
        s.message.created_by = None;
    }, Decision::StoreAsNote);
    check("002: a bot's comment", |s| {
        s.message.kind = MessageKind::Comment;
        s.from("B-1");
    }, skip(Reason::BotSender));
    check("002: an app's comment", |s| {
        s.message.kind = MessageKind::Comment;
        s.from("I-55");
    }, skip(Reason::AutomatedSender));
    check("002: a comment without words", |s| {
        s.message.kind = MessageKind::Comment;
        s.from("A-100");
        s.says("");
    }, skip(Reason::AutomatedSender));
    check("002: the widget's greeting", |s| s.message.kind = MessageKind::Welcome, skip(Reason::WelcomeMessage));
    check("002: an assignment", |s| s.message.kind = MessageKind::Assignment { to: None }, skip(Reason::AutomatedSender));
    check("002: a status change", |s| s.message.kind = MessageKind::Other("THREAD_STATUS_CHANGE".to_owned()), skip(Reason::AutomatedSender));
    check("a deleted message", |s| s.message.archived = true, skip(Reason::AutomatedSender));
    check("a deleted thread", |s| s.thread.archived = true, skip(Reason::AutomatedSender));
    check("spam", |s| s.thread.spam = true, skip(Reason::AutomatedSender));
}

#[test]
fn machines_that_write_as_customers() {
    check("002: a delivery failure's sender", |s| s.email("MAILER-DAEMON@mx.example.com", "x"), skip(Reason::AutomatedSender));
    check("002: a no-reply sender", |s| s.email("no-reply@shop.example", "Your parcel"), skip(Reason::AutomatedSender));
    check("002: an out-of-office note", |s| s.email("ada@example.com", "Automatic reply: Your order"), skip(Reason::AutoReply));
    check("002: an automated text", |s| {
        s.email("ada@example.com", "Re: Your order");
        s.says("This is an automated response. We have received your e-mail.");
    }, skip(Reason::AutoReply));
    check("the same words in a chat are a customer's", |s| s.says("This is an automated response I got from you"), ANSWER);
}

#[test]
fn every_rule_about_settings() {
    check("contract: not live", |s| s.settings.enabled = false, skip(Reason::NotEnabled));
    check("contract: not live, drafts neither", |s| (s.settings.enabled, s.assist_mode) = (false, Some(true)), skip(Reason::NotEnabled));
    check("contract: agents are stored while not live", |s| {
        s.settings.enabled = false;
        s.from("A-100");
    }, Decision::StoreAsAgent);
    check("contract: notes are stored while not live", |s| {
        s.settings.enabled = false;
        s.message.kind = MessageKind::Comment;
        s.from("A-100");
    }, Decision::StoreAsNote);
    let inbox = |id: &str| Some(vec![InboxId::parse(id).unwrap()]);
    check("contract: another inbox", |s| s.settings.inboxes = inbox("1"), skip(Reason::InboxExcluded));
    check("contract: this inbox", |s| s.settings.inboxes = inbox("481939"), ANSWER);
    check("contract: an unknown inbox is not a chosen one", |s| {
        s.settings.inboxes = inbox("481939");
        s.thread.inbox = None;
    }, skip(Reason::InboxExcluded));
    check("contract: another channel", |s| s.settings.channels = Some(vec![Channel::Email]), skip(Reason::InboxExcluded));
    check("contract: this channel", |s| s.settings.channels = Some(vec![Channel::Email, Channel::Web]), ANSWER);
    check("contract: unassigned is not the AI's", |s| {
        s.settings.answer_unassigned = false;
        s.thread.assigned_to = None;
    }, stored(Reason::NotAiOwner));
}

#[test]
fn every_rule_about_whose_conversation_it_is() {
    check("001: the owner is not the AI user", |s| s.thread.assigned_to = Some(actor("A-100")), stored(Reason::NotAiOwner));
    check("004: owned by somebody else, the AI stops", |s| s.thread.assigned_to = Some(actor("A-101")), stored(Reason::NotAiOwner));
    check("003: HubSpot's own AI has it", |s| s.thread.assigned_to = Some(actor("L-1")), stored(Reason::NotAiOwner));
    check("001: no AI user is configured", |s| s.settings.ai_user = None, stored(Reason::NotAiOwner));
    check("002: handed off", |s| s.ai = AiState::HandedOff, stored(Reason::HandedOff));
    check("002: handed off and unassigned", |s| (s.ai, s.thread.assigned_to) = (AiState::HandedOff, None), stored(Reason::HandedOff));
    check("003: paused by a workflow", |s| s.ai = AiState::Paused, stored(Reason::Paused));
    check("003: paused, whoever owns it", |s| (s.ai, s.thread.assigned_to) = (AiState::Paused, Some(actor("A-100"))), stored(Reason::Paused));
    check("design 3: a person has answered", |s| s.human_replied = true, stored(Reason::AnsweredByHuman));
    check("design 3: a person answers before anything else", |s| (s.human_replied, s.ai) = (true, AiState::Paused), stored(Reason::AnsweredByHuman));
}

#[test]
fn assist_mode_drafts_whoever_owns_the_conversation() {
    check("001: drafting while reps own it", |s| {
        s.settings.assist_mode = AssistMode::everywhere(true);
        s.thread.assigned_to = Some(actor("A-100"));
    }, DRAFT);
    check("004: drafts instead of public replies", |s| s.settings.assist_mode = AssistMode::everywhere(true), DRAFT);
    check("002: handed off under assist mode", |s| (s.assist_mode, s.ai) = (Some(true), AiState::HandedOff), DRAFT);
    check("contract: the session's own wins, on", |s| s.assist_mode = Some(true), DRAFT);
    check("contract: the session's own wins, off", |s| {
        s.settings.assist_mode = AssistMode::everywhere(true);
        s.assist_mode = Some(false);
    }, ANSWER);
    check("contract: per channel, this one", |s| s.settings.assist_mode = serde_json::from_str(r#"{"web":true}"#).unwrap(), DRAFT);
    check("contract: per channel, another", |s| s.settings.assist_mode = serde_json::from_str(r#"{"email":true}"#).unwrap(), ANSWER);
    check("002: the AI's marker is skipped all the same", |s| {
        s.assist_mode = Some(true);
        s.from("A-7");
        s.carries(AI_MARKER);
    }, skip(Reason::OwnMessage));
}

#[test]
fn two_machines_do_not_talk_for_ever() {
    check("20 within the hour", |s| s.answers = ANSWERS_PER_HOUR, Decision::TooManyAnswers);
    check("19 within the hour", |s| s.answers = ANSWERS_PER_HOUR - 1, ANSWER);
    check("not the AI's anyway", |s| (s.answers, s.ai) = (ANSWERS_PER_HOUR, AiState::HandedOff), stored(Reason::HandedOff));
    check("drafts do not count", |s| (s.answers, s.assist_mode) = (ANSWERS_PER_HOUR, Some(true)), DRAFT);
}
