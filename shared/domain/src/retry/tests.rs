use super::next_look;

#[test]
fn waits_grow_to_five_minutes() {
    let waits: Vec<u64> = (1..=7).map(|attempt| next_look(attempt).as_secs()).collect();
    assert_eq!(waits, [5, 15, 45, 120, 300, 300, 300]);
    assert_eq!(next_look(0).as_secs(), 5);
    assert_eq!(next_look(u32::MAX).as_secs(), 300);
}
