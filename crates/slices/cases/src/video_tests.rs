//! One short video beside the photos, through HTTP on both engines: sent, bound, played by pieces, by whom, and not by others.

use crate::trunk_tests::{app, category, checked, issued, last_number, report};
use access::{Role, Scope};
use serde_json::json;
use store::attachments::Attachments;
use store::journal::{Signer, verify};
use store::videos::samples::{PICTURE, Recipe, SECRET, webm};
use testkit::{Answer, Person, Program, TENANT, TestApp};

const PASSWORD: &str = "a long enough password";

fn film(seconds: u32) -> Vec<u8> {
    Recipe { seconds, ..Recipe::default() }.mp4()
}

fn count(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).filter(|window| *window == what).count()
}

fn said<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn piece(who: &Person<'_>, id: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(who.request("GET", &format!("/videos/{id}")), |request, (name, value)| request.header(*name, *value));
    who.app.send(request.body(axum::body::Body::empty()).unwrap()).await
}

/// Reports a finding with this video beside a photo; its number.
async fn report_with(app: &TestApp, who: &Person<'_>, video: &str) -> i64 {
    let (photo, place, category) = (who.upload(7).await, app.compound.to_string(), category(app).await);
    let fields = [("place", place.as_str()), ("category", &category), ("what", "Boxes"), ("photo", &photo), ("video", video)];
    who.post("/report", &fields).await.expect(303);
    last_number(app).await
}

async fn data_of(app: &TestApp, kind: &str) -> String {
    let query = store::Query::from("SELECT data FROM fact WHERE tenant_id = :tenant").bind("tenant", TENANT);
    let query = query.and("kind = :kind").bind("kind", kind).then("ORDER BY recorded_at DESC LIMIT 1");
    app.store.query::<(String,)>(query).await.unwrap().remove(0).0
}

