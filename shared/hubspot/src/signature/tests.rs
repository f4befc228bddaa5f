use super::*;

const SECRET: &str = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
const URL: &str = "https://www.example.com/webhook_uri";

// The vectors of HubSpot's guide and of its Node.js and Python SDKs.
const V1_BODY: &[u8] = br#"[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]"#;
const V1: &str = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de";
const V2: &str = "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e";
const V3: &str = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=";
const V3_AT: i64 = 1_693_657_560_000;

fn v3_request() -> SignedRequest<'static> {
    SignedRequest { method: "POST", url: URL, body: b"{'example_field':'example_value'}" }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn v3(signature: &str, timestamp: &str, now: i64, secrets: &[&str]) -> Result<(), RequestSignatureError> {
    verify_v3(&v3_request(), &TimedSignature { signature, timestamp }, at(now), secrets)
}

#[test]
fn published_vectors() {
    assert_eq!(sign_v1(V1_BODY, SECRET), V1);
    assert_eq!(verify_v1(V1_BODY, V1, &[SECRET]), Ok(()));
    let get = SignedRequest { method: "GET", url: URL, body: b"" };
    assert_eq!(sign_v2(&get, SECRET), V2);
    assert_eq!(verify_v2(&get, V2, &[SECRET]), Ok(()));
    assert_eq!(sign_v3(&v3_request(), V3_AT, SECRET), V3);
    assert_eq!(v3(V3, "1693657560000", V3_AT, &[SECRET]), Ok(()));
}

#[test]
fn version_3_takes_back_some_escapes_before_it_signs() {
    let url = "https://example.com/api/hubspot/webhooks?src=hs%3Aapp%2Fv3&x=%28a%29";
    let signed = SignedRequest { method: "POST", url, body: b"[]" };
    let headers =
        TimedSignature { signature: "G8ddQlikFQ0ScZOZn+MHQ0E3WCV7vOJTzKlvrkvbvuk=", timestamp: "1790000004000" };
    assert_eq!(verify_v3(&signed, &headers, at(1_790_000_004_000), &["autopilot-test-client-secret-0001"]), Ok(()));
}

#[test]
fn exactly_the_listed_escapes_are_taken_back() {
    let table = [
        ("/a", "/a"),
        ("/a%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B", "/a:/?@!$'()*,;"),
        ("/a%3a%2f%3f%2a%2c%3b", "/a:/?*,;"),
        ("/a%20b%26c%3Dd%25e%2B", "/a%20b%26c%3Dd%25e%2B"),
        ("/a%253A", "/a%253A"),
        ("/%", "/%"),
        ("/%3", "/%3"),
        ("/%%3A", "/%:"),
        ("/é%3A%é", "/é:%é"),
        ("", ""),
    ];
    for (url, expected) in table {
        assert_eq!(decoded(url), expected, "{url}");
    }
}

#[test]
fn any_of_the_secrets_will_do_during_rotation() {
    assert_eq!(verify_v1(V1_BODY, V1, &["old", SECRET]), Ok(()));
    assert_eq!(v3(V3, "1693657560000", V3_AT, &[SECRET, "new"]), Ok(()));
    assert_eq!(verify_v1(V1_BODY, V1, &["old", "older"]), Err(RequestSignatureError::Mismatch));
    assert_eq!(v3(V3, "1693657560000", V3_AT, &[]), Err(RequestSignatureError::Mismatch));
}

#[test]
fn an_empty_secret_opens_nothing() {
    assert_eq!(verify_v1(V1_BODY, &sign_v1(V1_BODY, ""), &[""]), Err(RequestSignatureError::Mismatch));
    assert_eq!(
        v3(&sign_v3(&v3_request(), V3_AT, ""), "1693657560000", V3_AT, &[""]),
        Err(RequestSignatureError::Mismatch)
    );
}

#[test]
fn any_change_is_seen() {
    assert_eq!(verify_v1(b"[]", V1, &[SECRET]), Err(RequestSignatureError::Mismatch));
    let request = v3_request();
    let headers = TimedSignature { signature: V3, timestamp: "1693657560000" };
    for changed in [
        SignedRequest { method: "PUT", ..request },
        SignedRequest { url: "https://www.example.com/webhook_uri?", ..request },
        SignedRequest { url: "http://www.example.com/webhook_uri", ..request },
        SignedRequest { body: b"{'example_field':'example_value'} ", ..request },
    ] {
        assert_eq!(
            verify_v3(&changed, &headers, at(V3_AT), &[SECRET]),
            Err(RequestSignatureError::Mismatch),
            "{}",
            changed.url
        );
        assert_eq!(verify_v2(&changed, &sign_v2(&request, SECRET), &[SECRET]), Err(RequestSignatureError::Mismatch));
    }
    assert_eq!(v3(V3, "1693657560001", V3_AT, &[SECRET]), Err(RequestSignatureError::Mismatch));
}

#[test]
fn five_minutes_either_way() {
    let minutes = 60_000;
    for (now, expected) in [
        (V3_AT + 5 * minutes, Ok(())),
        (V3_AT + 5 * minutes + 1, Err(RequestSignatureError::Stale)),
        (V3_AT - 5 * minutes, Ok(())),
        (V3_AT - 5 * minutes - 1, Err(RequestSignatureError::Stale)),
    ] {
        assert_eq!(v3(V3, "1693657560000", now, &[SECRET]), expected, "{now}");
    }
    for wild in ["9223372036854775807", "-9223372036854775808", "0", "1693657560"] {
        assert_eq!(v3(V3, wild, V3_AT, &[SECRET]), Err(RequestSignatureError::Stale), "{wild}");
    }
}

#[test]
fn malformed_headers() {
    for timestamp in ["", "now", "1693657560000.5", "99999999999999999999"] {
        assert_eq!(v3(V3, timestamp, V3_AT, &[SECRET]), Err(RequestSignatureError::Malformed), "{timestamp}");
    }
    assert_eq!(v3("not base64!", "1693657560000", V3_AT, &[SECRET]), Err(RequestSignatureError::Malformed));
    assert_eq!(v3("", "1693657560000", V3_AT, &[SECRET]), Err(RequestSignatureError::Mismatch));
    assert_eq!(v3("K36d", "1693657560000", V3_AT, &[SECRET]), Err(RequestSignatureError::Mismatch));
    for signature in ["", "232d", "zz", &V1.replace('2', "é"), &format!("{V1}00")] {
        assert_eq!(verify_v1(V1_BODY, signature, &[SECRET]), Err(RequestSignatureError::Malformed), "{signature}");
    }
    assert_eq!(verify_v1(V1_BODY, &V1.to_uppercase(), &[SECRET]), Ok(()));
}
