//! Photos and videos on their way from a phone to a case: drafts, bound by a command, swept when nobody binds them.
//!
//! An upload is prepared ([`crate::images`]), its bytes go to the object store under `tenant/hh/hash` (and `hash.480`,
//! `hash.160` for the smaller sizes), and a row makes it a *draft* of its uploader. A command binds drafts to what they
//! show. Names of files that people send are never used, not even read. Bytes never change: the hash is the ETag.
//!
//! A video is kept in the same way ([`crate::videos`]); its smaller sizes are a frame of it, as a picture.

mod check;
mod films;

pub use crate::videos::Media;
pub use films::{Incoming, Piece};

use crate::images::{self, LIMITS, Limits, Picture, Taken};
use crate::{Args, Sql, Store, Write, args, sql, videos};
use bytes::Bytes;
use jiff::tz::TimeZone;
use kernel::ids::{AccountId, AttachmentId, Uuid};
use kernel::{Code, Error, Instant, Kind, Result, TenantId, World, canonical::content_hash};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Key};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use tokio::sync::Semaphore;

/// A draft that isn't there any more, isn't the uploader's, or is bound already: it must be uploaded again.
pub const GONE: Code = Code::invalid("attachment.gone");
/// More photos at once than one step takes.
pub const TOO_MANY: Code = Code::invalid("attachment.too_many");
/// Photos are being prepared as fast as memory allows; try again.
pub const BUSY: Code = Code::new(Kind::Unavailable, "attachment.busy");

/// How many one command may bind.
pub const MAX_BOUND_AT_ONCE: usize = 20;
/// Decoded megabytes that may be in memory at once; a picture takes about twice its decoded size while it is prepared.
const MEMORY_MIB: u32 = 192;

/// How an installation treats photos and videos.
#[derive(Debug, Clone)]
pub struct Policy {
    pub limits: Limits,
    pub videos: videos::Limits,
    /// A picture taken longer before its upload than this is from the album, its time not verified.
    pub album_after_hours: i64,
    /// How long a draft waits to be bound.
    pub draft_hours: i64,
    /// Reads times of taking that name no offset.
    pub zone: TimeZone,
    /// Flush each object to disk before its upload is answered. Off for data that can be made again (the demo).
    pub flush: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            limits: LIMITS,
            videos: videos::LIMITS,
            album_after_hours: 24,
            draft_hours: 24,
            zone: TimeZone::fixed(jiff::tz::offset(8)),
            flush: true,
        }
    }
}

/// What a person sends. There is no file name: we have no use for it.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    pub bytes: Bytes,
    /// Time and place from the page that took the picture itself (its camera, not a chooser of files), where the file
    /// carries none: browsers strip them.
    pub captured: Taken,
}

/// A picture of the program's own making, three bytes a pixel.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
    pub taken: Taken,
}

/// Whether the time of taking can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Camera,
    /// Chosen from the album: shown with 时间未核.
    Album,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Longest side 1920 px.
    Full,
    /// Longest side 480 px.
    Thumb,
    /// Longest side 160 px, for lists.
    Small,
}

crate::row! {
    /// One photo or video as its row has it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Attachment {
        pub id: AttachmentId,
        /// SM3 of the full-size file; the ETag, and what a fact cites.
        pub hash: [u8; 32],
        pub kind: Media,
        /// Of a video.
        pub duration_ms: Option<i64>,
        pub width: u32,
        pub height: u32,
        pub bytes: i64,
        pub taken_at: Option<Instant>,
        pub time_verified: bool,
        /// 10⁻⁷ degrees, WGS-84.
        pub lng_e7: Option<i32>,
        pub lat_e7: Option<i32>,
        pub uploaded_by: Option<AccountId>,
        pub uploaded_at: Instant,
        pub bound_subject: Option<String>,
        pub bound_id: Option<Uuid>,
        pub role: Option<String>,
    }
}

