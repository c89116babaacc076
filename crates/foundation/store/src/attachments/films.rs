//! Videos among the attachments: received into a file, prepared within memory, read by pieces, taken to another tenant.

use super::{Attachment, Attachments, BUSY, INSERT, MEMORY_MIB, Size, insert_args, key};
use crate::images::{self, Picture, Taken};
use crate::{Store, videos};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use kernel::canonical::content_hash;
use kernel::ids::AccountId;
use kernel::{Error, Result, TenantId, ensure};
use object_store::{GetOptions, ObjectStore, PutMode, PutOptions};
use std::ops::Range;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// A video on its way in, in a file that has no name and goes with it. Weak networks take minutes; memory isn't held for them.
pub struct Incoming {
    file: tokio::fs::File,
    bytes: usize,
    limits: videos::Limits,
}

impl Incoming {
    /// Takes the next bytes. Errors: `attachment.video_too_large` as soon as they are more than may be.
    pub async fn write(&mut self, part: &[u8]) -> Result<()> {
        self.bytes += part.len();
        ensure(self.bytes <= self.limits.upload_bytes, videos::too_large(&self.limits))?;
        self.file.write_all(part).await.map_err(Error::unavailable)
    }

    async fn whole(mut self) -> Result<Vec<u8>> {
        self.file.flush().await.map_err(Error::unavailable)?;
        self.file.rewind().await.map_err(Error::unavailable)?;
        let mut bytes = Vec::with_capacity(self.bytes);
        self.file.read_to_end(&mut bytes).await.map_err(Error::unavailable)?;
        Ok(bytes)
    }
}

/// A part of a file that is kept, and how long the whole is.
pub struct Piece {
    pub range: Range<u64>,
    pub of: u64,
    pub bytes: BoxStream<'static, Result<Bytes>>,
}

impl Attachments {
    /// A place for a video that comes in.
    pub fn incoming(&self) -> Result<Incoming> {
        let file = match &self.0.folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let file = tokio::fs::File::from_std(file.map_err(Error::unavailable)?);
        Ok(Incoming { file, bytes: 0, limits: self.0.policy.videos })
    }

    /// Prepares a video and keeps it as a draft of its uploader. `poster` is a frame of it as a picture, from who can decode it;
    /// one that is no picture, or none, gives way to a sign.
    ///
    /// Errors: those of [`videos::prepare`]; [`BUSY`] when it waits longer than half a minute for memory.
    pub async fn draft_video(
        &self,
        store: &Store,
        tenant: TenantId,
        account: Option<AccountId>,
        incoming: Incoming,
        poster: Option<Bytes>,
    ) -> Result<Attachment> {
        let limits = self.0.policy.videos;
        // Before the video has its memory: who holds some waits for no more.
        let poster = match poster {
            Some(poster) => self.prepare(poster).await.ok(),
            None => None,
        };
        let mib = u32::try_from(incoming.bytes >> 20).unwrap_or(MEMORY_MIB).clamp(1, MEMORY_MIB);
        let waiting = self.0.memory.clone().acquire_many_owned(mib);
        let Ok(memory) = tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await else { return Err(BUSY.into()) };
        let memory = memory.map_err(Error::internal)?;
        let mut bytes = incoming.whole().await?;
        let preparing = tokio::task::spawn_blocking(move || {
            let film = videos::prepare(&mut bytes, &limits)?;
            Ok::<_, Error>((film, content_hash(&bytes), bytes))
        });
        let (film, hash, bytes) = preparing.await.map_err(Error::internal)??;
        let poster = poster.map_or_else(|| images::play_sign(film.width, film.height), Ok)?;
        let row = Attachment {
            id: self.0.world.new_id(),
            hash,
            kind: film.media,
            duration_ms: i64::try_from(film.duration_ms).ok(),
            width: film.width,
            height: film.height,
            bytes: bytes.len() as i64,
            // What the file says of its making is not read, and not kept.
            taken_at: None,
            time_verified: false,
            lng_e7: None,
            lat_e7: None,
            uploaded_by: account,
            uploaded_at: self.0.world.now(),
            bound_subject: None,
            bound_id: None,
            role: None,
        };
        self.keep_video(store, tenant, &row, bytes.into(), poster).await?;
        drop(memory);
        Ok(row)
    }

