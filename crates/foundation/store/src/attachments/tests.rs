//! Photos from upload to sweep, as their uploaders and as others would have it.

use super::*;
use crate::fixture::{TENANT, TestDb, run};
use crate::{Command, both_engines};

fn jpeg(shade: u8) -> Bytes {
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([shade, (x * 4) as u8, (y * 5) as u8]));
    let mut out = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(picture).write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    out.into_inner().into()
}

fn attachments(db: &TestDb) -> Attachments {
    Attachments::open(&db.config.data, db.store.world().clone(), Policy::default()).unwrap()
}

fn account(number: u128) -> Option<AccountId> {
    Some(Uuid::from_u128(number).into())
}

struct Bind {
    drafts: Vec<AttachmentId>,
    account: Option<AccountId>,
    case: Uuid,
}

impl Command for Bind {
    const KIND: &'static str = "test.bind";
    type Out = Vec<String>;
    async fn run(&self, tx: &mut Write<'_>) -> Result<Vec<String>> {
        let bound = bind(tx, &self.drafts, self.account, "case", self.case, "before").await?;
        Ok(bound.into_iter().map(|bound| hex::encode(bound.hash)).collect())
    }
}

struct Unbind(AttachmentId, Uuid);

impl Command for Unbind {
    const KIND: &'static str = "test.unbind";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        unbind(tx, self.0, "case", self.1).await
    }
}

const CASE: Uuid = Uuid::from_u128(500);

async fn upload(db: &TestDb, attachments: &Attachments, by: u128, shade: u8) -> Attachment {
    attachments.draft(&db.store, TENANT, account(by), Upload { bytes: jpeg(shade), ..Upload::default() }).await.unwrap()
}

async fn bind_as(db: &TestDb, by: u128, drafts: &[AttachmentId]) -> Result<Vec<String>> {
    let bind = Bind { drafts: drafts.to_vec(), account: account(by), case: CASE };
    run(db, bind).await
}