impl Attachment {
    pub fn source(&self) -> Source {
        if self.time_verified { Source::Camera } else { Source::Album }
    }
    pub fn position(&self) -> Option<(i32, i32)> {
        self.lng_e7.zip(self.lat_e7)
    }
    pub fn etag(&self) -> String {
        format!("\"{}\"", hex::encode(self.hash))
    }
    /// Time and place of taking in digits (`2026-02-11 14:03 120.10000,35.94000`), for [`Attachments::stamped`]; a time
    /// that nobody verified ends in `?`. `None` when there is neither.
    pub fn caption(&self, zone: &TimeZone) -> Option<String> {
        let time = self.taken_at.map(|at| {
            let local = at.to_timestamp().to_zoned_datetime(zone.clone());
            format!("{}{}", local.strftime("%Y-%m-%d %H:%M"), if self.time_verified { "" } else { "?" })
        });
        let degrees = |e7: i32| {
            let parts = (i64::from(e7.unsigned_abs()) + 50) / 100;
            format!("{}{}.{:05}", if e7 < 0 { "-" } else { "" }, parts / 100_000, parts % 100_000)
        };
        let place = self.position().map(|(lng, lat)| format!("{},{}", degrees(lng), degrees(lat)));
        let parts: Vec<String> = time.into_iter().chain(place).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// A photo that a command has bound: what its fact says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    pub id: AttachmentId,
    pub hash: [u8; 32],
    pub time_verified: bool,
}

static FIND: Sql = sql!(
    "SELECT id, hash, kind, duration_ms, width, height, bytes, taken_at, time_verified, lng_e7, lat_e7, uploaded_by, uploaded_at, bound_subject, bound_id, role
    FROM attachment
    WHERE tenant_id = :tenant AND id = :id AND swept_at IS NULL"
);
static OF_SUBJECT: Sql = sql!(
    "SELECT id, hash, kind, duration_ms, width, height, bytes, taken_at, time_verified, lng_e7, lat_e7, uploaded_by, uploaded_at, bound_subject, bound_id, role
    FROM attachment
    WHERE tenant_id = :tenant AND bound_subject = :subject AND bound_id = :subject_id AND swept_at IS NULL
    ORDER BY role, ordinal, id
    LIMIT 500"
);
static INSERT: Sql = sql!(
    "INSERT INTO attachment (tenant_id, id, hash, kind, duration_ms, width, height, bytes, taken_at, time_verified, lng_e7, lat_e7, uploaded_by,
        uploaded_at, look)
    VALUES (:tenant, :id, :hash, :kind, :duration, :width, :height, :bytes, :taken_at, :time_verified, :lng, :lat, :account, :now, :look)"
);
static BIND: Sql = sql!(
    "UPDATE attachment
    SET bound_subject = :subject, bound_id = :subject_id, role = :role, ordinal = :ordinal
    WHERE tenant_id = :tenant AND id = :id AND uploaded_by = :account AND bound_id IS NULL AND swept_at IS NULL"
);
static BIND_NOBODYS: Sql = sql!(
    "UPDATE attachment
    SET bound_subject = :subject, bound_id = :subject_id, role = :role, ordinal = :ordinal
    WHERE tenant_id = :tenant AND id = :id AND uploaded_by IS NULL AND bound_id IS NULL AND swept_at IS NULL"
);
static COPY: Sql = sql!(
    "INSERT INTO attachment (tenant_id, id, hash, kind, duration_ms, width, height, bytes, taken_at, time_verified, lng_e7, lat_e7, uploaded_by,
        uploaded_at, bound_subject, bound_id, role, ordinal, look)
    SELECT tenant_id, :copy, hash, kind, duration_ms, width, height, bytes, taken_at, time_verified, lng_e7, lat_e7, uploaded_by,
        uploaded_at, bound_subject, :subject_id, role, ordinal, look
    FROM attachment
    WHERE tenant_id = :tenant AND id = :id"
);
static UNBIND: Sql = sql!(
    "UPDATE attachment
    SET bound_subject = NULL, bound_id = NULL, role = NULL, ordinal = NULL, swept_at = :now
    WHERE tenant_id = :tenant AND id = :id AND bound_subject = :subject AND bound_id = :subject_id"
);
static CLAIM_OLD_DRAFTS: Sql = sql!(
    "UPDATE attachment
    SET swept_at = :now
    WHERE tenant_id = :tenant AND bound_id IS NULL AND uploaded_at < :before AND swept_at IS NULL"
);
static CLAIMED: Sql = sql!(
    "SELECT id, hash
    FROM attachment
    WHERE tenant_id = :tenant AND bound_id IS NULL AND uploaded_at <= :now AND swept_at IS NOT NULL
    ORDER BY uploaded_at
    LIMIT 500"
);
static LOOKS: Sql = sql!(
    "SELECT id, uploaded_at, bound_id, role, look, width, height
    FROM attachment
    WHERE tenant_id = :tenant AND bound_subject = :subject AND look IS NOT NULL AND (uploaded_at, id) > (:at, :id) AND uploaded_at < :to
    ORDER BY bound_subject, uploaded_at, id
    LIMIT 5000"
);
static REFERENCES: Sql = sql!(
    "SELECT COUNT(*) AS n
    FROM attachment
    WHERE tenant_id = :tenant AND hash = :hash AND swept_at IS NULL"
);
static FORGET: Sql = sql!(
    "DELETE FROM attachment
    WHERE tenant_id = :tenant AND id = :id AND swept_at IS NOT NULL"
);

