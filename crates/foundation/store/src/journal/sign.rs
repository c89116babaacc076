//! Tree heads signed with the installation's SM2 key, so that nobody can rewrite the journal without the key's holder.
//!
//! The private key is one file (mode 0600), made at the first start and never in a backup. Beside it lie the public keys that
//! this installation trusts: its own, those it signed with before, and those that came with a restored backup.

use super::seal::{as_row, as_size};
use crate::{Sql, Store, args, sql};
use kernel::merkle::Hash;
use kernel::sign::{KeyId, Signature, SignedTreeHead, SigningKey, TreeHead, VerifyingKey};
use kernel::{Error, Instant, Result, TenantId, World};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

static KEPT: Sql = sql!(
    "SELECT size, root, signed_at, key_id, signature
    FROM tree_head
    WHERE tenant_id = :tenant AND size = :size"
);
// Never below a head that is signed: which head is the first beyond a fact must stay the same for ever, as papers name it.
static KEEP: Sql = sql!(
    "INSERT INTO tree_head (tenant_id, size, root, signed_at, key_id, signature)
    SELECT :tenant, :size, :root, :now, :key_id, :signature
    WHERE NOT EXISTS (SELECT 1 FROM tree_head WHERE tenant_id = :tenant AND size > :size)
    ON CONFLICT (tenant_id, size) DO NOTHING"
);
static FIRST_BEYOND: Sql = sql!(
    "SELECT size, root, signed_at, key_id, signature
    FROM tree_head
    WHERE tenant_id = :tenant AND size > :position
    ORDER BY size
    LIMIT 1"
);
static LATEST: Sql = sql!(
    "SELECT size, root, signed_at, key_id, signature
    FROM tree_head
    WHERE tenant_id = :tenant AND size >= 0
    ORDER BY size DESC
    LIMIT 1"
);
static BETWEEN: Sql = sql!(
    "SELECT size, root, signed_at, key_id, signature
    FROM tree_head
    WHERE tenant_id = :tenant AND size > :after AND size <= :to
    ORDER BY size
    LIMIT 2000"
);

crate::row! {
    struct HeadRow {
        size: i64,
        root: [u8; 32],
        signed_at: Instant,
        key_id: String,
        signature: Vec<u8>,
    }
}

/// "At this instant, this tenant's journal had so many facts and this root", signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    pub tenant: TenantId,
    pub size: u64,
    #[serde(with = "hexed")]
    pub root: Vec<u8>,
    pub signed_at: Instant,
    pub key_id: String,
    #[serde(with = "hexed")]
    pub signature: Vec<u8>,
}

impl SignedHead {
    /// Whether the key, which must be the one that the head names, signed it ([`TreeHead::to_bytes`]).
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let (Ok(root), Ok(signature)) = (self.root.as_slice().try_into(), Signature::from_slice(&self.signature)) else {
            return false;
        };
        let head = TreeHead { tenant: self.tenant, size: self.size, root, sealed_at: self.signed_at };
        SignedTreeHead { head, key_id: KeyId(self.key_id.clone()), signature }.verify(key).is_ok()
    }
}

impl HeadRow {
    fn signed(self, tenant: TenantId) -> Result<SignedHead> {
        let HeadRow { size, root, signed_at, key_id, signature } = self;
        Ok(SignedHead { tenant, size: as_size(size)?, root: root.to_vec(), signed_at, key_id, signature })
    }
}

/// The newest signed head of a tenant's journal.
pub async fn latest(store: &Store, tenant: TenantId) -> Result<Option<SignedHead>> {
    let row: Option<HeadRow> = store.opt(&LATEST, args! { tenant: tenant }).await?;
    row.map(|row| row.signed(tenant)).transpose()
}

/// The first signed head of a journal that has an entry at this position.
pub(super) async fn first_beyond(store: &Store, tenant: TenantId, position: u64) -> Result<Option<SignedHead>> {
    let row: Option<HeadRow> = store.opt(&FIRST_BEYOND, args! { tenant: tenant, position: as_row(position)? }).await?;
    row.map(|row| row.signed(tenant)).transpose()
}

