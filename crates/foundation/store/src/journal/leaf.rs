//! A fact as it is read back, and the bytes that stand for it in the tree.

use kernel::ids::{AccountId, CommandId, FactId, OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use serde::{Deserialize, Serialize};

crate::row! {
    /// One entry of the journal; `position` is `None` until it is sealed.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct FactRow {
        pub id: FactId,
        pub command_id: CommandId,
        pub ordinal: i64,
        pub kind: String,
        pub kind_version: i64,
        pub subject: String,
        pub subject_id: Uuid,
        pub actor_id: Option<AccountId>,
        pub on_behalf_of: Option<AccountId>,
        pub place_id: Option<PlaceId>,
        pub organisation_id: Option<OrganisationId>,
        pub happened_at: Option<Instant>,
        pub recorded_at: Instant,
        pub data: String,
        pub position: Option<i64>,
    }
}

impl FactRow {
    /// `data` as JSON; 500 when the row holds something else.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.data).map_err(|error| kernel::Error::internal(format!("fact {}: {error}", self.id)))
    }

    /// The bytes of the leaf: every column but the position, which is the leaf's place in the tree.
    ///
    /// `XHF1`, then in this order: tenant (i64), id (16 bytes), command id (16), ordinal (i64), kind (text), kind version
    /// (i64), subject (text), subject id (16), actor, on behalf of, place, organisation (optional ids), happened at
    /// (optional i64), recorded at (i64), data (text). Numbers are big-endian two's complement; a text is its length in
    /// bytes as u32, then UTF-8; an optional value is one byte 0, or one byte 1 and the value.
    pub fn leaf(&self, tenant: TenantId) -> Vec<u8> {
        let mut out = Vec::with_capacity(192 + self.data.len());
        out.extend_from_slice(b"XHF1");
        let number = |out: &mut Vec<u8>, number: i64| out.extend_from_slice(&number.to_be_bytes());
        let text = |out: &mut Vec<u8>, text: &str| {
            // A fact of 4 GiB cannot be written: `data` is bounded when it is recorded.
            out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        };
        let optional = |out: &mut Vec<u8>, bytes: Option<&[u8]>| {
            out.push(u8::from(bytes.is_some()));
            out.extend_from_slice(bytes.unwrap_or_default());
        };
        number(&mut out, tenant.0);
        out.extend_from_slice(self.id.0.as_bytes());
        out.extend_from_slice(self.command_id.0.as_bytes());
        number(&mut out, self.ordinal);
        text(&mut out, &self.kind);
        number(&mut out, self.kind_version);
        text(&mut out, &self.subject);
        out.extend_from_slice(self.subject_id.as_bytes());
        optional(&mut out, self.actor_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
        optional(&mut out, self.on_behalf_of.as_ref().map(|id| id.0.as_bytes().as_slice()));
        optional(&mut out, self.place_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
        optional(&mut out, self.organisation_id.as_ref().map(|id| id.0.as_bytes().as_slice()));
        optional(&mut out, self.happened_at.map(|at| at.0.to_be_bytes()).as_ref().map(<[u8; 8]>::as_slice));
        number(&mut out, self.recorded_at.0);
        text(&mut out, &self.data);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact() -> FactRow {
        FactRow {
            id: Uuid::from_u128(1).into(),
            command_id: Uuid::from_u128(2).into(),
            ordinal: 0,
            kind: "case.closed".into(),
            kind_version: 1,
            subject: "case".into(),
            subject_id: Uuid::from_u128(3),
            actor_id: None,
            on_behalf_of: None,
            place_id: Some(Uuid::from_u128(4).into()),
            organisation_id: None,
            happened_at: Some(Instant(5)),
            recorded_at: Instant(6),
            data: "{}".into(),
            position: None,
        }
    }

    #[test]
    fn the_leaf_has_the_documented_bytes() {
        let expected = [
            "58484631",
            "0000000000000007",
            "00000000000000000000000000000001",
            "00000000000000000000000000000002",
            "0000000000000000",
            "0000000b",
            "636173652e636c6f736564",
            "0000000000000001",
            "00000004",
            "63617365",
            "00000000000000000000000000000003",
            "00",
            "00",
            "01",
            "00000000000000000000000000000004",
            "00",
            "01",
            "0000000000000005",
            "0000000000000006",
            "00000002",
            "7b7d",
        ];
        assert_eq!(hex::encode(fact().leaf(TenantId(7))), expected.concat());
    }

    #[test]
    fn a_value_moved_to_another_column_gives_another_leaf() {
        let plain = fact();
        let moved = FactRow { place_id: None, organisation_id: Some(Uuid::from_u128(4).into()), ..plain.clone() };
        let longer = FactRow { kind: "case.closedcase".into(), subject: String::new(), ..plain.clone() };
        assert_ne!(plain.leaf(TenantId(7)), moved.leaf(TenantId(7)));
        assert_ne!(plain.leaf(TenantId(7)), longer.leaf(TenantId(7)));
        assert_ne!(plain.leaf(TenantId(7)), plain.leaf(TenantId(8)));
        // The position is the leaf's place, not its content.
        assert_eq!(plain.leaf(TenantId(7)), FactRow { position: Some(9), ..plain.clone() }.leaf(TenantId(7)));
    }
}