    async fn keep_video(&self, store: &Store, tenant: TenantId, row: &Attachment, bytes: Bytes, poster: Picture) -> Result<()> {
        let lock = self.lock(tenant, row.hash);
        let _held = lock.lock().await;
        // Whoever sends the same film again doesn't change the picture that stands for it.
        self.put_new(tenant, &row.hash, Size::Small, poster.small.into()).await?;
        self.put_new(tenant, &row.hash, Size::Thumb, poster.thumb.into()).await?;
        self.put_new(tenant, &row.hash, Size::Full, bytes).await?;
        store.housekeep(&INSERT, insert_args(tenant, row, None)).await.map(drop)
    }

    async fn put_new(&self, tenant: TenantId, hash: &[u8; 32], size: Size, bytes: Bytes) -> Result<()> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.0.objects.put_opts(&key(tenant, hash, size), bytes.into(), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(Error::unavailable(error)),
        }
    }

    /// A draft, of nobody's, in another tenant of what is kept in this one.
    pub async fn draft_of(&self, store: &Store, from: TenantId, kept: &Attachment, to: TenantId) -> Result<Attachment> {
        let bytes = self.read(from, &kept.hash, Size::Full).await?;
        if !kept.kind.is_video() {
            let captured = Taken { at: kept.taken_at, position: kept.position() };
            return self.draft(store, to, None, super::Upload { bytes, captured }).await;
        }
        let (thumb, small) = (self.read(from, &kept.hash, Size::Thumb).await?, self.read(from, &kept.hash, Size::Small).await?);
        let row = Attachment {
            id: self.0.world.new_id(),
            uploaded_by: None,
            uploaded_at: self.0.world.now(),
            bound_subject: None,
            bound_id: None,
            role: None,
            ..kept.clone()
        };
        let poster = Picture {
            full: Vec::new(),
            thumb: thumb.into(),
            small: small.into(),
            width: 0,
            height: 0,
            look: None,
            taken: Taken::default(),
        };
        self.keep_video(store, to, &row, bytes, poster).await?;
        Ok(row)
    }

    /// A piece of a video's file; of what is asked for, as much as there is. `None` where it begins behind the end.
    pub async fn piece(&self, tenant: TenantId, video: &Attachment, wanted: Option<Range<u64>>) -> Result<Option<Piece>> {
        let of = u64::try_from(video.bytes).unwrap_or_default();
        let range = match wanted {
            Some(wanted) => wanted.start..wanted.end.min(of),
            None => 0..of,
        };
        if range.is_empty() {
            return Ok(None);
        }
        let options = GetOptions { range: Some(range.clone().into()), ..GetOptions::default() };
        match self.0.objects.get_opts(&key(tenant, &video.hash, Size::Full), options).await {
            Ok(found) => {
                let bytes = found.into_stream().map_err(Error::unavailable).boxed();
                Ok(Some(Piece { range, of, bytes }))
            }
            Err(object_store::Error::NotFound { path, .. }) => Err(Error::not_found().detail(format!("no object {path}"))),
            Err(error) => Err(Error::unavailable(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachments::{Media, Policy, bind_video, find};
    use crate::both_engines;
    use crate::fixture::{TENANT, TestDb, run};
    use crate::videos::samples::{Recipe, SECRET};
    use crate::{Command, Write};
    use kernel::ids::{AttachmentId, Uuid};

    struct BindVideo(AttachmentId);

    impl Command for BindVideo {
        const KIND: &'static str = "test.bind_video";
        type Out = ();
        async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
            bind_video(tx, self.0, None, "case", Uuid::from_u128(500), "before").await.map(drop)
        }
    }

    fn attachments(db: &TestDb) -> Attachments {
        Attachments::open(&db.config.data, db.store.world().clone(), Policy::default()).unwrap()
    }

    async fn film(db: &TestDb, attachments: &Attachments, bytes: &[u8], poster: Option<Bytes>) -> Result<Attachment> {
        let mut incoming = attachments.incoming()?;
        for part in bytes.chunks(1000) {
            incoming.write(part).await?;
        }
        attachments.draft_video(&db.store, TENANT, None, incoming, poster).await
    }

    both_engines! {
        async fn a_video_is_kept_stripped_read_by_pieces_and_swept(db: TestDb) {
            let attachments = attachments(db);
            let sent = Recipe::default().mp4();
            let kept = film(db, &attachments, &sent, Some(Bytes::from_static(b"no picture"))).await.unwrap();
            assert_eq!((kept.kind, kept.duration_ms, kept.width, kept.bytes), (Media::Mp4, Some(12_000), 1280, sent.len() as i64));
            assert_eq!(find(&db.store, TENANT, kept.id).await.unwrap().unwrap(), kept);
            let whole = attachments.read(TENANT, &kept.hash, Size::Full).await.unwrap();
            assert!(content_hash(&whole) == kept.hash && !whole.windows(SECRET.len()).any(|window| window == SECRET));
            for size in [Size::Thumb, Size::Small] {
                assert!(attachments.read(TENANT, &kept.hash, size).await.unwrap().starts_with(&[0xFF, 0xD8]), "a sign stands for it");
            }
            for (wanted, got) in [(None, 0..whole.len()), (Some(5..9), 5..9), (Some(7..u64::MAX), 7..whole.len())] {
                let piece = attachments.piece(TENANT, &kept, wanted).await.unwrap().unwrap();
                let bytes: Vec<Bytes> = piece.bytes.try_collect().await.unwrap();
                assert_eq!(bytes.concat(), whole[got]);
            }
            assert!(attachments.piece(TENANT, &kept, Some(whole.len() as u64..u64::MAX)).await.unwrap().is_none());

            run(db, BindVideo(kept.id)).await.unwrap();
            let there = attachments.draft_of(&db.store, TENANT, &kept, TenantId(77)).await.unwrap();
            assert_eq!((there.kind, there.hash, there.bound_id), (kept.kind, kept.hash, None));
            assert_eq!(attachments.read(TenantId(77), &there.hash, Size::Full).await.unwrap(), whole);
            let lone = film(db, &attachments, &Recipe { seconds: 3, ..Recipe::default() }.mp4(), None).await.unwrap();
            db.store.world().clock.advance_seconds(25 * 3600);
            assert_eq!(attachments.sweep(&db.store, TENANT).await.unwrap(), 1);
            assert!(attachments.read(TENANT, &lone.hash, Size::Full).await.is_err());
            assert!(attachments.read(TENANT, &lone.hash, Size::Thumb).await.is_err());
            assert!(attachments.read(TENANT, &kept.hash, Size::Full).await.is_ok());
        }

        async fn a_video_too_large_is_refused_before_it_is_whole(db: TestDb) {
            let policy = Policy { videos: videos::Limits { upload_bytes: 5_000, ..videos::LIMITS }, ..Policy::default() };
            let attachments = Attachments::open(&db.config.data, db.store.world().clone(), policy).unwrap();
            let mut incoming = attachments.incoming().unwrap();
            incoming.write(&[0; 5_000]).await.unwrap();
            assert_eq!(incoming.write(&[0]).await.unwrap_err().code(), "attachment.video_too_large");
            let other = film(db, &attachments, b"a text, and no video", None).await.unwrap_err();
            assert_eq!(other.code(), "attachment.not_a_video");
        }
    }
}
