//! Builds `frontend/` with Vite and lists what came out, so that `cargo run` alone makes a complete binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../..");
    let frontend = root.join("frontend");
    for watched in ["src", "package-lock.json", "vite.config.js"] {
        println!("cargo:rerun-if-changed={}", frontend.join(watched).display());
    }
    // Tailwind looks for class names in the templates.
    for crates in ["crates/foundation", "crates/slices"] {
        for entry in fs::read_dir(root.join(crates)).expect("the workspace's own folders").flatten() {
            for folder in ["src", "templates"] {
                watch_templates(&entry.path().join(folder));
            }
        }
    }
    let marker = frontend.join("node_modules/.package-lock.json");
    let lock = frontend.join("package-lock.json");
    let newer = |a: &Path, b: &Path| fs::metadata(a).and_then(|m| m.modified()).ok() > fs::metadata(b).and_then(|m| m.modified()).ok();
    if !marker.exists() || newer(&lock, &marker) {
        run(&frontend, "npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    }
    run(&frontend, "npx", &["--no-install", "vite", "build", "--logLevel", "error"]);
    write_table(&frontend.join("dist"));
}

fn watch_templates(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "html") {
            println!("cargo:rerun-if-changed={}", path.display());
        }
    }
}

fn run(folder: &Path, program: &str, args: &[&str]) {
    let status = Command::new(program).args(args).current_dir(folder).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("`{program} {}` in frontend/ ended with {status}", args.join(" ")),
        Err(_) => panic!("Node 20 with npm builds the pages' styles and scripts: install it (https://nodejs.org) and run this again"),
    }
}

fn write_table(dist: &Path) {
    let manifest = fs::read_to_string(dist.join(".vite/manifest.json")).expect("vite wrote its manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("the manifest is JSON");
    let mut table = String::from("pub static FILES: &[File] = &[\n");
    let entries = [
        ("src/app.css", "app.css"),
        ("src/app.ts", "app.js"),
        ("src/icon.svg", "icon.svg"),
        ("src/map.css", "map.css"),
        ("src/map.ts", "map.js"),
        // Named by the map's script alone.
        ("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", "map-worker.js"),
    ];
    for (source, logical) in entries {
        let file = manifest[source]["file"].as_str().unwrap_or_else(|| panic!("vite built {source}"));
        // Whatever a script is parted into would have to be served too.
        assert!(manifest[source]["imports"].is_null(), "{source} imports another script");
        let path = dist.join(file);
        let with = |ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
        table.push_str(&format!(
            "    File {{ logical: {logical:?}, path: {:?}, content_type: {:?}, plain: include_bytes!({:?}), brotli: include_bytes!({:?}), gzip: include_bytes!({:?}) }},\n",
            format!("/{file}"),
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("css") => "text/css; charset=utf-8",
                Some("js" | "mjs") => "text/javascript; charset=utf-8",
                _ => "image/svg+xml",
            },
            path,
            with(".br"),
            with(".gz"),
        ));
    }
    table.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("table.rs");
    fs::write(out, table).expect("the build folder takes files");
}
