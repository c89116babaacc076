//! One installation on disk: its configuration, database, photos and signing key, opened together.

use crate::config::Loaded;
use kernel::{Code, Result, TenantId, World};
use std::path::{Path, PathBuf};
use store::attachments::{Attachments, Policy};
use store::journal::Signer;
use store::{Sql, Store, StoreConfig, args, sql};

/// No tenant has this slug.
pub const NO_TENANT: Code = Code::not_found("tenant.unknown");

/// Nothing is here that could be looked at.
pub const NONE: Code = Code::not_found("installation.none");
/// The data folder is no folder, or not ours to write.
pub const BAD_FOLDER: Code = Code::invalid("installation.folder");
/// The database has to be brought up to date first.
pub const NOT_MIGRATED: Code = Code::conflict("installation.not_migrated");

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

/// What a database must have been brought up to before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AtLeast {
    Nothing,
    SomeVersion,
    ThisVersion,
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
        std::fs::create_dir_all(data).map_err(|error| BAD_FOLDER.err().arg("folder", data.display()).detail(error))?;
        let url = Some(loaded.config.database.url.clone()).filter(|url| !url.is_empty());
        let store = Store::open(&StoreConfig { data: data.to_owned(), url }, world.clone()).await?;
        let attachments = Attachments::open(data, world.clone(), policy)?;
        let key_file = data.join(&loaded.config.journal.key);
        let signer = Signer::open(&key_file, &world)?;
        Ok(Installation { data: data.to_owned(), loaded, store, attachments, signer, key_file })
    }
    /// What is in `data` already; makes nothing, and never looks at half of it. Errors: [`NONE`], [`NOT_MIGRATED`].
    pub async fn existing(data: &Path, loaded: Loaded, world: World, policy: Policy, at_least: AtLeast) -> Result<Installation> {
        let none = || NONE.err().arg("folder", data.display());
        kernel::ensure(!loaded.config.database.url.is_empty() || data.join(store::SQLITE_FILE).is_file(), none())?;
        let place = Installation::open(data, loaded, world, policy).await?;
        let pending = place.store.pending_migrations().await?.len();
        kernel::ensure(at_least == AtLeast::Nothing || pending < store::migrate::all().len(), none())?;
        kernel::ensure(at_least < AtLeast::ThisVersion || pending == 0, NOT_MIGRATED.err().arg("count", pending))?;
        Ok(place)
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
