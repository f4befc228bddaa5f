//! HubSpot's kinds of addresses on a channel.

use domain::DeliveryIdentifier;

/// The kind of an e-mail address.
pub const EMAIL: &str = "HS_EMAIL_ADDRESS";
/// The kind of a phone number.
pub const PHONE: &str = "HS_PHONE_NUMBER";

/// The e-mail address, where it is one.
pub fn email(address: &DeliveryIdentifier) -> Option<&str> {
    (address.kind == EMAIL).then_some(address.value.as_str())
}

/// The phone number, where it is one.
pub fn phone(address: &DeliveryIdentifier) -> Option<&str> {
    (address.kind == PHONE).then_some(address.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::{email, phone};
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
            assert_eq!(
                (email(&address), phone(&address)),
                (is_email.then_some("x"), is_phone.then_some("x")),
                "{kind}"
            );
        }
    }
}
