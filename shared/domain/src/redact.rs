/// Implements `Debug` that shows the named fields only: the others hold what people wrote, or their names.
#[macro_export]
macro_rules! debug_only {
    ($type:ident $(<$life:lifetime>)? { $($field:ident),* }) => {
        impl std::fmt::Debug for $type $(<$life>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}
