//! What the signs of the house are drawn from: lamps, threads and photos, computed by a slice and shown by `parts.html`.

/// A lamp in words, with the kind that gives it shape and colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LampView {
    /// `g`, `y`, `x` (red) or `n` (none).
    pub kind: &'static str,
    pub text: String,
}

/// The thread: stitches done, the lamp of the present one, how often it came back, and its words for those who don't see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadView {
    pub done: u8,
    pub lamp: &'static str,
    pub rework: i64,
    pub label: String,
}

/// One photo as pages show it.
#[derive(Debug, Clone)]
pub struct PhotoView {
    pub id: String,
    pub href: String,
    pub thumb: String,
    /// Time and place of taking, or that the time is not verified.
    pub caption: String,
    pub alt: String,
    /// The address plays a video, of which `thumb` is a frame.
    pub video: bool,
}

/// Boundaries as a drawing of links: units are a thousandth of its width.
#[derive(Debug, Clone, Default)]
pub struct OutlineView {
    pub label: String,
    pub view_box: String,
    /// The boundary that the others lie in; empty where there is none.
    pub ground: String,
    pub areas: Vec<AreaView>,
}

/// One boundary of an [`OutlineView`], with where its name stands.
#[derive(Debug, Clone)]
pub struct AreaView {
    pub href: String,
    pub name: String,
    /// SVG path data.
    pub path: String,
    pub x: i64,
    pub y: i64,
}