/// Binds drafts, in the order given, to what they show. Inside a command; the order is kept as `ordinal`.
///
/// `account` is the uploader (`None` for one without an account). Errors: [`GONE`] when any of them isn't an unbound
/// draft of a photo of theirs, [`TOO_MANY`] beyond [`MAX_BOUND_AT_ONCE`].
pub async fn bind(
    tx: &mut Write<'_>,
    drafts: &[AttachmentId],
    account: Option<AccountId>,
    subject: &str,
    subject_id: Uuid,
    role: &str,
) -> Result<Vec<Bound>> {
    kernel::ensure(drafts.len() <= MAX_BOUND_AT_ONCE, Error::from(TOO_MANY).arg("limit", MAX_BOUND_AT_ONCE))?;
    let (mut bound, mut seen) = (Vec::new(), BTreeSet::new());
    for id in drafts.iter().filter(|id| seen.insert(**id)) {
        let row = bind_one(tx, *id, account, subject, subject_id, role, bound.len() as i64).await?;
        kernel::ensure(!row.kind.is_video(), GONE)?;
        bound.push(Bound { id: *id, hash: row.hash, time_verified: row.time_verified });
    }
    Ok(bound)
}

/// Binds the draft of a video, behind the photos of its role. Errors: [`GONE`] when it is none of theirs.
pub async fn bind_video(
    tx: &mut Write<'_>,
    draft: AttachmentId,
    account: Option<AccountId>,
    subject: &str,
    subject_id: Uuid,
    role: &str,
) -> Result<Bound> {
    let row = bind_one(tx, draft, account, subject, subject_id, role, MAX_BOUND_AT_ONCE as i64).await?;
    kernel::ensure(row.kind.is_video(), GONE)?;
    Ok(Bound { id: draft, hash: row.hash, time_verified: row.time_verified })
}

async fn bind_one(
    tx: &mut Write<'_>,
    id: AttachmentId,
    account: Option<AccountId>,
    subject: &str,
    subject_id: Uuid,
    role: &str,
    ordinal: i64,
) -> Result<Attachment> {
    let tenant = tx.tenant();
    let mut values = args! { tenant: tenant, id: id, subject: subject, subject_id: subject_id, role: role, ordinal: ordinal };
    let change = match account {
        Some(account) => {
            values = values.with("account", account);
            &BIND
        }
        None => &BIND_NOBODYS,
    };
    tx.change_one(change, values).await?.or(GONE)?;
    tx.one(&FIND, args! { tenant: tenant, id: id }).await
}

/// Lets the photos and the video of one subject in this role show another of the same kind too; the file is kept once.
///
/// Inside a command. Gives the copies in the order of the originals, each with what it is.
pub async fn copy(tx: &mut Write<'_>, subject: &str, from: Uuid, to: Uuid, role: &str) -> Result<Vec<(Media, Bound)>> {
    let tenant = tx.tenant();
    let photos: Vec<Attachment> = tx.all(&OF_SUBJECT, args! { tenant: tenant, subject: subject, subject_id: from }).await?;
    let mut copies = Vec::new();
    for photo in photos.iter().filter(|photo| photo.role.as_deref() == Some(role)) {
        let id: AttachmentId = tx.new_id();
        tx.exec(&COPY, args! { tenant: tenant, id: photo.id, copy: id, subject_id: to }).await?;
        copies.push((photo.kind, Bound { id, hash: photo.hash, time_verified: photo.time_verified }));
    }
    Ok(copies)
}

