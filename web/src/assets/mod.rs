//! The styles and scripts that Vite built, embedded in the program and served with names that change with their content.

use std::collections::{BTreeMap, HashMap};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::brand::Brand;
use crate::layout::Site;

/// Names carry a digest of the content, so an answer never goes stale.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A picture from a brand's settings may hold what it likes; opened by itself it can do nothing.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

#[derive(RustEmbed)]
#[folder = "dist/"]
struct Dist;

/// One entry of Vite's manifest.
#[derive(Debug, Deserialize)]
struct ManifestEntry {
    file: String,
    #[serde(default)]
    css: Vec<String>,
}

/// A file that the portal's settings make: the brand's colours and logo.
#[derive(Debug, Clone)]
struct Made {
    content_type: &'static str,
    body: String,
    policy: Option<&'static str>,
}

/// Where the files of the pages are.
#[derive(Debug, Default)]
pub struct Assets {
    /// Address of the stylesheet; `None` when the crate was built without assets.
    pub stylesheet: Option<String>,
    /// Address of the script that adds suggestions and copy buttons.
    pub script: Option<String>,
    /// Address of the brand's colours.
    pub brand_stylesheet: String,
    /// Address of the brand's logo.
    pub logo: String,
    /// Address of the API documentation's stylesheet and script.
    pub docs: Option<(Option<String>, String)>,
    /// Address of the stylesheet and script of a table's page.
    pub table: Option<(Option<String>, String)>,
    /// Address of the stylesheet and script of a chart or map in a frame.
    pub embed: Option<(Option<String>, String)>,
    made: HashMap<String, Made>,
}

impl Assets {
    /// Reads the embedded manifest and makes the brand's files. Without a manifest the pages stay plain.
    #[must_use]
    pub fn load(brand: &Brand) -> Self {
        let manifest: BTreeMap<String, ManifestEntry> =
            Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default();
        let address = |name: &str| format!("/assets/{name}");
        let entry = |name: &str| manifest.get(name);
        let pair =
            |name: &str| entry(name).map(|entry| (entry.css.first().map(|name| address(name)), address(&entry.file)));
        let mut assets = Self {
            stylesheet: entry("assets/site.scss").map(|entry| address(&entry.file)),
            script: entry("assets/site.ts").map(|entry| address(&entry.file)),
            docs: pair("assets/docs.ts"),
            table: pair("assets/table.ts"),
            embed: pair("assets/embed.ts"),
            ..Self::default()
        };
        assets.brand_stylesheet = assets.make("brand", "css", "text/css; charset=utf-8", brand.css(), None);
        assets.logo = assets.make("logo", "svg", "image/svg+xml", brand.logo_svg.clone(), Some(PICTURE_POLICY));
        assets
    }

    fn make(
        &mut self,
        stem: &str,
        ending: &str,
        content_type: &'static str,
        body: String,
        policy: Option<&'static str>,
    ) -> String {
        const DIGEST_CHARS: usize = 12;
        let digest: String =
            fairground_domain::ContentHash::of(body.as_bytes()).to_string().chars().take(DIGEST_CHARS).collect();
        let name = format!("{stem}-{digest}.{ending}");
        let address = format!("/assets/{name}");
        self.made.insert(name, Made { content_type, body, policy });
        address
    }
}

/// Serves one file of `/assets/`.
pub(crate) async fn asset(site: web::Data<Site>, request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    if let Some(made) = site.assets.made.get(&name) {
        let etag = format!("\"{name}\"");
        if is_known(&request, &etag) {
            return not_modified(&etag);
        }
        let mut answer = HttpResponse::Ok();
        answer
            .insert_header((header::CONTENT_TYPE, made.content_type))
            .insert_header((header::CACHE_CONTROL, FOR_EVER))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::ETAG, etag));
        if let Some(policy) = made.policy {
            answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
        }
        return answer.body(made.body.clone());
    }
    let hidden = name == "manifest.json" || name.ends_with(".br");
    let content_type = content_type(&name);
    let Some(plain) = Dist::get(&name).filter(|_| !hidden) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is no such file.\n");
    };
    let packed = if accepts_brotli(&request) { Dist::get(&format!("{name}.br")) } else { None };
    let is_packed = packed.is_some();
    let etag = format!("\"{name}{}\"", if is_packed { "-br" } else { "" });
    if is_known(&request, &etag) {
        return not_modified(&etag);
    }
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::ETAG, etag));
    if is_packed {
        answer.insert_header((header::CONTENT_ENCODING, "br"));
    }
    match packed.unwrap_or(plain).data {
        std::borrow::Cow::Borrowed(bytes) => answer.body(bytes),
        std::borrow::Cow::Owned(bytes) => answer.body(bytes),
    }
}

fn not_modified(etag: &str) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, etag.to_owned()))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .finish()
}

fn is_known(request: &HttpRequest, etag: &str) -> bool {
    request
        .headers()
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == etag)
}

fn accepts_brotli(request: &HttpRequest) -> bool {
    let accepted = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| {
            text.split(',').any(|one| {
                let mut parts = one.split(';');
                parts.next().is_some_and(|name| name.trim() == "br")
                    && !parts.any(|weight| matches!(weight.trim(), "q=0" | "q=0.0"))
            })
        })
    };
    request.headers().get_all(header::ACCEPT_ENCODING).any(accepted)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
