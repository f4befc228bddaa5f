use super::{Standing, ThreadOwner, Voice};
use crate::{ActorId, AiState, AssistMode, Channel, Reason, Settings};
use std::str::FromStr;

fn settings() -> Settings {
    Settings { enabled: true, ai_user: ActorId::parse("A-7").ok(), ..Settings::default() }
}

#[test]
fn every_owner_of_a_conversation() {
    let check = |assigned_to: &str, expected: &str| {
        let actor = ActorId::parse(assigned_to).ok();
        let owner = match ThreadOwner::of(actor.as_ref(), &settings()) {
            ThreadOwner::Ai => "ai",
            ThreadOwner::Person(person) => {
                assert_eq!(Some(person), actor.as_ref());
                "person"
            }
            ThreadOwner::Bot => "bot",
            ThreadOwner::Nobody => "nobody",
        };
        assert_eq!(owner, expected, "{assigned_to}");
    };
    check("", "nobody");
    check("A-7", "ai");
    check("A-100", "person");
    check("E-rep@example.com", "person");
    check("X-1", "person");
    for bot in ["B-3", "I-55", "L-1", "S-hubspot"] {
        check(bot, "bot");
    }
    let nobody_speaks = Settings { ai_user: None, ..settings() };
    let user = ActorId::parse("A-7").unwrap();
    assert!(ThreadOwner::of(Some(&user), &nobody_speaks).is_person());
    assert_eq!(ThreadOwner::of(None, &nobody_speaks), ThreadOwner::Nobody);
}

#[test]
fn the_sessions_word_on_assist_mode_wins_over_the_setting() {
    for (setting, own_word, expected) in [
        ("false", None, false),
        ("true", None, true),
        ("false", Some(true), true),
        ("true", Some(false), false),
        (r#"{"web":true}"#, None, true),
        (r#"{"email":true}"#, None, false),
        (r#"{"web":true}"#, Some(false), false),
    ] {
        let settings = Settings { assist_mode: serde_json::from_str(setting).unwrap(), ..settings() };
        assert_eq!(settings.assists(own_word, Channel::Web), expected, "{setting} and {own_word:?}");
    }
}

/// Everything the AI's voice depends on, by words: the owner's actor id, what the session says, and switches.
fn voices(owner: &str, session: AiState, switches: &str) -> (Voice, Voice) {
    let on = |switch: &str| switches.split(' ').any(|word| word == switch);
    let mut settings = settings();
    settings.assist_mode = AssistMode::everywhere(on("setting"));
    settings.answer_unassigned = !on("only_own");
    if on("no_ai_user") {
        settings.ai_user = None;
    }
    let actor = ActorId::parse(owner).ok();
    let standing = Standing {
        settings: &settings,
        channel: if on("whatsapp") { Channel::Whatsapp } else { Channel::Web },
        assist_mode: if on("own_yes") { Some(true) } else { on("own_no").then_some(false) },
        ai: session,
        owner: ThreadOwner::of(actor.as_ref(), &settings),
        answered_by_person: on("answered"),
    };
    (standing.voice(), standing.voice_of_reply())
}

fn check(owner: &str, session: AiState, switches: &str, expected: &str) {
    let expected = match expected {
        "public" => Voice::Public,
        "draft" => Voice::Draft,
        reason => Voice::Silent(Reason::from_str(reason).unwrap()),
    };
    let (voice, of_reply) = voices(owner, session, switches);
    assert_eq!(voice, expected, "{owner} {session:?} {switches}");
    let at_session = matches!(expected, Voice::Silent(_)) && session == AiState::HandedOff;
    let expected = if at_session { Voice::Silent(Reason::HandedOff) } else { expected };
    assert_eq!(of_reply, expected, "reply: {owner} {session:?} {switches}");
}

#[test]
fn who_may_speak_and_how() {
    use AiState::{Active, HandedOff, Paused};
    check("A-7", Active, "", "public");
    check("", Active, "", "public");
    check("A-7", Active, "only_own", "public");
    check("", Active, "only_own", "not_ai_owner");
    check("A-100", Active, "", "not_ai_owner");
    check("B-3", Active, "", "not_ai_owner");
    check("L-1", Active, "", "not_ai_owner");
    check("A-7", HandedOff, "", "handed_off");
    check("", HandedOff, "", "handed_off");
    check("A-100", HandedOff, "", "not_ai_owner");
    check("A-7", Paused, "", "paused");
    check("A-100", Paused, "", "paused");
    check("A-7", Active, "answered", "answered_by_human");
    check("A-7", Paused, "answered", "answered_by_human");
    check("", Active, "no_ai_user", "not_enabled");
    check("A-7", Active, "no_ai_user", "not_ai_owner");
    check("", HandedOff, "no_ai_user", "handed_off");
}

#[test]
fn assist_mode_drafts_for_whoever_owns_the_conversation() {
    for owner in ["", "A-7", "A-100", "B-3"] {
        for session in [AiState::Active, AiState::HandedOff, AiState::Paused] {
            for switches in ["setting", "own_yes", "setting own_yes", "setting answered", "setting no_ai_user"] {
                check(owner, session, switches, "draft");
            }
        }
    }
    check("A-7", AiState::Active, "setting own_no", "public");
    check("A-100", AiState::Active, "setting own_no", "not_ai_owner");
}

#[test]
fn where_apps_may_not_write_people_get_the_answer_as_a_draft() {
    check("A-7", AiState::Active, "whatsapp", "draft");
    check("A-100", AiState::Active, "whatsapp", "not_ai_owner");
    check("A-7", AiState::HandedOff, "whatsapp", "handed_off");
}
