use super::*;
use crate::DoorCounts;

#[tokio::test]
async fn refusals_are_summed_by_organization_and_signatures_for_all() {
    let Bench { store, .. } = bench().await;
    let (day, other) = (86_400, OrgId::parse("org_2").unwrap());
    let counts =
        |bad_urls, bad_signatures, unsupported| DoorCounts { bad_urls, bad_signatures, unsupported, last_at: None };
    store.count_door(Some(&org()), &counts(1, 0, 5), at(0)).await.unwrap();
    store.count_door(Some(&org()), &counts(2, 0, 0), at(60)).await.unwrap();
    store.count_door(Some(&org()), &counts(4, 0, 0), at(day)).await.unwrap();
    store.count_door(Some(&other), &counts(7, 0, 7), at(0)).await.unwrap();
    store.count_door(None, &counts(0, 3, 9), at(day)).await.unwrap();
    let sum = store.door_counts(&org(), at(0), at(day)).await.unwrap();
    assert_eq!(sum, DoorCounts { last_at: Some(at(day)), ..counts(7, 3, 5) });
    let first = store.door_counts(&org(), at(0), at(0)).await.unwrap();
    assert_eq!((first.bad_urls, first.bad_signatures), (3, 0));
    assert_eq!(store.door_counts(&org(), at(5 * day), at(9 * day)).await.unwrap(), DoorCounts::default());
}
