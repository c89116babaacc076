//! What the world learns of schemes.

use crate::scheme::{Ranked, SchemeId};
use kernel::ids::Uuid;
use serde::{Deserialize, Serialize};
use store::Fact;

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = $kind:literal { $($(#[$fdoc:meta])* $field:ident: $t:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            pub scheme: SchemeId,
            $($(#[$fdoc])* pub $field: $t),*
        }
        impl Fact for $name {
            const KIND: &'static str = $kind;
            const SUBJECT: &'static str = "scheme";
            fn subject(&self) -> Uuid {
                self.scheme.0
            }
        }
    )+};
}

facts! {
    /// A draft was written, or written anew; `hash` is that of the table.
    SchemeDrafted = "scheme.drafted" { ranked: Ranked, hash: String }
    /// It holds from `from_month` on, as the `number`th; `meeting` is the hash of when and where that was decided.
    SchemeAdopted = "scheme.adopted" { ranked: Ranked, hash: String, number: i64, from_month: String, meeting: String }
    SchemeDropped = "scheme.dropped" {}
}
