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
