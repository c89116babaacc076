//! `/api/openapi.json`: the description of every operation, in OpenAPI 3.1, made from the operations themselves.

use crate::call::KEY;
use crate::operation::{Operation, ROOT, all};
use crate::schema::{Schemas, prose};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

crate::object! {
    /// What is wrong with one field of a request.
    pub struct ProblemField {
        /// The field's name.
        field: String,
        /// A stable code, as docs/problems.md lists them.
        code: String,
        /// What is wrong, in words of the language that the request accepts.
        detail: String,
    }
    /// Why a request was not done (RFC 9457).
    pub struct Problem {
        /// The code as an address; it leads nowhere.
        r#type: String,
        /// What kind of problem it is.
        title: String,
        /// The status of the answer.
        status: i64,
        /// What happened and what to do next, in words of the language that the request accepts.
        detail: String,
        /// A stable code, as docs/problems.md lists them.
        code: String,
        /// The fields that are wrong; empty where it is none of them.
        errors: Vec<ProblemField>,
    }
}

/// What any operation may refuse with.
const ALWAYS: [(u16, &str); 6] = [
    (401, "There is no token, or it is not good (any more)."),
    (403, "The token's owner may not do this, or the token's scope does not cover it."),
    (404, "There is nothing of this name that the token's owner may see."),
    (422, "The request is not what the operation takes; `errors` names the fields."),
    (429, "Too many requests; `Retry-After` says how many seconds to wait."),
    (503, "Busy, or the database does not answer; try again."),
];

/// What an operation that writes may refuse with besides.
const WRITING: [(u16, &str); 3] = [
    (409, "Somebody changed it meanwhile, or the step does not lead on from where it stands."),
    (413, "The body is larger than is taken."),
    (415, "The body is of another kind than is taken."),
];

fn problems() -> Map<String, Value> {
    let content = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    let one = |(status, words): &(u16, &str)| (format!("Problem{status}"), json!({ "description": words, "content": content }));
    ALWAYS.iter().chain(&WRITING).map(one).collect()
}

fn operation(operation: &Operation, all: &mut Schemas) -> Value {
    let built = (operation.build)();
    let writes = operation.method == "post";
    let words = prose(operation.doc);
    let (summary, rest) = words.split_once("\n\n").unwrap_or((&words, ""));
    let slug = json!({
        "name": "slug", "in": "path", "required": true, "schema": { "type": "string" },
        "description": "The sub-district or town, as its addresses name it.",
    });
    let mut parameters = vec![slug];
    parameters.extend((built.path)().iter().map(|param| param.describe("path", all)));
    parameters.extend((built.query)().iter().map(|param| param.describe("query", all)));
    if writes {
        parameters.push(json!({
            "name": KEY, "in": "header", "required": true, "schema": { "type": "string", "format": "uuid" },
            "description": "A new UUID for each command. The same command sent again with the same key is answered with the first result and not done twice; another command with the same key is refused.",
        }));
    }
    let mut responses = Map::new();
    responses.insert(built.status.to_string(), (built.answer)(all));
    let refusals = ALWAYS.iter().chain(WRITING.iter().filter(|_| writes));
    responses
        .extend(refusals.map(|(status, _)| (status.to_string(), json!({ "$ref": format!("#/components/responses/Problem{status}") }))));
    let mut whole = json!({
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    });
    if !rest.is_empty() {
        whole["description"] = rest.into();
    }
    if let Some(body) = (built.body)(all) {
        whole["requestBody"] = body;
    }
    whole
}

/// The whole document.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let _problem = <Problem as crate::Schema>::schema(&mut schemas);
    let mut paths = Map::new();
    for declared in all() {
        let path = paths.entry(format!("{ROOT}{}", declared.path)).or_insert_with(|| json!({}));
        path[declared.method] = operation(declared, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Xiuhua",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Problems of a sub-district from found to mended, for programs. docs/api.md shows the way in.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas.0,
            "responses": problems(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "description": "A token that its owner made on the page of the own account." } },
        },
    })
}

pub(crate) async fn serve() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_string());
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], text.as_str()).into_response()
}
