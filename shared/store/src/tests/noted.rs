use super::*;
use crate::Way;

#[tokio::test]
async fn the_same_words_by_two_ways_are_one_remark() {
    let Bench { store, .. } = bench().await;
    let (s1, org) = (session_id("s1"), org());
    let begin = |way, seconds| store.begin_remark(&org, &s1, "d1", (way, at(seconds)));
    assert!(begin(Way::Comment, 100).await.unwrap());
    assert!(!begin(Way::Note, 102).await.unwrap());
    assert!(!begin(Way::Note, 40).await.unwrap());
    // Another attempt, and the same words once more.
    assert!(begin(Way::Comment, 100).await.unwrap());
    assert!(begin(Way::Comment, 130).await.unwrap());
    assert!(begin(Way::Note, 251).await.unwrap());
    assert!(!begin(Way::Comment, 300).await.unwrap());
    assert!(store.begin_remark(&org, &s1, "d2", (Way::Note, at(100))).await.unwrap());
    assert!(store.begin_remark(&org, &session_id("s2"), "d1", (Way::Note, at(251))).await.unwrap());
}
