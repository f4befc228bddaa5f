//! How mail programs mark what is not their user's own, in lower case. A `|` stands between two phrases.

/// First word and verb of the line that introduces a quotation, by language.
pub(super) const ATTRIBUTIONS: &[(&str, &str)] = &[
    ("on ", " wrote| writes"),
    ("am ", " schrieb"),
    ("le ", " a écrit"),
    ("el ", " escribió| escribio"),
    ("il |in data ", " ha scritto"),
    ("em |a ", " escreveu"),
    ("op ", " schreef| heeft geschreven| heeft het volgende geschreven"),
    ("den |på ", " skrev| skrev følgende"),
    ("w dniu |dnia |pon., |wt., |śr., |czw., |pt., |sob., |niedz., ", " napisał| pisze"),
    ("dne |po |út |st |čt |pá ", " napsal| odesílatel"),
    ("pe |în data de |în ", " a scris"),
    ("ma |ti |ke |to |pe |la |su ", " kirjoitti"),
    ("20|19", " írta| tarihinde| 님이 작성| написал|年"),
];

/// Verbs that stand behind a name and its address, wherever the date is.
pub(super) const VERBS: &str = "\
     wrote| schrieb| a écrit| escribió| ha scritto| escreveu| schreef| skrev| napisał| napsal| kirjoitti| a scris\
    | írta| yazdı|написал|写道|寫道|のメール|작성";

/// Headings of Outlook and similar programs, between dashes.
pub(super) const HEADINGS: &str = "\
    original message|original appointment|ursprüngliche nachricht|originalnachricht|message d'origine\
    |message d’origine|message original|mensaje original|messaggio originale|mensagem original\
    |oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti\
    |wiadomość oryginalna|oryginalna wiadomość|původní zpráva|mesaj original|eredeti üzenet|исходное сообщение\
    |пересылаемое сообщение|özgün ileti|元のメッセージ|原始邮件|邮件原件";

/// Labels of the header block that such programs put above the history: the sender comes first.
pub(super) const SENDER: &str = "from|von|de|da|van|från|fra|lähettäjä|od|expéditeur|feladó|от|kimden|差出人|发件人";

/// The lines below it: date, receiver or subject.
pub(super) const OTHERS: &str = "\
    sent|date|to|subject|cc|gesendet|datum|an|betreff|envoyé|à|objet|enviado|fecha|para|asunto|inviato|data|a\
    |oggetto|assunto|enviada em|enviado em|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|lähetetty\
    |vastaanottaja|aihe|wysłano|do|temat|odesláno|komu|předmět|отправлено|кому|тема|tarih|kime|konu|送信日時|宛先|件名|发送时间\
    |收件人|主题";

/// What devices and programs write under a message.
pub(super) const DEVICES: &str = "\
    sent from my |sent from mail for |sent from outlook|sent from yahoo|sent via |sent with |get outlook for \
    |von meinem |gesendet mit |gesendet von |envoyé de mon |envoyé depuis |enviado desde |enviado do meu \
    |inviato da |verzonden vanaf |skickat från |sendt fra |wysłane z |odesláno z |lähetetty |отправлено с ";

/// What stands above a forwarded message.
pub(super) const FORWARDS: &str = "\
    forwarded message|begin forwarded message|weitergeleitete nachricht|anfang der weitergeleiteten nachricht\
    |message transféré|début du message transféré|mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato\
    |mensagem encaminhada|doorgestuurd bericht|vidarebefordrat meddelande|videresendt meddelelse\
    |wiadomość przekazana|přeposlaná zpráva|пересылаемое сообщение";

/// Where mail programs' markup begins the history.
pub(super) const MARKUP: &str = "\
    class=\"gmail_quote|class=\"gmail_attr|id=\"appendonsend\"|id=\"divrplyfwdmsg\"|class=\"yahoo_quoted\
    |class=\"moz-cite-prefix\"|id=\"olk_src_body_section\"|name=\"quote\"|class=\"protonmail_quote\
    |class=\"tutanota_quote|class=\"zmail_extra|id=\"mail-editor-reference-message-container\"\
    |<blockquote type=\"cite\"|class=\"outlookmessageheader\"|class=\"freebirdquote|class=\"front-blockquote";