store::both_engines! {
    async fn a_video_is_found_with_the_problem_and_played_by_who_sees_it(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let sent = film(18);
        let draft = inspector.upload_film(&sent, Some(&TestApp::photo(90))).await.expect(200).json();
        assert_eq!(draft["note"], "Video, 18 s");
        let id = draft["id"].as_str().unwrap().to_owned();
        // A draft is its uploader's alone.
        assert_eq!(piece(&inspector, &id, &[]).await.expect(200).bytes.len(), sent.len());
        piece(&clerk, &id, &[]).await.expect(404);
        let number = report_with(&app, &inspector, &id).await;
        let page = clerk.get(&format!("/cases/{number}")).await.expect(200).has("<video controls preload=\"none\" playsinline").has("Video, 18 s");
        assert!(said(&page, "content-security-policy").contains("media-src 'self' blob:;"), "{:?}", page.headers);
        assert!(said(&page, "permissions-policy").contains("camera=(self), microphone=()"));
        assert!(data_of(&app, "case.reported").await.contains("\"video\":\""));

        let whole = piece(&clerk, &id, &[]).await.expect(200);
        assert_eq!((count(&whole.bytes, SECRET), count(&whole.bytes, PICTURE), whole.bytes.len()), (0, 18, sent.len()));
        assert_eq!((said(&whole, "content-type"), said(&whole, "accept-ranges")), ("video/mp4", "bytes"));
        assert_eq!((said(&whole, "x-content-type-options"), said(&whole, "content-length")), ("nosniff", sent.len().to_string().as_str()));
        assert_eq!(said(&whole, "content-disposition"), format!("inline; filename=\"{id}.mp4\""));
        let etag = said(&whole, "etag").to_owned();
        piece(&clerk, &id, &[("if-none-match", &etag)]).await.expect(304);
        let part = piece(&clerk, &id, &[("range", "bytes=10-19")]).await.expect(206);
        assert_eq!((&part.bytes[..], said(&part, "content-range")), (&whole.bytes[10..20], format!("bytes 10-19/{}", sent.len()).as_str()));
        assert_eq!(piece(&clerk, &id, &[("range", "bytes=-4")]).await.expect(206).bytes, whole.bytes[sent.len() - 4..]);
        assert_eq!(piece(&clerk, &id, &[("range", "bytes=5-"), ("if-range", &etag)]).await.expect(206).bytes, whole.bytes[5..]);
        piece(&clerk, &id, &[("range", "bytes=5-"), ("if-range", "\"other\"")]).await.expect(200);
        piece(&clerk, &id, &[("range", "bytes=0-1,4-5")]).await.expect(200);
        let beyond = piece(&clerk, &id, &[("range", &format!("bytes={}-", sent.len()))]).await.expect(416);
        assert_eq!(said(&beyond, "content-range"), format!("bytes */{}", sent.len()));

        // A frame stands for it wherever photos are small; it is none of the photos.
        for address in [format!("/photos/{id}"), format!("/photos/{id}/thumb")] {
            assert_eq!(clerk.get(&address).await.expect(200).bytes[..2], [0xFF, 0xD8]);
        }
        let photo = inspector.upload(3).await;
        piece(&inspector, &photo, &[]).await.expect(404);

        // The unit sees it from its dispatch on; another unit and another tenant never.
        piece(&handler, &id, &[]).await.expect(404);
        let company = app.company.to_string();
        clerk.post(&format!("/cases/{number}/file"), &[]).await.expect(303);
        clerk.post(&format!("/cases/{number}/dispatch"), &[("unit", &company)]).await.expect(303);
        piece(&handler, &id, &[("range", "bytes=0-0")]).await.expect(206);
        piece(&app.handler_of(app.other_company).await, &id, &[]).await.expect(404);
        // On paper it is named, and not shown.
        let dossier = clerk.get(&format!("/cases/{number}/dossier.pdf")).await.expect(200);
        dossier.has("There is also a video (Video, 18 s)");
        assert!(checked(&app).await.is_empty());
    }

    async fn a_unit_shows_by_a_video_too_what_it_did(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        let path = format!("/cases/{number}/rectify");
        let video = handler.upload_video(&webm(7, "V_VP9")).await;
        // Prints show pictures: where a photo is demanded, a video is none. What was sent is there still.
        handler.post(&path, &[("words", "Done"), ("video", &video), ("version", "2")]).await.expect(422).has("at least one photo").has(&video);
        // Nor can it be given out for one, or a photo for a video; and two fields are no two videos.
        let photo = handler.upload(9).await;
        handler.post(&path, &[("words", "Done"), ("photo", &video), ("version", "2")]).await.expect(422).has("no longer there");
        handler.post(&path, &[("words", "Done"), ("photo", &photo), ("video", &photo), ("version", "2")]).await.expect(422).has("no longer there");
        let others = inspector.upload_video(&film(4)).await;
        handler.post(&path, &[("words", "Done"), ("photo", &photo), ("video", &others), ("version", "2")]).await.expect(422).has("no longer there");
        handler.post(&path, &[("words", "Done"), ("photo", &photo), ("video", &video), ("version", "2")]).await.expect(303);
        let played = piece(&inspector, &video, &[]).await.expect(200);
        assert_eq!((said(&played, "content-type"), count(&played.bytes, SECRET)), ("video/webm", 0));
        inspector.get(&format!("/cases/{number}")).await.expect(200).has(&format!("/videos/{video}")).has("Video, 7 s");
        assert!(data_of(&app, "case.rectified").await.contains("\"video\":\""));
        let signer = Signer::in_memory(&app.app.world);
        assert!(verify(&app.store, &signer, TENANT, &[], &[&*app.app.get::<Attachments>()]).await.unwrap().is_clean());
    }

    async fn what_is_too_much_or_no_video_is_refused_with_what_to_do(db: TestDb) {
        let app = app(db).await;
        let inspector = app.inspector().await;
        let refused = async |bytes: &[u8], status: u16, code: &str, words: &str| {
            inspector.upload_film(bytes, None).await.expect(status).has(code).has(words);
        };
        refused(&film(75), 422, "attachment.video_too_long", "at most 60 seconds").await;
        refused(&webm(75, "V_VP8"), 422, "attachment.video_too_long", "film a shorter one").await;
        refused(&Recipe { picture: *b"mp4v", ..Recipe::default() }.mp4(), 415, "attachment.video_codec", "(mp4v)").await;
        refused(&Recipe { sound: Some(*b"samr"), ..Recipe::default() }.mp4(), 415, "attachment.video_codec", "H.264 or H.265").await;
        refused(&film(9)[..900], 422, "attachment.video_corrupt", "film again").await;
        refused(&TestApp::photo(4), 415, "attachment.not_a_video", "phone's own camera").await;
        refused(&vec![0; 53 << 20], 413, "attachment.video_too_large", "at most 50 MB").await;
        // What doesn't say how large it is is refused as soon as it is too large.
        let start = format!("--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--XX\r\nContent-Disposition: form-data; name=\"video\"\r\n\r\n", inspector.csrf());
        let endless = futures::stream::iter(std::iter::once(axum::body::Bytes::from(start)).chain(std::iter::repeat_n(axum::body::Bytes::from(vec![7; 1 << 20]), 1 << 20)));
        let request = inspector.request("POST", "/videos").header("content-type", "multipart/form-data; boundary=XX");
        let body = axum::body::Body::from_stream(futures::StreamExt::map(endless, Ok::<_, std::io::Error>));
        app.send(request.body(body).unwrap()).await.expect(413);
        // Nobody's form fills the disk: the secret comes first.
        let request = inspector.request("POST", "/videos").header("content-type", "multipart/form-data; boundary=XX");
        let body = "--XX\r\nContent-Disposition: form-data; name=\"video\"\r\n\r\nxx\r\n--XX--\r\n";
        app.send(request.body(axum::body::Body::from(body)).unwrap()).await.expect(403);
    }

    async fn what_was_reported_as_one_keeps_its_video_in_every_part(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector) = (app.clerk().await, app.inspector().await);
        let video = inspector.upload_video(&film(5)).await;
        let number = report_with(&app, &inspector, &video).await;
        let place = app.compound.to_string();
        clerk.post(&format!("/cases/{number}/split"), &[("part_place", &place), ("part_what", "Another"), ("version", "1")]).await.expect(303);
        let part = last_number(&app).await;
        assert!(part > number);
        clerk.get(&format!("/cases/{part}")).await.expect(200).has("<video ").has("Video, 5 s");
        assert!(data_of(&app, "case.reported").await.contains("\"video\":\""));
    }

    async fn a_program_sends_and_plays_videos_as_it_does_photos(db: TestDb) {
        let app = app(db).await;
        let person = app.person_with("inspector", PASSWORD, &[(Role::Inspector, Scope::Tenant)]).await;
        let program = Program { app: &app, slug: "lsw", secret: person.token(PASSWORD, &["read", "report", "cases"]).await.secret };
        let key = app.store.world().new_id::<kernel::ids::CommandId>().to_string();
        let request = program.request("POST", "/videos").header("idempotency-key", key);
        let made = app.send(request.body(axum::body::Body::from(film(8))).unwrap()).await.expect(201).json();
        let photo = program.upload(7).await;
        let found = json!({ "place": app.compound, "category": category(&app).await, "photos": [photo], "video": made["id"] });
        let number = program.post("/cases", found).await.expect(201).json()["number"].as_i64().unwrap();
        let case = program.get(&format!("/cases/{number}")).await.expect(200).json();
        assert_eq!((case["photos"].as_array().unwrap().len(), &case["videos"][0]["milliseconds"], &case["videos"][0]["role"]), (1, &8_000.into(), &"before".into()));
        assert_eq!(case["timeline"][0]["video"], made["id"]);
        let played = program.get(case["videos"][0]["url"].as_str().unwrap()).await.expect(200);
        assert_eq!((said(&played, "content-type"), count(&played.bytes, SECRET)), ("video/mp4", 0));
    }

    async fn the_unit_is_offered_to_photograph_against_what_was(db: TestDb) {
        let app = app(db).await;
        let (clerk, inspector, handler) = (app.clerk().await, app.inspector().await, app.handler_of(app.company).await);
        let number = issued(&app, &clerk, &inspector).await;
        handler.get(&format!("/cases/{number}")).await.expect(200).has("data-against").has("Photograph against it");
        inspector.get(&format!("/cases/{number}")).await.expect(200).lacks("data-against");
        // What the page's own camera took was taken just now.
        let mut body = format!("--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--XX\r\nContent-Disposition: form-data; name=\"camera\"\r\n\r\nyes\r\n--XX\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\n", handler.csrf()).into_bytes();
        body.extend_from_slice(&TestApp::photo(44));
        body.extend_from_slice(b"\r\n--XX--\r\n");
        let request = handler.request("POST", "/photos").header("content-type", "multipart/form-data; boundary=XX");
        app.send(request.body(axum::body::Body::from(body)).unwrap()).await.expect(200).lacks("album");
        report(&app, &inspector, "").await;
    }
}
