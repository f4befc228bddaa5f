//! What a `Debug` leaves out: people's texts, and everything else that must not reach a log.

/// A `Debug` that prints the named fields only.
macro_rules! prints_only {
    ($name:ident: $($field:ident),+) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))+.finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use prints_only;
