use super::{is_auto_reply, is_daemon};

#[test]
fn addresses_of_machines() {
    let check = |address: &str, expected: bool| assert_eq!(is_daemon(address), expected, "{address}");
    for address in [
        "mailer-daemon@example.com",
        "MAILER-DAEMON@mx1.example.com",
        "postmaster@example.com",
        "no-reply@example.com",
        "no_reply@example.com",
        "noreply@example.com",
        "NoReply@example.com",
        "noreply-42@example.com",
        "noreply+tag@example.com",
        "notifications.noreply@example.com",
        "do-not-reply@example.com",
        "donotreply@example.com",
        "bounce@example.com",
        "bounces+17-ada=example.com@mail.example.com",
        "bounce-17@example.com",
        "auto-reply@example.com",
    ] {
        check(address, true);
    }
    for address in [
        "ada@example.com",
        "bouncer@example.com",
        "bouncer.joe@example.com",
        "reply@example.com",
        "norep@example.com",
        "postmasterson@example.com",
        "ada+noreply@example.com",
        "noreply",
        "",
        "@",
        "+4915112345678",
    ] {
        check(address, false);
    }
}

#[test]
fn subjects_and_texts_of_machines() {
    let check = |subject: &str, text: &str, expected: bool| {
        assert_eq!(is_auto_reply(Some(subject), text), expected, "{subject} / {text}");
    };
    for subject in [
        "Automatic reply: Your order",
        "AUTOMATIC REPLY: YOUR ORDER",
        "Auto: Re: order",
        "Autoreply: order",
        "Out of office",
        "Out of Office Re: order",
        "Out of Office AutoReply: order",
        "Out of the office",
        "Undeliverable: order",
        "Undelivered Mail Returned to Sender",
        "Mail delivery failed: returning message to sender",
        "Delivery Status Notification (Failure)",
        "Returned mail: see transcript for details",
        "Abwesenheitsnotiz: Bestellung",
        "Automatische Antwort: Bestellung",
        "Réponse automatique : commande",
        "  Automatic reply: padded",
    ] {
        check(subject, "", true);
    }
    for subject in [
        "Re: order",
        "Out of office chairs, please",
        "Automobile",
        "Auto insurance",
        "Undeliverable parcels keep coming",
        "",
        "🙂",
    ] {
        check(subject, "Hello", false);
    }
    check("Re: order", "This is an automatically generated message.", true);
    check("Re: order", "\n  THIS IS AN AUTOMATED REPLY", true);
    check("Re: order", "Dies ist eine automatische Antwort", true);
    check("Re: order", "I got: this is an automated reply", false);
    assert!(!is_auto_reply(None, "Hello"));
}
