//! Operations: one registered entry each, from which both the route and its description are made.

use crate::call::{Call, Carried, Given, serve};
use crate::params::{Param, Params};
use crate::schema::Schemas;
use axum::extract::{Request, State};
use axum::routing::MethodRouter;
use axum::{Router, routing};
use kernel::Result;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use web::{App, Failure};

/// What is declared of an operation.
pub struct Operation {
    /// `get` or `post`.
    pub method: &'static str,
    /// Under `/api/v1/t/{slug}`.
    pub path: &'static str,
    /// The handler's name, which is the operation's id.
    pub name: &'static str,
    /// The line of work that it belongs to.
    pub tag: &'static str,
    pub doc: &'static [&'static str],
    pub build: fn() -> Built,
}
inventory::collect!(Operation);

/// The route's handler, and what its signature says.
pub struct Built {
    pub route: MethodRouter<App>,
    pub path: fn() -> Vec<Param>,
    pub query: fn() -> Vec<Param>,
    pub body: fn(&mut Schemas) -> Option<Value>,
    pub status: u16,
    pub answer: fn(&mut Schemas) -> Value,
}

fn built<P: Params, Q: Params, B: Carried, T: Given>(route: MethodRouter<App>) -> Built {
    Built { route, path: P::list, query: Q::list, body: B::describe, status: T::STATUS, answer: T::describe }
}

/// An operation that looks.
pub fn get<P, Q, T, F, R>(handler: F) -> Built
where
    P: Params + Send + 'static,
    Q: Params + Send + 'static,
    T: Given + 'static,
    F: Fn(Call<P, Q>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T, Failure>> + Send + 'static,
{
    built::<P, Q, (), T>(routing::get(move |State(app): State<App>, request: Request| serve(handler.clone(), app, request)))
}

/// An operation that writes: one command, recognised by its key when it comes again.
pub fn post<P, Q, B, T, F, R>(handler: F) -> Built
where
    P: Params + Send + 'static,
    Q: Params + Send + 'static,
    B: Carried + 'static,
    T: Given + 'static,
    F: Fn(Call<P, Q, B>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<T, Failure>> + Send + 'static,
{
    built::<P, Q, B, T>(routing::post(move |State(app): State<App>, request: Request| serve(handler.clone(), app, request)))
}

/// Where operations stand.
pub const ROOT: &str = "/api/v1/t/{slug}";

/// All of the program's, in the order of their addresses.
pub fn all() -> Vec<&'static Operation> {
    let mut all: Vec<_> = inventory::iter::<Operation>.into_iter().collect();
    all.sort_by_key(|operation| (operation.path, operation.method));
    all
}

/// Every operation's route, and the document that describes them.
pub fn routes() -> Router<App> {
    let mut by_path: BTreeMap<String, MethodRouter<App>> = BTreeMap::new();
    for operation in all() {
        let route = (operation.build)().route;
        let path = format!("{ROOT}{}", operation.path);
        let merged = match by_path.remove(&path) {
            Some(known) => known.merge(route),
            None => route,
        };
        by_path.insert(path, merged);
    }
    let router = by_path.into_iter().fold(Router::new(), |router, (path, route)| router.route(&path, route));
    router.route("/api/openapi.json", routing::get(crate::document::serve))
}

/// Declares operations. What stands above each is its description: the first paragraph a summary in one sentence.
///
/// ```ignore
/// api::operations! { "cases":
///     /// A page of cases.
///     get "/cases" list_cases;
/// }
/// ```
#[macro_export]
macro_rules! operations {
    ($tag:literal: $($(#[doc = $doc:literal])* $method:ident $path:literal $handler:ident;)+) => {$(
        $crate::inventory::submit! {
            $crate::Operation {
                method: stringify!($method),
                path: $path,
                name: stringify!($handler),
                tag: $tag,
                doc: &[$($doc),*],
                build: || $crate::$method($handler),
            }
        }
    )+};
}
