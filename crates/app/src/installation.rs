//! One installation on disk: its configuration, database, photos and signing key, opened together.

use crate::config::Loaded;
use kernel::{Code, Result, TenantId, World};
use std::path::{Path, PathBuf};
use store::attachments::{Attachments, Policy};
use store::journal::Signer;
use store::{Sql, Store, StoreConfig, args, sql};

/// No tenant has this slug.
pub const NO_TENANT: Code = Code::not_found("tenant.unknown");

static TENANTS: Sql = sql!(
    "SELECT id, slug, name
    FROM tenant
    ORDER BY id
    LIMIT 10000"
);

store::row! {
    /// A sub-district, town or district of the installation.
    #[derive(Debug, Clone)]
    pub struct Tenant {
        pub id: TenantId,
        pub slug: String,
        pub name: String,
    }
}

pub struct Installation {
    pub data: PathBuf,
    pub loaded: Loaded,
    pub store: Store,
    pub attachments: Attachments,
    pub signer: Signer,
    pub key_file: PathBuf,
}

impl Installation {
    /// Opens what is in `data`, and makes what is missing; migrations are not applied.
    pub async fn open(data: &Path, loaded: Loaded, world: World, policy: Policy) -> Result<Installation> {
        std::fs::create_dir_all(data).map_err(kernel::Error::unavailable)?;
        let url = Some(loaded.config.database.url.clone()).filter(|url| !url.is_empty());
        let store = Store::open(&StoreConfig { data: data.to_owned(), url }, world.clone()).await?;
        let attachments = Attachments::open(data, world.clone(), policy)?;
        let key_file = data.join(&loaded.config.journal.key);
        let signer = Signer::open(&key_file, &world)?;
        Ok(Installation { data: data.to_owned(), loaded, store, attachments, signer, key_file })
    }
    /// All tenants, or the one with this slug. Errors: [`NO_TENANT`].
    pub async fn tenants(&self, slug: Option<&str>) -> Result<Vec<Tenant>> {
        let all = self.store.all::<Tenant>(&TENANTS, args! {}).await?;
        match slug {
            None => Ok(all),
            Some(slug) => match all.into_iter().find(|tenant| tenant.slug == slug) {
                Some(tenant) => Ok(vec![tenant]),
                None => Err(NO_TENANT.err().arg("slug", slug)),
            },
        }
    }
}
