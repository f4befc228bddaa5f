use super::own_words;
use proptest::prelude::*;

fn check(text: &str, expected: &str) {
    assert_eq!(own_words(text, None), expected, "in {text:?}");
}

#[test]
fn the_introductions_of_the_common_mail_programs() {
    let introductions = [
        "On Tue, Nov 3, 2026 at 10:15 AM Support <support@support.example> wrote:",
        "On 3 Nov 2026, at 10:15, Support <support@support.example> wrote:",
        "On Tue, Nov 3, 2026 at 10:15 AM Support\n<support@support.example> wrote:",
        "Am 03.11.2026 um 10:15 schrieb Support:",
        "Am Di., 3. Nov. 2026 um 10:15 Uhr schrieb Support <support@support.example>:",
        "Support <support@support.example> schrieb am Di., 3. Nov. 2026, 10:15:",
        "Le mar. 3 nov. 2026 à 10:15, Support <support@support.example> a écrit :",
        "El mar, 3 nov 2026 a las 10:15, Support (<support@support.example>) escribió:",
        "Il giorno mar 3 nov 2026 alle ore 10:15 Support <support@support.example> ha scritto:",
        "Em ter., 3 de nov. de 2026 às 10:15, Support <support@support.example> escreveu:",
        "Op di 3 nov 2026 om 10:15 schreef Support <support@support.example>:",
        "Den tis 3 nov. 2026 kl 10:15 skrev Support <support@support.example>:",
        "W dniu 3.11.2026 o 10:15, Support pisze:",
        "wt., 3 lis 2026 o 10:15 Support <support@support.example> napisał(a):",
        "Dne 3. 11. 2026 v 10:15 Support napsal(a):",
        "ti 3. marrask. 2026 klo 10:15 Support (support@support.example) kirjoitti:",
        "Pe mar., 3 nov. 2026 la 10:15, Support <support@support.example> a scris:",
        "вт, 3 нояб. 2026 г. в 10:15, Support <support@support.example> написал(а):",
        "Support <support@support.example> 于2026年11月3日周二 10:15写道：",
    ];
    for introduction in introductions {
        check(&format!("It still fails.\n\n{introduction}\n\n> Have you tried again?\n> Yours"), "It still fails.");
        check(&format!("It still fails.\n\n{introduction}\n\nHave you tried again?\nYours"), "It still fails.");
        check(&format!("{introduction}\n> Have you tried again?\n>\n> Yours\n\nYes, twice."), "Yes, twice.");
    }
}

#[test]
fn the_header_blocks_of_outlook_in_several_languages() {
    let blocks = [
        "-----Original Message-----\nFrom: Support\nSent: Tuesday",
        "________________________________\nFrom: Support <s@support.example>\nSent: Tuesday, November 3\nTo: Ada\nSubject: Help",
        "From: Support\nSent: Tuesday\nTo: Ada\nSubject: Help",
        "*From:* Support\n*Sent:* Tuesday\n*To:* Ada",
        "Von: Support\nGesendet: Dienstag\nAn: Ada\nBetreff: Hilfe",
        "De : Support\nEnvoyé : mardi\nÀ : Ada\nObjet : Aide",
        "De: Support\nEnviado: martes\nPara: Ada\nAsunto: Ayuda",
        "Da: Support\nInviato: martedì\nA: Ada\nOggetto: Aiuto",
        "Van: Support\nVerzonden: dinsdag\nAan: Ada\nOnderwerp: Hulp",
        "Från: Support\nSkickat: tisdag\nTill: Ada\nÄmne: Hjälp",
        "Od: Support\nWysłano: wtorek\nDo: Ada\nTemat: Pomoc",
        "-----Ursprüngliche Nachricht-----\nVon: Support",
        "----- Message d'origine -----\nDe : Support",
    ];
    for block in blocks {
        check(&format!("It still fails.\n\n{block}\n\nHave you tried again?"), "It still fails.");
    }
}

#[test]
fn answers_between_quoted_lines_stay() {
    check(
        "On Tue, Nov 3, 2026 Support <s@support.example> wrote:\n> Which colour?\nRed.\n> Which size?\nXL.",
        "Red.\nXL.",
    );
}

#[test]
fn signatures_go_and_forwarded_words_stay() {
    check("It still fails.\n-- \nAda Example\nExample Ltd", "It still fails.");
    check("It still fails.\n\n--\nAda Example\nExample Ltd", "It still fails.");
    check("It still fails.\n\nSent from my iPhone", "It still fails.");
    check("Es geht nicht.\n\nVon meinem iPhone gesendet", "Es geht nicht.");
    let forwarded = "Is this from you?\n\n---------- Forwarded message ---------\nFrom: Shop\nDate: Tue\nSubject: Win\nTo: Ada\n\nYou won";
    check(forwarded, forwarded);
    let begun = "See below.\n\nBegin forwarded message:\n\nFrom: Shop\nDate: Tue\nTo: Ada\n\nYou won";
    check(begun, begun);
}

#[test]
fn what_only_looks_like_history_is_the_customers() {
    for text in [
        "On Monday I wrote to you twice: nobody answered.",
        "From: Berlin\nI would like to travel on Friday.",
        ">5 pieces are missing",
        "He wrote: it works. It does not.",
        "Am 3. November habe ich bestellt:\nzwei Stühle",
        "--\nis what the display shows\nand then\nit\ngoes\noff\nagain\nand again",
        "Sent from my side there is nothing wrong, is there?",
        "",
    ] {
        check(text, text.trim());
    }
}

#[test]
fn an_e_mail_that_is_nothing_but_history_is_kept() {
    for text in ["> only a quotation", "On Tue, Nov 3, 2026 Support <s@s.example> wrote:\n> hello", "-- \nAda"] {
        check(text, text.trim());
    }
}

#[test]
fn the_markup_tells_where_the_text_does_not() {
    let check = |text: &str, html: &str, expected: &str| assert_eq!(own_words(text, Some(html)), expected, "{html}");
    let gmail = "<div>It still <b>fails</b>.</div><div class=\"gmail_quote\">kto&#347; kiedy&#347;<blockquote>old</blockquote></div>";
    check("It still fails.\nktoś kiedyś\nold", gmail, "It still fails.");
    check("", gmail, "It still fails.");
    check("", "<p>It still fails.</p><blockquote type=\"cite\">old</blockquote>", "It still fails.");
    check("", "<p>It still</p><p>fails.</p>", "It still\nfails.");
    check("It still fails.", "<p>It still fails.</p>", "It still fails.");
    let forwarded =
        "<p>From you?</p><div class=\"gmail_quote\"><div>---------- Forwarded message ---------</div>You won</div>";
    check(
        "From you?\n---------- Forwarded message ---------\nYou won",
        forwarded,
        "From you?\n---------- Forwarded message ---------\nYou won",
    );
    check("old", "<div class=\"gmail_quote\">old</div>", "old");
}

proptest! {
    #[test]
    fn something_is_left_of_anything_and_nothing_is_invented(text in "(?s).{0,400}", html in proptest::option::of("(?s).{0,200}")) {
        let own = own_words(&text, html.as_deref());
        prop_assert_eq!(own.is_empty(), text.trim().is_empty() && own.is_empty());
        if html.is_none() {
            prop_assert!(own.len() <= text.len());
        }
    }
}
