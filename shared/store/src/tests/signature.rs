use super::*;
use domain::{Signature, SignaturePattern};

fn signature(pattern: &str, html: &str) -> Signature {
    Signature { pattern: SignaturePattern::parse(pattern).unwrap(), html: html.to_owned(), updated_at: at(5) }
}

#[tokio::test]
async fn signatures_are_saved_replaced_listed_and_deleted_by_pattern() {
    let Bench { store, .. } = bench().await;
    assert!(store.signatures(&org()).await.unwrap().is_empty());
    for (pattern, html) in [("open.cx", "<p>1</p>"), ("*.nl", "<p>2</p>"), ("open.cx", "<p>3</p>")] {
        store.save_signature(&org(), &signature(pattern, html)).await.unwrap();
    }
    let other = OrgId::parse("org_10").unwrap();
    store.save_signature(&other, &signature("*.de", "<p>4</p>")).await.unwrap();
    let all = store.signatures(&org()).await.unwrap();
    assert_eq!(all, [signature("*.nl", "<p>2</p>"), signature("open.cx", "<p>3</p>")]);
    assert_eq!(
        store.signature(&org(), &SignaturePattern::parse("*.nl").unwrap()).await.unwrap(),
        Some(signature("*.nl", "<p>2</p>"))
    );
    assert!(store.delete_signature(&org(), &SignaturePattern::parse("*.nl").unwrap()).await.unwrap());
    assert!(!store.delete_signature(&org(), &SignaturePattern::parse("*.nl").unwrap()).await.unwrap());
    assert_eq!(store.signatures(&org()).await.unwrap().len(), 1);
    assert_eq!(store.signatures(&other).await.unwrap().len(), 1);
    assert!(!format!("{all:?}").contains("<p>"));
}