both_engines! {
    async fn drafts_are_bound_in_order_and_read_back(db: TestDb) {
        let attachments = attachments(db);
        let (first, second) = (upload(db, &attachments, 1, 10).await, upload(db, &attachments, 1, 200).await);
        assert_eq!(drafts(&db.store, TENANT, account(1), &[second.id, first.id]).await.unwrap(), [second.clone(), first.clone()]);
        let hashes = bind_as(db, 1, &[second.id, first.id, second.id]).await.unwrap();
        assert_eq!(hashes, [hex::encode(second.hash), hex::encode(first.hash)]);
        let bound = of_subject(&db.store, TENANT, "case", CASE).await.unwrap();
        assert_eq!(bound.iter().map(|photo| photo.id).collect::<Vec<_>>(), [second.id, first.id]);
        assert_eq!(drafts(&db.store, TENANT, account(1), &[first.id]).await.unwrap(), []);
        for size in [Size::Full, Size::Thumb, Size::Small] {
            assert!(attachments.read(TENANT, &first.hash, size).await.unwrap().starts_with(&[0xFF, 0xD8]));
        }
        assert_eq!(content_hash(&attachments.read(TENANT, &first.hash, Size::Full).await.unwrap()), first.hash);
        // The same content is another tenant's only when that tenant has it.
        assert_eq!(attachments.read(TenantId(77), &first.hash, Size::Full).await.unwrap_err().code(), "not_found");
        assert_eq!(find(&db.store, TenantId(77), first.id).await.unwrap(), None);
    }

    async fn nobody_binds_what_is_not_their_own_unbound_draft(db: TestDb) {
        let attachments = attachments(db);
        let mine = upload(db, &attachments, 1, 10).await;
        let spare = upload(db, &attachments, 2, 20).await;
        assert_eq!(bind_as(db, 2, &[spare.id, mine.id]).await.unwrap_err().code(), "attachment.gone");
        // Refused as a whole: the spare one is still a draft.
        assert_eq!(drafts(&db.store, TENANT, account(2), &[spare.id]).await.unwrap().len(), 1);
        bind_as(db, 1, &[mine.id]).await.unwrap();
        assert_eq!(bind_as(db, 1, &[mine.id]).await.unwrap_err().code(), "attachment.gone");
        let many: Vec<AttachmentId> = (0..=MAX_BOUND_AT_ONCE as u128).map(|number| Uuid::from_u128(number).into()).collect();
        assert_eq!(bind_as(db, 1, &many).await.unwrap_err().code(), "attachment.too_many");
    }

    async fn drafts_are_swept_after_a_day_and_shared_files_stay(db: TestDb) {
        let attachments = attachments(db);
        let (kept, twin, lone) = (
            upload(db, &attachments, 1, 10).await,
            upload(db, &attachments, 2, 10).await,
            upload(db, &attachments, 2, 90).await,
        );
        assert_eq!(kept.hash, twin.hash);
        bind_as(db, 1, &[kept.id]).await.unwrap();
        db.store.world().clock.advance_seconds(23 * 3600);
        assert_eq!(attachments.sweep(&db.store, TENANT).await.unwrap(), 0);
        db.store.world().clock.advance_seconds(2 * 3600);
        assert_eq!(attachments.sweep(&db.store, TENANT).await.unwrap(), 2);
        assert!(attachments.read(TENANT, &kept.hash, Size::Full).await.is_ok());
        assert!(attachments.read(TENANT, &lone.hash, Size::Full).await.is_err());
        assert!(attachments.read(TENANT, &lone.hash, Size::Small).await.is_err());
        assert_eq!(bind_as(db, 2, &[lone.id]).await.unwrap_err().code(), "attachment.gone");
        assert_eq!(attachments.sweep(&db.store, TENANT).await.unwrap(), 0);

        // Taken away from its case, the last reference goes, and the file with it.
        assert_eq!(run(db, Unbind(kept.id, Uuid::from_u128(9))).await.unwrap_err().code(), "attachment.gone");
        run(db, Unbind(kept.id, CASE)).await.unwrap();
        assert_eq!(of_subject(&db.store, TENANT, "case", CASE).await.unwrap(), []);
        assert_eq!(attachments.sweep(&db.store, TENANT).await.unwrap(), 1);
        assert!(attachments.read(TENANT, &kept.hash, Size::Full).await.is_err());
    }

    async fn only_a_fresh_time_of_taking_is_believed(db: TestDb) {
        let attachments = attachments(db);
        let now = db.store.world().now();
        for (seconds_ago, source) in [(Some(60), Source::Camera), (Some(-300), Source::Camera), (Some(86_399), Source::Camera),
            (Some(86_401), Source::Album), (Some(-3600), Source::Album), (None, Source::Album)]
        {
            let captured = Taken { at: seconds_ago.map(|ago: i64| now.plus_seconds(-ago)), position: Some((1_201_000_000, -5)) };
            let upload = Upload { bytes: jpeg(1), captured };
            let photo = attachments.draft(&db.store, TENANT, None, upload).await.unwrap();
            let read = find(&db.store, TENANT, photo.id).await.unwrap().unwrap();
            assert_eq!((read.source(), read.position()), (source, Some((1_201_000_000, -5))), "{seconds_ago:?}");
            assert_eq!(read, photo);
        }
    }

    async fn a_photo_that_leaves_the_house_carries_its_caption(db: TestDb) {
        let attachments = attachments(db);
        let at = kernel::Instant::from_timestamp("2026-02-11T06:03:20Z".parse().unwrap());
        db.store.world().clock.set(at.plus_seconds(60));
        let captured = Taken { at: Some(at), position: Some((1_201_000_049, 359_400_051)) };
        let photo = attachments.draft(&db.store, TENANT, None, Upload { bytes: jpeg(1), captured }).await.unwrap();
        assert_eq!(photo.caption(&attachments.policy().zone).unwrap(), "2026-02-11 14:03 120.10000,35.94001");
        let stamped = attachments.stamped(TENANT, &photo).await.unwrap();
        assert_ne!(stamped, attachments.read(TENANT, &photo.hash, Size::Full).await.unwrap());
        let bare = attachments.draft(&db.store, TENANT, None, Upload { bytes: jpeg(1), ..Upload::default() }).await.unwrap();
        assert_eq!(bare.caption(&attachments.policy().zone), None);
    }

    async fn a_drawing_is_kept_like_a_photo(db: TestDb) {
        let attachments = attachments(db);
        let taken = Taken { at: Some(db.world.now()), position: None };
        let drawing = |bytes: usize| Drawing { width: 600, height: 300, rgb: vec![120; bytes], taken };
        let kept = attachments.draft_drawn(&db.store, TENANT, None, drawing(600 * 300 * 3)).await.unwrap();
        assert_eq!((kept.width, kept.height, kept.source()), (600, 300, Source::Camera));
        assert!(attachments.read(TENANT, &kept.hash, Size::Thumb).await.is_ok());
        let short = attachments.draft_drawn(&db.store, TENANT, None, drawing(100)).await.unwrap_err();
        assert_eq!(short.code(), "attachment.corrupt");
    }

    async fn a_file_exchanged_or_lost_is_named_by_verify(db: TestDb) {
        use crate::journal::{Signer, verify};
        let attachments = attachments(db);
        let photos = [upload(db, &attachments, 1, 10).await, upload(db, &attachments, 1, 90).await, upload(db, &attachments, 1, 180).await];
        let signer = Signer::in_memory(&db.world);
        let found = async || verify(&db.store, &signer, TENANT, &[], &[&attachments]).await.unwrap();
        assert!(found().await.is_clean());
        let file = |photo: &Attachment| db.config.data.join("objects").join(key(TENANT, &photo.hash, Size::Full).as_ref());
        std::fs::copy(file(&photos[1]), file(&photos[0])).unwrap();
        std::fs::remove_file(file(&photos[2])).unwrap();
        let findings: BTreeSet<String> = found().await.findings.iter().map(ToString::to_string).collect();
        let wanted = [(&photos[0], "changed"), (&photos[2], "missing")]
            .map(|(photo, state)| format!("verify.state check=photos photo={} state={state}", photo.id));
        assert_eq!(findings, BTreeSet::from(wanted));
    }

    async fn many_uploads_at_once_stay_within_memory_and_all_arrive(db: TestDb) {
        let attachments = attachments(db);
        let uploads = (0..24u8).map(|shade| upload(db, &attachments, 1, shade * 10));
        let photos = futures::future::join_all(uploads).await;
        for photo in &photos {
            assert!(attachments.read(TENANT, &photo.hash, Size::Thumb).await.is_ok());
        }
        assert_eq!(photos.iter().map(|photo| photo.id).collect::<BTreeSet<_>>().len(), 24);
        let broken = Upload { bytes: Bytes::from_static(b"../../etc/passwd"), ..Upload::default() };
        let refused = attachments.draft(&db.store, TENANT, account(1), broken).await.unwrap_err();
        assert_eq!(refused.code(), "attachment.not_an_image");
    }
}
