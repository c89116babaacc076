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
            assert_eq!(photos_in(&other.config.data), 0, "{name} left photos behind");
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

        // A table left out, said twice, or not like ours; a row of the wrong kind; a key that is none.
        let manifest = |change: fn(&mut Manifest)| move |name: &str, bytes: Vec<u8>| {
            if name != "manifest.json" {
                return Some(bytes);
            }
            let mut manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
            change(&mut manifest);
            Some(serde_json::to_vec(&manifest).unwrap())
        };
        assert_eq!(code("left out", &manifest(|manifest| manifest.tables.retain(|table| table.name != "series"))).await, "backup.damaged");
        assert_eq!(code("twice", &manifest(|manifest| manifest.tables.push(manifest.tables[0].clone()))).await, "backup.damaged");
        assert_eq!(code("no such table", &manifest(|manifest| manifest.tables[0].name = "x\"; DROP TABLE fact; --".into())).await, "backup.damaged");
        assert_eq!(code("other column", &manifest(|manifest| manifest.tables[0].columns[0].name = "x".into())).await, "backup.damaged");
        assert_eq!(code("fewer rows", &manifest(|manifest| manifest.tables.iter_mut().for_each(|table| table.rows = 0))).await, "backup.damaged");
        assert_eq!(code("no key", &manifest(|manifest| manifest.signing_keys = vec!["none".into()])).await, "backup.damaged");
        assert_eq!(code("a text for a number", &replace("tables/fact.jsonl", "[1,", "[\"1\",")).await, "backup.damaged");
        assert_eq!(code("nothing for a key", &replace("tables/fact.jsonl", "[1,", "[null,")).await, "backup.damaged");
        assert_eq!(code("a huge number", &replace("tables/fact.jsonl", "[1,", "[18446744073709551616,")).await, "backup.damaged");
        assert_eq!(code("no row", &replace("tables/fact.jsonl", "[1,", "{\"x\":")).await, "backup.damaged");

        // Paths of its own, and a photo packed so that a small archive fills a disk.
        let hash = "ab".repeat(32);
        let bomb = format!("objects/1/ab/{hash}.480");
        for (path, method) in [
            ("objects/../../../../tmp/xiuhua-escaped", zip::CompressionMethod::Stored),
            ("objects//tmp/xiuhua-escaped", zip::CompressionMethod::Stored),
            ("objects/1/ab/run.sh", zip::CompressionMethod::Stored),
            (bomb.as_str(), zip::CompressionMethod::Deflated),
        ] {
            let broken = folder.path().join("extra.zip");
            rewrite_with(&file, &broken, &|_, bytes| Some(bytes), Some((path, method)));
            let error = empty.restore(&broken).await.unwrap_err();
            assert_eq!((error.code(), error.args()["part"].as_str()), ("backup.damaged", path));
            assert!(empty.is_empty().await && !Path::new("/tmp/xiuhua-escaped").exists());
        }

        let nowhere = backup(&place.db.store, &place.attachments, place.journal.signer(), &folder.path().join("no/such/folder.zip")).await;
        assert_eq!(nowhere.unwrap_err().code(), "backup.unwritable");
        let cut = folder.path().join("cut.zip");
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
        assert_eq!(empty.restore(&cut).await.unwrap_err().code(), "backup.not_a_backup");
        assert_eq!(empty.restore(&folder.path().join("none.zip")).await.unwrap_err().code(), "backup.not_a_backup");
        // After all that, the whole one goes in.
        empty.restore(&file).await.unwrap();
        assert_eq!(photos_in(&other.config.data), 6);
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

/// Photos in an installation's folder.
fn photos_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let count = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            photos_in(&entry.path())
        } else {
            usize::from(name.trim_end_matches(".480").trim_end_matches(".160").len() == 64)
        }
    };
    entries.map(count).sum()
}

/// The archive with its entries changed, or left out.
fn rewrite(from: &Path, to: &Path, change: Change<'_>) {
    rewrite_with(from, to, change, None);
}

/// And with one more, of zeros.
fn rewrite_with(from: &Path, to: &Path, change: Change<'_>, extra: Option<(&str, zip::CompressionMethod)>) {
    let mut source = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut target = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    let options = |method| zip::write::SimpleFileOptions::default().compression_method(method);
    for index in 0..source.len() {
        let mut entry = source.by_index(index).unwrap();
        let (name, method) = (entry.name().unwrap().into_owned(), entry.compression());
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if let Some(bytes) = change(&name, bytes) {
            target.start_file(name, options(method)).unwrap();
            target.write_all(&bytes).unwrap();
        }
    }
    if let Some((name, method)) = extra {
        target.start_file(name, options(method)).unwrap();
        target.write_all(&vec![0; 8 << 20]).unwrap();
    }
    target.finish().unwrap();
}