/// Takes a photo away from what it shows; the sweep then removes the file, unless the tenant has it elsewhere too.
///
/// Inside a command. Errors: [`GONE`] when it isn't bound there.
pub async fn unbind(tx: &mut Write<'_>, id: AttachmentId, subject: &str, subject_id: Uuid) -> Result<()> {
    let values = args! { tenant: tx.tenant(), id: id, subject: subject, subject_id: subject_id, now: tx.now() };
    tx.change_one(&UNBIND, values).await?.or(GONE)
}

/// The photos of a subject, by role and then in the order in which they were bound.
pub async fn of_subject(store: &Store, tenant: TenantId, subject: &str, subject_id: Uuid) -> Result<Vec<Attachment>> {
    store.all(&OF_SUBJECT, args! { tenant: tenant, subject: subject, subject_id: subject_id }).await
}

crate::row! {
    struct LookRow {
        id: AttachmentId,
        uploaded_at: Instant,
        bound_id: Option<Uuid>,
        role: Option<String>,
        look: Option<i64>,
        width: u32,
        height: u32,
    }
}

/// What one picture looks like, and what it shows in which role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub subject: Uuid,
    pub role: String,
    pub at: Instant,
    /// By [`images::pairs`] it is held against others.
    pub bits: u64,
    pub width: u32,
    pub height: u32,
}

/// The looks of all pictures of such subjects that were sent in `[from, to)`, in the order of their sending. Pictures of before looks
/// were kept have none, nor have videos and pictures that show next to nothing.
pub async fn looks(store: &Store, tenant: TenantId, subject: &str, from: Instant, to: Instant) -> Result<Vec<Look>> {
    let (mut all, mut at, mut id) = (Vec::new(), Instant(from.0 - 1), AttachmentId(Uuid::max()));
    loop {
        let rows: Vec<LookRow> = store.all(&LOOKS, args! { tenant: tenant, subject: subject, at: at, id: id, to: to }).await?;
        let Some(last) = rows.last() else { return Ok(all) };
        (at, id) = (last.uploaded_at, last.id);
        all.extend(rows.into_iter().filter_map(|row| {
            let (subject, role, bits) = (row.bound_id?, row.role?, row.look?.cast_unsigned());
            Some(Look { subject, role, at: row.uploaded_at, bits, width: row.width, height: row.height })
        }));
    }
}

/// One photo, draft or bound; whether this person may see it is the caller's to ask. `None` when it is gone.
pub async fn find(store: &Store, tenant: TenantId, id: AttachmentId) -> Result<Option<Attachment>> {
    store.opt(&FIND, args! { tenant: tenant, id: id }).await
}

/// Those of `ids` that are still unbound drafts of this uploader, in the order given: for a form that is shown again.
pub async fn drafts(store: &Store, tenant: TenantId, account: Option<AccountId>, ids: &[AttachmentId]) -> Result<Vec<Attachment>> {
    let mut still_there = Vec::new();
    for id in ids.iter().take(MAX_BOUND_AT_ONCE) {
        let row = find(store, tenant, *id).await?;
        still_there.extend(row.filter(|row| row.uploaded_by == account && row.bound_id.is_none()));
    }
    Ok(still_there)
}

/// The object store and the memory that preparing photos may use. Cheap to clone.
#[derive(Clone)]
pub struct Attachments(Arc<Inner>);

type Lock = tokio::sync::Mutex<()>;
type Locks = BTreeMap<(TenantId, [u8; 32]), Weak<Lock>>;

struct Inner {
    objects: Arc<dyn ObjectStore>,
    world: World,
    policy: Policy,
    memory: Arc<Semaphore>,
    /// Where what comes in lies until it is whole; the system's own place where there is no folder.
    folder: Option<PathBuf>,
    /// One lock a hash, so that the sweep does not remove what an upload of the same picture is just putting back.
    locks: Mutex<Locks>,
}

impl Attachments {
    /// Objects under `<data>/objects`, made when it isn't there.
    pub fn open(data: &Path, world: World, policy: Policy) -> Result<Self> {
        let root = data.join("objects");
        std::fs::create_dir_all(&root).map_err(|error| Error::internal(format!("{}: {error}", root.display())))?;
        let objects = LocalFileSystem::new_with_prefix(&root).map_err(Error::internal)?.with_fsync(policy.flush);
        Ok(Attachments::made(Arc::new(objects), world, policy, Some(root)))
    }