/// Signed heads of a size after `after` and up to `to`, smallest first, at most 2,000.
pub async fn heads_between(store: &Store, tenant: TenantId, after: u64, to: u64) -> Result<Vec<SignedHead>> {
    let values = args! { tenant: tenant, after: as_row(after)?, to: as_row(to)? };
    let rows: Vec<HeadRow> = store.all(&BETWEEN, values).await?;
    rows.into_iter().map(|row| row.signed(tenant)).collect()
}

/// The key that signs, and the keys that are trusted.
pub struct Signer {
    key: SigningKey,
    trusted: BTreeMap<String, VerifyingKey>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("key", &self.key).field("trusted", &self.trusted.keys().collect::<Vec<_>>()).finish()
    }
}

impl Signer {
    /// Reads the private key at `path`, or makes one there (mode 0600) with its public key beside it.
    ///
    /// Every `*.pub` in the same folder is trusted; a private key is replaced by moving its file away (rotation).
    pub fn open(path: &Path, world: &World) -> Result<Self> {
        let key = match std::fs::read_to_string(path) {
            Ok(pem) => SigningKey::parse(&pem)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = SigningKey::generate(&world.entropy);
                write_private(path, &key.to_pem()?).map_err(|error| unreadable(path, error))?;
                key
            }
            Err(error) => return Err(unreadable(path, error)),
        };
        trust(path, key.verifying_key())?;
        let mut trusted = BTreeMap::new();
        for entry in std::fs::read_dir(folder(path)).map_err(|error| unreadable(path, error))? {
            let file = entry.map_err(|error| unreadable(path, error))?.path();
            if file.extension().is_some_and(|extension| extension == "pub") {
                let pem = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, error))?;
                let public = VerifyingKey::parse(&pem).map_err(|error| Error::from(error).detail(file.display()))?;
                trusted.insert(public.id().0.clone(), public);
            }
        }
        Ok(Signer { key, trusted })
    }

    /// A key in memory alone, for tests.
    pub fn in_memory(world: &World) -> Self {
        let key = SigningKey::generate(&world.entropy);
        let public = key.verifying_key().clone();
        Signer { trusted: BTreeMap::from([(public.id().0.clone(), public)]), key }
    }

    pub fn id(&self) -> &str {
        &self.key.id().0
    }

    /// The public keys by which heads are checked, by their ids.
    pub fn trusted(&self) -> &BTreeMap<String, VerifyingKey> {
        &self.trusted
    }

    /// The head of this size, signed now unless it was signed before; the newest one where a larger one was signed meanwhile.
    pub(super) async fn keep(&self, store: &Store, tenant: TenantId, size: u64, root: Hash) -> Result<SignedHead> {
        let wanted = args! { tenant: tenant, size: as_row(size)? };
        if let Some(kept) = store.opt::<HeadRow>(&KEPT, wanted.clone()).await? {
            return kept.signed(tenant);
        }
        let now = store.world().now();
        let signed = self.key.sign_head(TreeHead { tenant, size, root, sealed_at: now })?;
        let values = wanted.clone().with("root", root).with("now", now).with("key_id", self.id()).with("signature", signed.signature.0);
        store.housekeep(&KEEP, values).await?;
        // Another process may have signed the same size in the meantime; both signatures are good, one is kept.
        match store.opt::<HeadRow>(&KEPT, wanted).await? {
            Some(kept) => kept.signed(tenant),
            None => latest(store, tenant).await?.ok_or_else(Error::not_found),
        }
    }
}

/// Puts a public key beside the private key at `path`, so that heads it signed are believed.
pub fn trust(path: &Path, key: &VerifyingKey) -> Result<()> {
    let file = folder(path).join(format!("{}.pub", key.id()));
    if file.exists() {
        return Ok(());
    }
    let pem = key.to_pem()?;
    std::fs::create_dir_all(folder(path)).and_then(|()| std::fs::write(&file, pem)).map_err(|error| unreadable(&file, error))
}

fn folder(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")).to_owned()
}

/// Written under another name first, and for the owner alone from the first byte on.
fn write_private(path: &Path, pem: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = folder(path);
    std::fs::create_dir_all(&folder)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    std::fs::File::open(&folder)?.sync_all()
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::internal(format!("{}: {error}", path.display()))
}

/// Bytes as hex text in JSON.
pub(super) mod hexed {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&hex::encode(bytes))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}
