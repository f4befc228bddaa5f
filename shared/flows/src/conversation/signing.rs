//! The signature under an e-mail. The domain of the sender's address chooses it.

use crate::conversation::addressee::Addressee;
use crate::kernel::failure::FlowError;
use crate::kernel::tenant::Tenant;
use domain::{Channel, RichText, SenderDomain, Signature};
use hubspot::address;
use std::sync::Arc;

/// Words as they are sent, and the pattern of the signature under them.
pub(crate) struct SignedWords {
    pub(crate) words: RichText,
    pub(crate) pattern: Option<String>,
}

/// Puts the sender's signature under the words of an e-mail. Other channels have no signatures.
///
/// If the sender's address is unknown, the e-mail has no signature: that is better than no answer.
pub(crate) async fn sign(tenant: &Tenant<'_>, to: &Addressee, words: RichText) -> Result<SignedWords, FlowError> {
    let found = if Channel::of_hubspot(&to.channel) == Channel::Email { signature(tenant, to).await? } else { None };
    Ok(match found {
        Some(found) => SignedWords { words: domain::signed(words, &found.html), pattern: Some(found.pattern.shown()) },
        None => SignedWords { words, pattern: None },
    })
}

async fn signature(tenant: &Tenant<'_>, to: &Addressee) -> Result<Option<Signature>, FlowError> {
    let (bridge, org) = (tenant.bridge, &tenant.connection.org);
    let read = async { Ok::<_, FlowError>(Arc::new(bridge.store.signatures(org).await?)) };
    let signatures = bridge.cache.signatures.get_or_read(org.clone(), bridge.clock.now(), read).await?;
    if signatures.is_empty() {
        return Ok(None);
    }
    let sender = sender_address(tenant, to).await;
    let sender = sender.as_deref().and_then(SenderDomain::of_address);
    Ok(sender.and_then(|sender| domain::signature_for(&signatures, &sender).cloned()))
}

/// The channel account's address, else the AI user's.
async fn sender_address(tenant: &Tenant<'_>, to: &Addressee) -> Option<String> {
    match account_address(tenant, to).await {
        Ok(Some(address)) => return Some(address),
        Ok(None) => {}
        Err(error) => tracing::warn!(error = %error, "a channel account's address cannot be read"),
    }
    let user = tenant.connection.settings.ai_user.as_ref()?;
    let owner = tenant.owner(&user.to_string()).await;
    let owner = owner.inspect_err(
        |error| tracing::warn!(%error, "an e-mail has no signature: the AI user's address cannot be read"),
    );
    owner.ok()??.email
}

async fn account_address(tenant: &Tenant<'_>, to: &Addressee) -> Result<Option<String>, FlowError> {
    let account = &to.channel_account;
    let read = async {
        let found = tenant.portal.channel_account(account).await?.and_then(|found| found.address);
        Ok::<_, FlowError>(found.as_ref().and_then(address::email).map(str::to_owned))
    };
    let key = (tenant.connection.portal.clone(), account.clone());
    tenant.bridge.cache.addresses.get_or_read(key, tenant.bridge.clock.now(), read).await
}