    /// Over any object store.
    pub fn over(objects: Arc<dyn ObjectStore>, world: World, policy: Policy) -> Self {
        Attachments::made(objects, world, policy, None)
    }

    fn made(objects: Arc<dyn ObjectStore>, world: World, policy: Policy, folder: Option<PathBuf>) -> Self {
        let memory = Arc::new(Semaphore::new(MEMORY_MIB as usize));
        Attachments(Arc::new(Inner { objects, world, policy, memory, folder, locks: Mutex::default() }))
    }

    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Prepares a picture and keeps it as a draft of its uploader.
    ///
    /// Errors: those of [`images::inspect`]; [`BUSY`] when it waits longer than half a minute for memory.
    pub async fn draft(&self, store: &Store, tenant: TenantId, account: Option<AccountId>, upload: Upload) -> Result<Attachment> {
        let mut picture = self.prepare(upload.bytes).await?;
        picture.taken.at = picture.taken.at.or(upload.captured.at);
        picture.taken.position = picture.taken.position.or(upload.captured.position);
        self.keep(store, tenant, account, picture).await
    }

    /// Keeps a picture that the program drew itself (the demo's) as a draft, without decoding anything.
    pub async fn draft_drawn(&self, store: &Store, tenant: TenantId, account: Option<AccountId>, drawing: Drawing) -> Result<Attachment> {
        let Drawing { width, height, rgb, taken } = drawing;
        let mib = u32::try_from(rgb.len() >> 19).unwrap_or(MEMORY_MIB).clamp(1, MEMORY_MIB);
        let picture = self.within_memory(mib, move || images::drawn(width, height, rgb, taken)).await?;
        self.keep(store, tenant, account, picture).await
    }

    async fn keep(&self, store: &Store, tenant: TenantId, account: Option<AccountId>, picture: Picture) -> Result<Attachment> {
        let now = self.0.world.now();
        let (taken, look) = (picture.taken, picture.look);
        let row = Attachment {
            id: self.0.world.new_id(),
            hash: content_hash(&picture.full),
            kind: Media::Image,
            duration_ms: None,
            width: picture.width,
            height: picture.height,
            bytes: picture.full.len() as i64,
            taken_at: taken.at,
            time_verified: taken.at.is_some_and(|at| is_fresh(at, now, self.0.policy.album_after_hours)),
            lng_e7: taken.position.map(|(lng, _)| lng),
            lat_e7: taken.position.map(|(_, lat)| lat),
            uploaded_by: account,
            uploaded_at: now,
            bound_subject: None,
            bound_id: None,
            role: None,
        };
        let lock = self.lock(tenant, row.hash);
        let _held = lock.lock().await;
        // Objects first: a row never points at nothing. What a crash leaves without a row is found by the same hash again.
        self.put(tenant, &row.hash, picture).await?;
        store.housekeep(&INSERT, insert_args(tenant, &row, look)).await?;
        Ok(row)
    }

    async fn prepare(&self, bytes: Bytes) -> Result<Picture> {
        let limits = self.0.policy.limits;
        let header = images::inspect(&bytes, &limits)?;
        let mib = u32::try_from((header.decoded_bytes * 2) >> 20).unwrap_or(MEMORY_MIB).clamp(1, MEMORY_MIB);
        let zone = self.0.policy.zone.clone();
        self.within_memory(mib, move || images::prepare(&bytes, &limits, &zone)).await
    }

