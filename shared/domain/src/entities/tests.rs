use super::push_unescaped;
use crate::text::escape;
use proptest::prelude::*;

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    push_unescaped(&mut out, text);
    out
}

proptest! {
    #[test]
    fn what_is_escaped_comes_back(text in "\\PC{0,200}") {
        prop_assert_eq!(unescaped(&escape(&text)), text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[&#xa-f0-9;🔄]{0,100}") {
        let _ = unescaped(&text);
    }
}
