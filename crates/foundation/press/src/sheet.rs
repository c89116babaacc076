//! A paper as the files that the templates read: its words as JSON, its photos and its QR code.

use crate::fonts::Chosen;
use crate::world::Files;
use documents::paper::{PRINTED_PHOTOS, Photo, Problem};
use documents::{Answer, Bulletin, Printed, qr_svg};
use kernel::{Error, Result};
use serde_json::{Value, json};
use typst::foundations::Bytes;

/// Pages to print, or one strip to look at on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Pages,
    Strip,
}

const COMMON: &str = include_str!("common.typ");
const BULLETIN: &str = include_str!("bulletin.typ");
const CIRCULAR: &str = include_str!("circular.typ");
const NOTICE: &str = include_str!("notice.typ");
const ANSWERS: &str = include_str!("answers.typ");
const DOSSIER: &str = include_str!("dossier.typ");
const REGISTER: &str = include_str!("register.typ");

pub fn files(paper: &Printed, look: Look, chosen: &Chosen) -> Result<Files> {
    let mut photos = Photos::default();
    let (template, mut data) = match paper {
        Printed::Circular(circular) => {
            let mut data = serde_json::to_value(circular).map_err(Error::internal)?;
            let parts = circular.grouped();
            data["communities"] = parts
                .iter()
                .map(|part| {
                    let problems = part.units.iter().flat_map(|unit| unit.problems.iter().copied());
                    json!({
                        "name": part.community, "units": part.units.len(), "count": part.problems(),
                        "problems": problems.map(|problem| photos.problem(problem)).collect::<Vec<_>>(),
                    })
                })
                .collect();
            let totals = circular.totals();
            data["totals"] = json!({ "communities": totals.communities, "units": totals.units, "problems": totals.problems });
            (CIRCULAR, data)
        }
        Printed::Dossiers(first, more) => {
            let mut all = Vec::new();
            for dossier in std::iter::once(&**first).chain(more) {
                let mut one = serde_json::to_value(dossier).map_err(Error::internal)?;
                for (name, list) in [("before", &dossier.before), ("after", &dossier.after), ("reinspection", &dossier.reinspection)] {
                    one[name] = photos.list(list);
                }
                for (n, step) in dossier.steps.iter().enumerate() {
                    one["steps"][n]["photos"] = photos.each(step.photos.iter());
                }
                all.push(one);
            }
            let data = json!({ "office": first.office, "labels": first.labels, "demo_banner": first.demo_banner, "dossiers": all });
            (DOSSIER, data)
        }
        Printed::Notice(notice) => {
            let mut data = serde_json::to_value(notice).map_err(Error::internal)?;
            data["problems"] = notice.problems.iter().map(|problem| photos.problem(problem)).collect();
            (NOTICE, data)
        }
        Printed::AnswerSheet(sheet) => {
            let mut data = serde_json::to_value(sheet).map_err(Error::internal)?;
            data["answers"] = sheet.answers.iter().map(|answer| photos.answer(answer)).collect();
            (ANSWERS, data)
        }
        Printed::Register(register) => (REGISTER, serde_json::to_value(register).map_err(Error::internal)?),
        Printed::Bulletin(bulletin) => (BULLETIN, photos.bulletin(bulletin)?),
    };
    data["title-words"] = json!(paper.title());
    data["fonts"] = chosen.roles.clone();
    data["strip"] = json!(look == Look::Strip);
    let mut files = photos.0;
    let link = match paper {
        Printed::Notice(notice) => Some(&notice.link),
        Printed::Bulletin(bulletin) => Some(&bulletin.link).filter(|link| !link.is_empty()),
        _ => None,
    };
    if let Some(link) = link {
        files.push(("qr.svg".to_owned(), Bytes::from_string(qr_svg(link)?)));
    }
    files.push(("data.json".to_owned(), Bytes::from_string(data.to_string())));
    files.push(("common.typ".to_owned(), Bytes::from_string(COMMON)));
    files.push(("main.typ".to_owned(), Bytes::from_string(template)));
    Ok(files)
}

/// Photos as files, numbered as they come.
#[derive(Default)]
struct Photos(Files);

impl Photos {
    fn list(&mut self, photos: &[Photo]) -> Value {
        self.each(photos.iter().take(PRINTED_PHOTOS))
    }

    fn each<'a>(&mut self, photos: impl Iterator<Item = &'a Photo>) -> Value {
        let one = |photo: &Photo| {
            let path = format!("photo/{}.jpg", self.0.len());
            self.0.push((path.clone(), Bytes::new(photo.jpeg.clone())));
            json!({ "path": path, "caption": photo.caption })
        };
        photos.map(one).collect()
    }

    fn problem(&mut self, problem: &Problem) -> Value {
        let mut data = serde_json::to_value(problem).unwrap_or_default();
        data["photos"] = self.list(&problem.photos);
        data
    }

    fn answer(&mut self, answer: &Answer) -> Value {
        json!({
            "problem": self.problem(&answer.problem), "after": self.list(&answer.after), "done": answer.done, "done_at": answer.done_at,
        })
    }

    fn bulletin(&mut self, bulletin: &Bulletin) -> Result<Value> {
        let mut data = serde_json::to_value(bulletin).map_err(Error::internal)?;
        let mut sections = Vec::new();
        for part in bulletin.numbered() {
            let tables: Vec<_> = part
                .tables
                .iter()
                .map(|(title, table)| {
                    let rows = table.rows.iter().map(|row| json!({ "cells": row, "tall": table.is_tall(row) })).collect::<Vec<_>>();
                    json!({
                        "title": title, "note": table.note, "columns": table.columns, "shares": table.shares(), "numbers": table.numbers,
                        "characters": table.characters(), "rows": rows,
                    })
                })
                .collect();
            let mut one = |photo: &Option<Photo>| self.list(photo.as_slice()).get_mut(0).map_or(Value::Null, Value::take);
            let cases: Vec<_> = part
                .cases
                .iter()
                .map(|(heading, case)| {
                    json!({
                        "heading": heading, "number": case.number, "unit": case.unit, "words": case.words,
                        "before": one(&case.before), "after": one(&case.after),
                    })
                })
                .collect();
            let paragraphs = &part.section.paragraphs;
            sections.push(json!({ "heading": part.heading, "paragraphs": paragraphs, "tables": tables, "cases": cases }));
        }
        data["sections"] = json!(sections);
        data["red_head"] = json!(bulletin.red_head());
        data["blank_number"] = json!(bulletin.blank_number());
        data["signed_on"] = json!(bulletin.signed_on());
        data["attachments"] = json!(bulletin.attachment_lines());
        Ok(data)
    }
}
