//! What is printed, as typed data that knows no slice; files in and out.

pub mod paper;

pub use paper::{Answer, AnswerSheet, Circular, Group, Item, Labels, Notice, Photo, Press, Printed};
