//! Values of properties.

use crate::property::moment;

#[test]
fn moments_come_as_text_and_as_milliseconds() {
    let ten = "2026-11-20T10:00:00Z".parse().ok();
    for text in ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000Z", " 1795168800000 ", "2026-11-20T11:00:00+01:00"] {
        assert_eq!(moment(text), ten, "{text}");
    }
    // Before 2001 there are fewer digits, and before 1970 a sign.
    assert_eq!(moment("0"), Some(jiff::Timestamp::UNIX_EPOCH));
    assert_eq!(moment("-1000").map(jiff::Timestamp::as_second), Some(-1));
    for text in ["", "soon", "2026-11-20", "1.5", "99999999999999999999", "9223372036854775807"] {
        assert_eq!(moment(text), None, "{text}");
    }
}
