//! Reading the journal by position: each reader has a cursor, sees every fact once and in order, and misses none.

use super::FactRow;
use crate::{Sql, Store, args, sql};
use kernel::{Result, TenantId};

static CURSOR: Sql = sql!(
    "SELECT position
    FROM consumer_cursor
    WHERE tenant_id = :tenant AND consumer = :consumer"
);
static AFTER: Sql = sql!(
    "SELECT id, command_id, ordinal, kind, kind_version, subject, subject_id, actor_id, on_behalf_of, place_id, organisation_id,
        happened_at, recorded_at, data, position
    FROM fact
    WHERE tenant_id = :tenant AND position >= :position
    ORDER BY position
    LIMIT :limit"
);
static MOVE: Sql = sql!(
    "UPDATE consumer_cursor
    SET position = :position
    WHERE tenant_id = :tenant AND consumer = :consumer AND position < :position"
);
static BEGIN: Sql = sql!(
    "INSERT INTO consumer_cursor (tenant_id, consumer, position)
    VALUES (:tenant, :consumer, :position)
    ON CONFLICT (tenant_id, consumer) DO NOTHING"
);

static BEHIND: Sql = sql!(
    "SELECT h.tenant_id
    FROM journal_head h
    LEFT JOIN consumer_cursor c ON c.tenant_id = h.tenant_id AND c.consumer = :consumer
    WHERE h.size > COALESCE(c.position, 0)
    ORDER BY h.tenant_id
    LIMIT 1000"
);
static KINDS: Sql = sql!(
    "SELECT position, kind
    FROM fact
    WHERE tenant_id = :tenant AND position >= :position
    ORDER BY position
    LIMIT :limit"
);

impl Store {
    /// Tenants with sealed facts that this reader has not read.
    pub async fn behind(&self, consumer: &str) -> Result<Vec<TenantId>> {
        Ok(self.all::<(TenantId,)>(&BEHIND, args! { consumer: consumer }).await?.into_iter().map(|(tenant,)| tenant).collect())
    }

    /// Position and kind of the next sealed facts for this reader, oldest first: for those who need few of many.
    pub async fn kinds_unread(&self, tenant: TenantId, consumer: &str, limit: u16) -> Result<Vec<(i64, String)>> {
        let cursor: Option<(i64,)> = self.opt(&CURSOR, args! { tenant: tenant, consumer: consumer }).await?;
        let position = cursor.map_or(0, |(position,)| position);
        self.all(&KINDS, args! { tenant: tenant, position: position, limit: limit }).await
    }

    /// The next sealed facts for this reader, oldest first, at most `limit`; from the beginning when it has never read.
    pub async fn consume(&self, tenant: TenantId, consumer: &str, limit: u16) -> Result<Vec<FactRow>> {
        let cursor: Option<(i64,)> = self.opt(&CURSOR, args! { tenant: tenant, consumer: consumer }).await?;
        let position = cursor.map_or(0, |(position,)| position);
        self.facts_from(tenant, position, limit).await
    }

    /// Sealed facts from a position on, at most `limit`.
    pub async fn facts_from(&self, tenant: TenantId, position: i64, limit: u16) -> Result<Vec<FactRow>> {
        self.all(&AFTER, args! { tenant: tenant, position: position, limit: limit }).await
    }

    /// This reader is done with everything up to and including the fact at `position`; a cursor never goes back.
    ///
    /// Done after the work, so that a crash between the two repeats a fact: what a reader does must bear that.
    pub async fn advance(&self, tenant: TenantId, consumer: &str, position: i64) -> Result<()> {
        let values = args! { tenant: tenant, consumer: consumer, position: position + 1 };
        if self.housekeep(&MOVE, values.clone()).await? == 0 {
            self.housekeep(&BEGIN, values).await?;
        }
        Ok(())
    }
}
