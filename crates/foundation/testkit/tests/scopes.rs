//! A place that moves takes along the roles that were given on it, whoever gives one meanwhile.

use access::{Actor, Role, Scope, account};
use axum::Router;
use kernel::ids::PlaceId;
use store::Pass;
use store::testing::{Engine, TestDb};
use territory::ManageTerritory;
use territory::places::{self, MovePlace};
use testkit::{TENANT, TestApp};

async fn move_to(app: &TestApp, place: PlaceId, parent: PlaceId) -> kernel::Result<()> {
    let version = places::place(&app.store, TENANT, place).await?.version;
    let by = Actor::system(TENANT).permit::<ManageTerritory>(&TENANT)?;
    let pass = Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: app.store.world().new_id(), body: [0; 32] };
    app.store.run(pass, MovePlace { by, place, version, parent }).await.map(drop)
}

store::both_engines! {
    async fn the_scope_of_a_role_goes_where_its_place_goes(db: TestDb) {
        let app = TestApp::new(db, Router::new()).await;
        let building = app.place(app.compound, territory::Level::Building, "No. 1").await;
        let of_compound = app.person(&[(Role::Community, app.scope(app.compound).await)]).await;
        let of_building = app.person(&[(Role::Community, app.scope(building).await)]).await;
        let of_east = app.person(&[(Role::Community, app.scope(app.community).await)]).await;
        let of_west = app.person(&[(Role::Community, app.scope(app.other_community).await)]).await;
        // Company A answers for the compound.
        for (who, sees) in [(&of_compound, true), (&of_east, true), (&of_west, false)] {
            assert_eq!(who.get("/invitations").await.expect(200).text.contains("Company A"), sees);
        }
        move_to(&app, app.compound, app.other_community).await.unwrap();
        for (who, sees) in [(&of_compound, true), (&of_east, false), (&of_west, true)] {
            assert_eq!(who.get("/invitations").await.expect(200).text.contains("Company A"), sees);
        }
        for (who, place) in [(&of_compound, app.compound), (&of_building, building), (&of_east, app.community), (&of_west, app.other_community)] {
            let held = account::assignments(&app.store, TENANT, who.account).await.unwrap();
            assert_eq!(held[0].scope, app.scope(place).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_role_given_while_its_place_moves_stands_where_the_place_stands() {
    let db = TestDb::new(Engine::Postgres).await;
    {
        let app = TestApp::new(&db, Router::new()).await;
        let security = app.person(&[(Role::SecurityAdmin, Scope::Tenant)]).await;
        let scope = format!("place:{}", app.compound);
        let (mut given, mut told) = (0, 0);
        for round in 0..20 {
            let person = app.person_named(TENANT, "lsw", &format!("p{round}"), &[]).await;
            let path = format!("/accounts/{}/give", person.account);
            let to = if round % 2 == 0 { app.other_community } else { app.community };
            let fields = [("role", "community"), ("scope", scope.as_str())];
            let (moved, answer) = tokio::join!(move_to(&app, app.compound, to), security.post(&path, &fields));
            moved.unwrap();
            match answer.status.as_u16() {
                303 => given += 1,
                // The place moved after it was chosen: said, and nothing was given.
                409 => told += 1,
                other => panic!("{other}: {}", answer.text),
            }
            let right = app.scope(app.compound).await;
            let held = account::assignments(&app.store, TENANT, person.account).await.unwrap();
            assert!(held.iter().all(|one| one.scope == right), "round {round}: {held:?} where the place is {right:?}");
            assert_eq!(held.len(), usize::from(answer.status.as_u16() == 303));
        }
        assert_eq!(given + told, 20);
    }
    db.remove().await;
}
