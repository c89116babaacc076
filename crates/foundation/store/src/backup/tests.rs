//! An installation moved from engine to engine and back, and archives that must be refused.

use super::*;
use crate::attachments::{Policy, Upload};
use crate::fixture::{self, Engine, TENANT, TestDb};
use crate::journal::{Journal, verify};
use crate::{Command, Fact, Write, args, both_engines, sql};
use kernel::ids::Uuid;
use std::io::Write as _;

#[derive(Serialize)]
struct Kept {
    text: String,
}

impl Fact for Kept {
    const KIND: &'static str = "test.kept";
    const SUBJECT: &'static str = "test";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(3)
    }
}

struct Keep(usize);

impl Command for Keep {
    const KIND: &'static str = "test.keep";
    type Out = ();
    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        for number in 0..self.0 {
            tx.fact(Kept { text: format!("绣花 \"{number}\" \\ \u{1} \u{2028}") })?;
        }
        Ok(())
    }
}

struct Place<'a> {
    db: &'a TestDb,
    attachments: Attachments,
    journal: Journal,
}

impl<'a> Place<'a> {
    async fn new(db: &'a TestDb) -> Place<'a> {
        let policy = Policy { flush: false, ..Policy::default() };
        let attachments = Attachments::open(&db.config.data, db.store.world().clone(), policy).unwrap();
        let signer = Signer::open(&db.config.data.join("keys/journal.pem"), db.store.world()).unwrap();
        Place { attachments, journal: Journal::new(db.store.clone(), signer), db }
    }
    async fn lived_in(db: &'a TestDb) -> Place<'a> {
        let place = Place::new(db).await;
        place.keep(400).await;
        for shade in [10, 60] {
            let picture = image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(40, 30, image::Rgb([shade, 0, 0])));
            let mut bytes = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            let upload = Upload { bytes: bytes.into_inner().into(), ..Upload::default() };
            place.attachments.draft(&place.db.store, TENANT, Some(Uuid::from_u128(1).into()), upload).await.unwrap();
        }
        place.journal.seal_now(TENANT).await.unwrap();
        place.journal.sign_now(TENANT).await.unwrap();
        place.keep(3).await;
        place
    }
    async fn keep(&self, facts: usize) {
        fixture::run(self.db, Keep(facts)).await.unwrap();
    }
    async fn backup(&self, file: &Path) -> Manifest {
        backup(&self.db.store, &self.attachments, self.journal.signer(), file).await.unwrap()
    }
    async fn restore(&self, file: &Path) -> Result<Manifest> {
        restore(&self.db.store, &self.attachments, &self.db.config.data.join("keys/journal.pem"), file).await
    }
    async fn is_empty(&self) -> bool {
        static COUNT: crate::Sql = sql!("SELECT COUNT(*) AS n FROM fact WHERE tenant_id = :tenant AND recorded_at >= 0");
        self.db.store.one::<(i64,)>(&COUNT, args! { tenant: TENANT }).await.unwrap().0 == 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_moves_to_the_other_engine_and_back_unchanged() {
    let home = TestDb::new(Engine::Sqlite).await;
    let there = Place::lived_in(&home).await;
    let folder = tempfile::tempdir().unwrap();
    let first = there.backup(&folder.path().join("first.zip")).await;
    assert_eq!((first.objects, first.missing_objects, first.engine.as_str()), (6, 0, "sqlite"));
    assert_eq!(first.tables.iter().find(|table| table.name == "fact").unwrap().rows, 403);

    let mut file = folder.path().join("first.zip");
    for (engine, next) in [(Engine::Postgres, "second.zip"), (Engine::Sqlite, "third.zip")] {
        let db = TestDb::new(engine).await;
        let place = Place::new(&db).await;
        assert_eq!(place.restore(&file).await.unwrap().tables, first.tables);
        // A new key signs here, and what the old one signed is believed.
        let signer = Signer::open(&db.config.data.join("keys/journal.pem"), place.db.store.world()).unwrap();
        assert_ne!(signer.id(), there.journal.signer().id());
        let report = verify(&place.db.store, &signer, TENANT, &[], &[]).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
        assert_eq!((report.facts, report.protected, report.not_protected), (400, 400, 3));
        file = folder.path().join(next);
        let again = backup(&db.store, &place.attachments, &signer, &file).await.unwrap();
        assert_eq!((&again.tables, again.objects, again.object_bytes), (&first.tables, first.objects, first.object_bytes));
        // And the place goes on.
        place.keep(2).await;
        place.journal.seal_now(TENANT).await.unwrap();
        assert!(verify(&place.db.store, &signer, TENANT, &[], &[]).await.unwrap().is_clean());
        assert_eq!(place.restore(&file).await.unwrap_err().code(), "backup.not_empty");
        db.remove().await;
    }
    home.remove().await;
}

both_engines! {
    async fn a_backup_taken_under_writes_is_one_moment(db: TestDb) {
        let place = Place::lived_in(db).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("live.zip");
        let (made, ()) = futures::join!(place.backup(&file), async {
            for _ in 0..30 {
                place.keep(5).await;
                place.journal.seal_now(TENANT).await.unwrap();
            }
        });
        let rows = |name: &str| made.tables.iter().find(|table| table.name == name).unwrap().rows;
        assert!(rows("fact") < 403 + 150, "the backup did not wait for the writers");
        let other = TestDb::new(db.engine).await;
        let copy = Place::new(&other).await;
        copy.restore(&file).await.unwrap();
        let signer = Signer::open(&copy.db.config.data.join("keys/journal.pem"), copy.db.store.world()).unwrap();
        let report = verify(&copy.db.store, &signer, TENANT, &[], &[]).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.findings);
    }

    async fn a_damaged_archive_restores_nothing(db: TestDb) {
        let place = Place::lived_in(db).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("whole.zip");
        place.backup(&file).await;
        assert_eq!(backup(&place.db.store, &place.attachments, place.journal.signer(), &file).await.unwrap_err().code(), "backup.file_exists");

        let other = TestDb::new(db.engine).await;
        let empty = Place::new(&other).await;
        let code = async |name: &str, change: Change<'_>| {
            let broken = folder.path().join(name);
            rewrite(&file, &broken, change);
            let error = empty.restore(&broken).await.unwrap_err();
            assert!(empty.is_empty().await, "{name}");
            error.code().to_owned()
        };
        let replace = |wanted: &'static str, from: &'static str, to: &'static str| {
            move |name: &str, bytes: Vec<u8>| {
                Some(if name == wanted { String::from_utf8(bytes).unwrap().replacen(from, to, 1).into_bytes() } else { bytes })
            }
        };
        assert_eq!(code("changed", &replace("tables/fact.jsonl", "绣花", "繡花")).await, "backup.damaged");
        assert_eq!(code("version", &replace("manifest.json", "\"version\": 1", "\"version\": 2")).await, "backup.not_a_backup");
        assert_eq!(code("newer", &replace("manifest.json", "\"migrations\": [", "\"migrations\": [\"299901010000_later\",")).await, "backup.other_migrations");
        assert_eq!(code("no table", &|name, bytes| (name != "tables/tree_head.jsonl").then_some(bytes)).await, "backup.damaged");
        assert_eq!(code("no photo", &|name, bytes| (!name.ends_with(".480")).then_some(bytes)).await, "backup.damaged");
        assert_eq!(code("other photo", &|name, bytes| Some(if name.starts_with("objects/") { vec![1, 2, 3] } else { bytes })).await, "backup.damaged");
        assert_eq!(code("cut row", &|name, mut bytes| {
            bytes.truncate(if name == "tables/fact.jsonl" { bytes.len() - 9 } else { bytes.len() });
            Some(bytes)
        }).await, "backup.damaged");

        let cut = folder.path().join("cut.zip");
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(empty.restore(&cut).await.unwrap_err().code(), "backup.not_a_backup");
        assert_eq!(empty.restore(&folder.path().join("none.zip")).await.unwrap_err().code(), "backup.not_a_backup");
        // After all that, the whole one goes in.
        empty.restore(&file).await.unwrap();
    }

    async fn neither_private_keys_nor_leases_are_in_an_archive(db: TestDb) {
        let place = Place::lived_in(db).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.zip");
        let manifest = place.backup(&file).await;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(!manifest.tables.iter().any(|table| table.name == "sealer_lease"));
        assert_eq!(manifest.signing_keys.len(), 1);
        let secret = std::fs::read_to_string(db.config.data.join("keys/journal.pem")).unwrap();
        let secret = secret.lines().nth(1).unwrap();
        let mut zip = zip::ZipArchive::new(std::fs::File::open(&file).unwrap()).unwrap();
        for index in 0..zip.len() {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut zip.by_index(index).unwrap(), &mut bytes).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}

/// What becomes of an entry, by its name and bytes.
type Change<'a> = &'a dyn Fn(&str, Vec<u8>) -> Option<Vec<u8>>;

/// The archive with its entries changed, or left out.
fn rewrite(from: &Path, to: &Path, change: Change<'_>) {
    let mut source = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut target = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for index in 0..source.len() {
        let mut entry = source.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if let Some(bytes) = change(&name, bytes) {
            target.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            target.write_all(&bytes).unwrap();
        }
    }
    target.finish().unwrap();
}
