//! Makes sure that `dist/` exists, so that cargo alone compiles the crate; without the built assets the pages are plain.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=dist");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=locales");
    let dist = Path::new("dist");
    if dist.join("manifest.json").exists() {
        return;
    }
    if let Err(error) = std::fs::create_dir_all(dist) {
        println!("cargo:warning=web/dist cannot be created: {error}");
    }
    println!(
        "cargo:warning=web/dist is empty: pages will work, but without styles. Run `npm ci && npm run build` in web/ and build again."
    );
}
