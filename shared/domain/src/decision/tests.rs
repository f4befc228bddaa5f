use super::{ANSWERS_PER_HOUR, Decision, Situation, decide};
use crate::{
    AI_MARKER, ActorId, AiState, AppId, AssistMode, Attachment, Channel, ChannelId, Client, ContactId,
    DeliveryIdentifier, Direction, HANDOFF_MARKER, InboxId, Message, MessageId, MessageKind, Party, Reason, Settings,
    Thread, ThreadId,
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
    our_channel: Option<ChannelId>,
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
            our_channel: None,
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

fn check(rule: &str, expected: impl Into<Decision>, change: impl FnOnce(&mut Scene)) {
    let mut scene = Scene::new();
    change(&mut scene);
    let decision = decide(&Situation {
        message: &scene.message,
        thread: &scene.thread,
        settings: &scene.settings,
        our_apps: &[app("1098266"), app("1098267")],
        our_channel: scene.our_channel.as_ref(),
        ai: scene.ai,
        assist_mode: scene.assist_mode,
        answers_this_hour: scene.answers,
        recorded_human_reply_after: scene.human_replied,
    });
    assert_eq!(decision, expected.into(), "{rule}");
}

const ANSWER: Decision = Decision::Answer { draft: false };
const DRAFT: Decision = Decision::Answer { draft: true };

/// A bare reason is a skip.
impl From<Reason> for Decision {
    fn from(reason: Reason) -> Self {
        Self::Skip(reason)
    }
}

fn stored(reason: Reason) -> Decision {
    Decision::StoreAsContact(reason)
}

#[test]
fn customers_are_answered() {
    check("the AI answers", ANSWER, |_| {});
    check("an email customer", ANSWER, |s| s.email("ada@example.com", "Where is my order?"));
    check("an address that is nobody's contact", ANSWER, |s| s.from("E-ada@example.com"));
    check("a sender HubSpot does not know, on e-mail", ANSWER, |s| {
        s.email("ada@example.com", "Hello");
        s.message.senders[0].actor = None;
        s.message.created_by = Some(actor("S-hubspot"));
    });
    check("a custom channel of another app", ANSWER, |s| {
        s.message.client = Client::Integration(Some(app("55")));
        s.message.channel = Some(channel("991"));
    });
    check("reassigned to the configured user", ANSWER, |s| s.thread.assigned_to = Some(actor("A-7")));
    check("a new conversation is nobody's", ANSWER, |s| s.thread.assigned_to = None);
    check("a file without words", ANSWER, |s| {
        s.says("  ");
        s.message.attachments = vec![Attachment { name: Some("a.png".to_owned()), ..Attachment::default() }];
    });
    check("words that HubSpot has cut off entirely", ANSWER, |s| {
        s.says("");
        s.message.truncated = true;
    });
    check("words in the HTML only", ANSWER, |s| {
        s.says("");
        s.message.rich_text = Some("<p>hello</p>".to_owned());
    });
}

#[test]
fn every_rule_about_programs_that_write() {
    check("automated sender, an integration", Reason::AutomatedSender, |s| s.from("I-55"));
    check("automated sender, HubSpot", Reason::AutomatedSender, |s| s.from("S-hubspot"));
    check("automated sender, HubSpot's own AI", Reason::AutomatedSender, |s| s.from("L-1"));
    check("automated sender, the system for nobody", Reason::AutomatedSender, |s| {
        s.message.senders.clear();
        s.message.created_by = None;
    });
    check("automated sender, outgoing without a rep", Reason::AutomatedSender, |s| {
        s.message.direction = Some(Direction::Outgoing);
    });
    check("a bot", Reason::BotSender, |s| s.from("B-12"));
}

#[test]
fn every_rule_about_our_own_messages() {
    check("OpenCX's own app", Reason::OwnMessage, |s| {
        s.message.client = Client::Integration(Some(app("1098266")));
    });
    check("the app of before the migration", Reason::OwnMessage, |s| {
        s.message.client = Client::Integration(Some(app("1098267")));
    });
    check("OpenCX's own AI marker", Reason::OwnMessage, |s| {
        s.from("A-7");
        s.carries(AI_MARKER);
    });
    check("the marker in the text", Reason::OwnMessage, |s| {
        s.from("A-7");
        s.says(AI_MARKER);
    });
    check("the handoff marker", Reason::OwnMessage, |s| {
        s.from("A-7");
        s.message.kind = MessageKind::Comment;
        s.says(&format!("{HANDOFF_MARKER}\nReason: …"));
    });
    check("an AI answer of another OpenCX app that quotes", Reason::OwnMessage, |s| {
        s.from("A-7");
        s.message.client = Client::Integration(Some(app("77")));
        s.carries(&format!("<blockquote>you said</blockquote>{AI_MARKER}"));
    });
}

#[test]
fn every_rule_about_reps() {
    check("agent replies are stored", Decision::StoreAsAgent, |s| s.from("A-100"));
    check("agent replies by e-mail come as incoming", Decision::StoreAsAgent, |s| {
        s.from("A-100");
        s.email("rep@example.com", "Re: order");
    });
    check("agent replies whose sender has no actor", Decision::StoreAsAgent, |s| {
        s.message.senders = vec![Party::default()];
        s.message.created_by = Some(actor("A-100"));
    });
    check("rep replies sync back, outgoing", Decision::StoreAsAgent, |s| {
        s.from("A-100");
        s.message.direction = Some(Direction::Outgoing);
    });
    check("the AI user writes by hand in HubSpot", Decision::StoreAsAgent, |s| {
        s.from("A-7");
        s.message.client = Client::HubSpot;
    });
    check("a rep's entry without words", Reason::AutomatedSender, |s| {
        s.from("A-100");
        s.says("");
    });
    check("a customer's entry without words", Reason::AutomatedSender, |s| s.says(" \n"));
}

#[test]
fn quoting_us_does_not_make_a_message_ours() {
    check("a customer's reply below the AI's words", ANSWER, |s| {
        s.email("ada@example.com", "Re: order");
        s.carries(&format!("<blockquote>answer{AI_MARKER}</blockquote>"));
    });
    check("a rep's reply below the AI's words", Decision::StoreAsAgent, |s| {
        s.from("A-100");
        s.email("rep@example.com", "Re: order");
        s.carries(&format!("<div class=\"gmail_quote\">answer{AI_MARKER}</div>"));
    });
    check("a rep's reply in plain text", Decision::StoreAsAgent, |s| {
        s.from("A-100");
        s.email("rep@example.com", "Re: order");
        s.says(&format!("I take over.\n> {HANDOFF_MARKER}"));
    });
}

#[test]
fn every_rule_about_internal_comments() {
    check("COMMENT is no customer message", Decision::StoreAsNote, |s| {
        s.message.kind = MessageKind::Comment;
        s.from("A-100");
        s.message.direction = None;
    });
    check("an internal comment does not reach the customer", Decision::StoreAsNote, |s| {
        s.message.kind = MessageKind::Comment;
        s.from("A-7");
    });
    check("internal comments stay private, without a sender", Decision::StoreAsNote, |s| {
        s.message.kind = MessageKind::Comment;
        s.message.senders.clear();
        s.message.created_by = None;
    });
    check("a bot's comment", Reason::BotSender, |s| {
        s.message.kind = MessageKind::Comment;
        s.from("B-1");
    });
    check("an app's comment", Reason::AutomatedSender, |s| {
        s.message.kind = MessageKind::Comment;
        s.from("I-55");
    });
    check("a comment without words", Reason::AutomatedSender, |s| {
        s.message.kind = MessageKind::Comment;
        s.from("A-100");
        s.says("");
    });
}

#[test]
fn every_rule_about_entries_that_say_nothing() {
    check("the widget's greeting", Reason::WelcomeMessage, |s| s.message.kind = MessageKind::Welcome);
    check("an assignment", Reason::AutomatedSender, |s| s.message.kind = MessageKind::Assignment { to: None });
    check("a status change", Reason::AutomatedSender, |s| {
        s.message.kind = MessageKind::Other("THREAD_STATUS_CHANGE".to_owned());
    });
    check("a deleted message", Reason::AutomatedSender, |s| s.message.archived = true);
    check("a deleted thread", Reason::AutomatedSender, |s| s.thread.archived = true);
    check("spam", Reason::AutomatedSender, |s| s.thread.spam = true);
}

#[test]
fn machines_that_write_as_customers() {
    check("a delivery failure's sender", Reason::AutomatedSender, |s| {
        s.email("MAILER-DAEMON@mx.example.com", "x");
    });
    check("a no-reply sender", Reason::AutomatedSender, |s| s.email("no-reply@shop.example", "Your parcel"));
    check("an out-of-office note", Reason::AutoReply, |s| {
        s.email("ada@example.com", "Automatic reply: Your order");
    });
    check("an automated text", Reason::AutoReply, |s| {
        s.email("ada@example.com", "Re: Your order");
        s.says("This is an automated response. We have received your e-mail.");
    });
    check("the same words in a chat are a customer's", ANSWER, |s| {
        s.says("This is an automated response I got from you");
    });
}

#[test]
fn every_rule_about_settings() {
    check("not live", Reason::NotEnabled, |s| s.settings.enabled = false);
    check("not live, drafts neither", Reason::NotEnabled, |s| {
        (s.settings.enabled, s.assist_mode) = (false, Some(true));
    });
    check("agents are stored while not live", Decision::StoreAsAgent, |s| {
        s.settings.enabled = false;
        s.from("A-100");
    });
    check("notes are stored while not live", Decision::StoreAsNote, |s| {
        s.settings.enabled = false;
        s.message.kind = MessageKind::Comment;
        s.from("A-100");
    });
    let inbox = |id: &str| Some(vec![InboxId::parse(id).unwrap()]);
    check("another inbox", Reason::InboxExcluded, |s| s.settings.inboxes = inbox("1"));
    check("this inbox", ANSWER, |s| s.settings.inboxes = inbox("481939"));
    check("an unknown inbox is not a chosen one", Reason::InboxExcluded, |s| {
        s.settings.inboxes = inbox("481939");
        s.thread.inbox = None;
    });
    check("another channel", Reason::InboxExcluded, |s| s.settings.channels = Some(vec![Channel::Email]));
    check("this channel", ANSWER, |s| s.settings.channels = Some(vec![Channel::Email, Channel::Web]));
    check("unassigned is not the AI's", stored(Reason::NotAiOwner), |s| {
        s.settings.answer_unassigned = false;
        s.thread.assigned_to = None;
    });
}

#[test]
fn every_rule_about_whose_conversation_it_is() {
    check("the owner is not the AI user", stored(Reason::NotAiOwner), |s| {
        s.thread.assigned_to = Some(actor("A-100"));
    });
    check("owned by somebody else, the AI stops", stored(Reason::NotAiOwner), |s| {
        s.thread.assigned_to = Some(actor("A-101"));
    });
    check("HubSpot's own AI has it", stored(Reason::NotAiOwner), |s| s.thread.assigned_to = Some(actor("L-1")));
    check("no AI user is configured", stored(Reason::NotAiOwner), |s| s.settings.ai_user = None);
    check("no AI user is configured, nobody owns it", Decision::Skip(Reason::NotEnabled), |s| {
        (s.settings.ai_user, s.thread.assigned_to) = (None, None);
    });
    check("handed off", stored(Reason::HandedOff), |s| s.ai = AiState::HandedOff);
    check("handed off and unassigned", stored(Reason::HandedOff), |s| {
        (s.ai, s.thread.assigned_to) = (AiState::HandedOff, None);
    });
    check("paused by a workflow", stored(Reason::Paused), |s| s.ai = AiState::Paused);
    check("paused, whoever owns it", stored(Reason::Paused), |s| {
        (s.ai, s.thread.assigned_to) = (AiState::Paused, Some(actor("A-100")));
    });
    check("a person has answered", stored(Reason::AnsweredByHuman), |s| s.human_replied = true);
    check("a person answers before anything else", stored(Reason::AnsweredByHuman), |s| {
        (s.human_replied, s.ai) = (true, AiState::Paused);
    });
}

#[test]
fn assist_mode_drafts_whoever_owns_the_conversation() {
    check("drafting while reps own it", DRAFT, |s| {
        s.settings.assist_mode = AssistMode::everywhere(true);
        s.thread.assigned_to = Some(actor("A-100"));
    });
    check("drafts instead of public replies", DRAFT, |s| s.settings.assist_mode = AssistMode::everywhere(true));
    check("handed off under assist mode", DRAFT, |s| (s.assist_mode, s.ai) = (Some(true), AiState::HandedOff));
    check("the session's own wins, on", DRAFT, |s| s.assist_mode = Some(true));
    check("the session's own wins, off", ANSWER, |s| {
        s.settings.assist_mode = AssistMode::everywhere(true);
        s.assist_mode = Some(false);
    });
    check("per channel, this one", DRAFT, |s| {
        s.settings.assist_mode = serde_json::from_str(r#"{"web":true}"#).unwrap();
    });
    check("per channel, another", ANSWER, |s| {
        s.settings.assist_mode = serde_json::from_str(r#"{"email":true}"#).unwrap();
    });
    check("the AI's marker is skipped all the same", Reason::OwnMessage, |s| {
        s.assist_mode = Some(true);
        s.from("A-7");
        s.carries(AI_MARKER);
    });
}

#[test]
fn two_machines_do_not_talk_for_ever() {
    check("20 within the hour", Decision::TooManyAnswers, |s| s.answers = ANSWERS_PER_HOUR);
    check("19 within the hour", ANSWER, |s| s.answers = ANSWERS_PER_HOUR - 1);
    check("not the AI's anyway", stored(Reason::HandedOff), |s| {
        (s.answers, s.ai) = (ANSWERS_PER_HOUR, AiState::HandedOff);
    });
    check("drafts do not count", DRAFT, |s| (s.answers, s.assist_mode) = (ANSWERS_PER_HOUR, Some(true)));
}

#[test]
fn what_customers_say_on_our_own_channel_is_known_to_opencx() {
    let on = |mine: &'static str| {
        move |s: &mut Scene| {
            s.our_channel = Some(channel(mine));
            s.message.channel = Some(channel("1057"));
            s.message.client = Client::Unknown;
        }
    };
    check("the customer's words came from OpenCX", Reason::OwnMessage, on("1057"));
    check("another custom channel is the AI's to answer", ANSWER, on("1058"));
    check("a rep's reply goes back to OpenCX", Decision::StoreAsAgent, |s| {
        on("1057")(s);
        s.from("A-8");
        s.message.direction = Some(Direction::Outgoing);
    });
    check("without such a channel nothing changes", ANSWER, |s| s.message.channel = None);
}
