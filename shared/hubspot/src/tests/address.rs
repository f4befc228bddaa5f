//! Kinds of addresses.

use crate::address::{email, phone};
use domain::DeliveryIdentifier;

#[test]
fn an_address_is_of_one_kind() {
    let address = |kind: &str| DeliveryIdentifier { kind: kind.to_owned(), value: "x".to_owned() };
    for (kind, is_email, is_phone) in [
        ("HS_EMAIL_ADDRESS", true, false),
        ("HS_PHONE_NUMBER", false, true),
        ("HS_SHORT_CODE", false, false),
        ("CHANNEL_SPECIFIC_OPAQUE_ID", false, false),
    ] {
        let address = address(kind);
        assert_eq!((email(&address), phone(&address)), (is_email.then_some("x"), is_phone.then_some("x")), "{kind}");
    }
}