    /// Works on a thread of its own as soon as so much memory is free.
    async fn within_memory<T: Send + 'static>(&self, mib: u32, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let waiting = self.0.memory.clone().acquire_many_owned(mib);
        let Ok(memory) = tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await else { return Err(BUSY.into()) };
        let memory = memory.map_err(Error::internal)?;
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(memory);
            done
        });
        working.await.map_err(Error::internal)?
    }

    async fn put(&self, tenant: TenantId, hash: &[u8; 32], picture: Picture) -> Result<()> {
        let put = |size: Size, bytes: Vec<u8>| {
            let objects = self.0.objects.clone();
            let key = key(tenant, hash, size);
            async move { objects.put(&key, bytes.into()).await.map(drop).map_err(Error::unavailable) }
        };
        // The full size last: where it is, the others are.
        futures::try_join!(put(Size::Small, picture.small), put(Size::Thumb, picture.thumb))?;
        put(Size::Full, picture.full).await
    }

    /// The bytes of a photo, always `image/jpeg` and for ever the same; in full, a video's own. 404 when they are gone.
    pub async fn read(&self, tenant: TenantId, hash: &[u8; 32], size: Size) -> Result<Bytes> {
        match self.0.objects.get(&key(tenant, hash, size)).await {
            Ok(found) => found.bytes().await.map_err(Error::unavailable),
            Err(object_store::Error::NotFound { path, .. }) => Err(Error::not_found().detail(format!("no object {path}"))),
            Err(error) => Err(Error::unavailable(error)),
        }
    }

    /// The full size with time and place of taking burnt into its lower left corner, for files that leave the house.
    pub async fn stamped(&self, tenant: TenantId, photo: &Attachment) -> Result<Bytes> {
        let plain = self.read(tenant, &photo.hash, Size::Full).await?;
        let Some(caption) = photo.caption(&self.0.policy.zone) else { return Ok(plain) };
        self.within_memory(16, move || images::stamp(&plain, &caption)).await.map(Bytes::from)
    }

    /// Removes drafts that nobody bound in time, and photos that were unbound; the number removed.
    ///
    /// A row is claimed first, so that no command can bind it while its file goes; then the file, unless another row
    /// of the tenant has the same content; then the row. A crash between any two is mended by the next sweep.
    pub async fn sweep(&self, store: &Store, tenant: TenantId) -> Result<usize> {
        let now = self.0.world.now();
        let before = now.plus_seconds(-self.0.policy.draft_hours * 3600);
        store.housekeep(&CLAIM_OLD_DRAFTS, args! { tenant: tenant, now: now, before: before }).await?;
        let claimed: Vec<(AttachmentId, [u8; 32])> = store.all(&CLAIMED, args! { tenant: tenant, now: now }).await?;
        for (id, hash) in &claimed {
            let lock = self.lock(tenant, *hash);
            let _held = lock.lock().await;
            let (others,): (i64,) = store.one(&REFERENCES, args! { tenant: tenant, hash: hash }).await?;
            if others == 0 {
                for size in [Size::Full, Size::Thumb, Size::Small] {
                    match self.0.objects.delete(&key(tenant, hash, size)).await {
                        Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                        Err(error) => return Err(Error::unavailable(error)),
                    }
                }
            }
            store.housekeep(&FORGET, args! { tenant: tenant, id: id }).await?;
        }
        Ok(claimed.len())
    }

    fn lock(&self, tenant: TenantId, hash: [u8; 32]) -> Arc<Lock> {
        let mut locks = self.0.locks.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        locks.retain(|_, lock| lock.strong_count() > 0);
        if let Some(lock) = locks.get(&(tenant, hash)).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::new(Lock::new(()));
        locks.insert((tenant, hash), Arc::downgrade(&lock));
        lock
    }

    pub(crate) fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.0.objects
    }
}

/// A clock may be a few minutes ahead of ours; a picture from tomorrow isn't from the camera just now.
fn is_fresh(taken: Instant, uploaded: Instant, hours: i64) -> bool {
    taken >= uploaded.plus_seconds(-hours * 3600) && taken <= uploaded.plus_seconds(600)
}

/// `look` is what a picture looks like.
fn insert_args(tenant: TenantId, row: &Attachment, look: Option<u64>) -> Args {
    args! {
        tenant: tenant, id: row.id, hash: row.hash, kind: row.kind, duration: row.duration_ms, width: row.width, height: row.height, bytes: row.bytes,
        taken_at: row.taken_at, time_verified: row.time_verified, lng: row.lng_e7, lat: row.lat_e7,
        account: row.uploaded_by, now: row.uploaded_at, look: look.map(u64::cast_signed),
    }
}

pub(crate) fn key(tenant: TenantId, hash: &[u8; 32], size: Size) -> Key {
    let hash = hex::encode(hash);
    let suffix = match size {
        Size::Full => "",
        Size::Thumb => ".480",
        Size::Small => ".160",
    };
    Key::from(format!("{tenant}/{}/{hash}{suffix}", &hash[..2]))
}

#[cfg(test)]
mod tests;
