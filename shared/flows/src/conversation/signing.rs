//! The signature under an e-mail: that of the sender's domain.

use crate::conversation::addressee::Addressee;
use crate::kernel::failure::FlowError;
use crate::kernel::tenant::Tenant;
use domain::{Channel, RichText, SenderDomain, Signature};
use std::sync::Arc;

/// Words as they go out, and the pattern of the signature under them.
pub(crate) struct Signed {
    pub(crate) words: RichText,
    pub(crate) pattern: Option<String>,
}

/// Puts the sender's signature under the words of an e-mail; on any other channel they stay as they are.
///
/// A sender whose address cannot be found out has none: an answer without signature is better than no answer.
pub(crate) async fn sign(tenant: &Tenant<'_>, to: &Addressee, words: RichText) -> Result<Signed, FlowError> {
    if Channel::of_hubspot(&to.channel) != Channel::Email {
        return Ok(Signed { words, pattern: None });
    }
    let signatures = signatures(tenant).await?;
    if signatures.is_empty() {
        return Ok(Signed { words, pattern: None });
    }
    let sender = sender_address(tenant, to).await;
    let sender = sender.as_deref().and_then(SenderDomain::of_address);
    Ok(match sender.and_then(|sender| domain::signature_for(&signatures, &sender).cloned()) {
        Some(found) => Signed { words: domain::signed(words, &found.html), pattern: Some(found.pattern.shown()) },
        None => Signed { words, pattern: None },
    })
}

async fn signatures(tenant: &Tenant<'_>) -> Result<Arc<Vec<Signature>>, FlowError> {
    let (bridge, org) = (tenant.bridge, &tenant.connection.org);
    let read = async { Ok(Arc::new(bridge.store.signatures(org).await?)) };
    bridge.cache.signatures.get_or_read(org.clone(), bridge.clock.now(), read).await
}

/// The channel account's address, else the AI user's.
async fn sender_address(tenant: &Tenant<'_>, to: &Addressee) -> Option<String> {
    match account_address(tenant, to).await {
        Ok(Some(address)) => return Some(address),
        Ok(None) => {}
        Err(error) => tracing::warn!(error = %error, "a channel account's address cannot be read"),
    }
    let user = tenant.connection.settings.ai_user.as_ref()?;
    match tenant.owner(&user.to_string()).await {
        Ok(owner) => owner?.email,
        Err(error) => {
            tracing::warn!(error = %error, "the AI user's address cannot be read; an e-mail goes without signature");
            None
        }
    }
}

async fn account_address(tenant: &Tenant<'_>, to: &Addressee) -> Result<Option<String>, FlowError> {
    let account = &to.channel_account;
    let read = async {
        let found = tenant.portal.channel_account(account).await?;
        let address = found.and_then(|found| found.address).filter(|address| address.kind == "HS_EMAIL_ADDRESS");
        Ok(address.map(|address| address.value))
    };
    let key = (tenant.connection.portal.clone(), account.clone());
    tenant.bridge.cache.addresses.get_or_read(key, tenant.bridge.clock.now(), read).await
}
