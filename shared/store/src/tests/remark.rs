use super::*;
use crate::RemarkSource;

#[tokio::test]
async fn the_same_words_by_two_ways_are_one_remark() {
    let Bench { store, .. } = bench().await;
    let (s1, org) = (session_id("s1"), org());
    let begin = |way, seconds| store.begin_remark(&org, &s1, "d1", (way, at(seconds)));
    assert!(begin(RemarkSource::Comment, 100).await.unwrap());
    assert!(!begin(RemarkSource::Note, 102).await.unwrap());
    assert!(!begin(RemarkSource::Note, 40).await.unwrap());
    // Another attempt, and the same words once more.
    assert!(begin(RemarkSource::Comment, 100).await.unwrap());
    assert!(begin(RemarkSource::Comment, 130).await.unwrap());
    assert!(begin(RemarkSource::Note, 251).await.unwrap());
    assert!(!begin(RemarkSource::Comment, 300).await.unwrap());
    assert!(store.begin_remark(&org, &s1, "d2", (RemarkSource::Note, at(100))).await.unwrap());
    assert!(store.begin_remark(&org, &session_id("s2"), "d1", (RemarkSource::Note, at(251))).await.unwrap());
}
