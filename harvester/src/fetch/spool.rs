//! Writing a document to disk as it arrives: unpacked, counted, fingerprinted, and cut off when it grows past its limits.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fairground_domain::ContentHash;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::FetchError;

/// Unpacked bytes below which the compression ratio is not looked at: small documents of one repeated line may well pass it.
const RATIO_FLOOR_BYTES: u64 = 16 * 1024 * 1024;
/// Pieces that wait between the connection and the disk.
const QUEUED_PIECES: usize = 16;
const DISK_BUFFER_BYTES: usize = 256 * 1024;

/// How large a document may become.
#[derive(Debug, Clone, Copy)]
pub(super) struct SizeLimits {
    /// Bytes on disk, unpacked.
    pub(super) bytes: u64,
    /// Unpacked bytes for each packed one.
    pub(super) ratio: u64,
}

/// What lies on disk now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// Bytes on disk, unpacked.
    pub(super) bytes: u64,
    /// Fingerprint of those bytes.
    pub(super) sha256: ContentHash,
}

/// How the body is packed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Deflate,
}

impl Encoding {
    /// What is asked for, best first: codings that are unpacked under our own limits and that show when they are cut off.
    pub(super) const ACCEPTED: &'static str = "gzip, deflate";

    /// Reads a `Content-Encoding` (RFC 9110, section 8.4).
    pub(super) fn from_header(value: Option<&str>) -> Result<Self, FetchError> {
        match value.map(|v| v.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Ok(Self::Identity),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some("deflate") => Ok(Self::Deflate),
            Some(other) => Err(FetchError::UnsupportedEncoding { encoding: other.chars().take(60).collect() }),
        }
    }
}

/// Why unpacking stopped; travels through `io::Error`, as the decoders know nothing else.
#[derive(Debug, Clone, Copy, thiserror::Error)]
enum Overgrown {
    #[error("too large")]
    Size,
    #[error("unpacks too far")]
    Ratio,
    #[error("disk")]
    Disk,
}

/// The disk's end of a decoder.
struct Page {
    disk: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
    packed: u64,
    limits: SizeLimits,
    disk_failure: Option<io::Error>,
}

impl Write for Page {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let bytes = self.bytes.saturating_add(piece.len().try_into().unwrap_or(u64::MAX));
        if bytes > self.limits.bytes {
            return Err(io::Error::other(Overgrown::Size));
        }
        if bytes > RATIO_FLOOR_BYTES && bytes > self.packed.saturating_mul(self.limits.ratio) {
            return Err(io::Error::other(Overgrown::Ratio));
        }
        if let Err(error) = self.disk.write_all(piece) {
            self.disk_failure = Some(error);
            return Err(io::Error::other(Overgrown::Disk));
        }
        self.digest.update(piece);
        self.bytes = bytes;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.disk.flush()
    }
}

enum Decoder {
    Identity(Page),
    Gzip(flate2::write::MultiGzDecoder<Page>),
    Deflate(flate2::write::ZlibDecoder<Page>),
}

impl Decoder {
    fn new(encoding: Encoding, first: &[u8], page: Page) -> Self {
        const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
        match encoding {
            // A file such as `data.json.gz`, served as it is.
            Encoding::Identity if first.starts_with(&GZIP_MAGIC) => {
                Self::Gzip(flate2::write::MultiGzDecoder::new(page))
            }
            Encoding::Identity => Self::Identity(page),
            Encoding::Gzip => Self::Gzip(flate2::write::MultiGzDecoder::new(page)),
            Encoding::Deflate => Self::Deflate(flate2::write::ZlibDecoder::new(page)),
        }
    }

    fn page(&mut self) -> &mut Page {
        match self {
            Self::Identity(page) => page,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
        }
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.page().packed += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        match self {
            Self::Identity(page) => page.write_all(piece),
            Self::Gzip(decoder) => decoder.write_all(piece),
            Self::Deflate(decoder) => decoder.write_all(piece),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Identity(_) => {}
            Self::Gzip(decoder) => decoder.try_finish()?,
            Self::Deflate(decoder) => decoder.try_finish()?,
        }
        self.page().disk.flush()
    }
}

/// A document being written. The first piece decides whether a file is packed by itself.
struct Writer {
    path: PathBuf,
    encoding: Encoding,
    limits: SizeLimits,
    decoder: Option<Decoder>,
}

impl Writer {
    fn new(path: &Path, encoding: Encoding, limits: SizeLimits) -> Self {
        Self { path: path.to_owned(), encoding, limits, decoder: None }
    }

    fn open(&mut self, first: &[u8]) -> Result<&mut Decoder, FetchError> {
        if self.decoder.is_none() {
            let page = Page {
                disk: BufWriter::with_capacity(DISK_BUFFER_BYTES, File::create(&self.path)?),
                digest: Sha256::new(),
                bytes: 0,
                packed: 0,
                limits: self.limits,
                disk_failure: None,
            };
            self.decoder = Some(Decoder::new(self.encoding, first, page));
        }
        self.decoder.as_mut().ok_or_else(|| FetchError::Spool(io::ErrorKind::NotFound.into()))
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), FetchError> {
        if piece.is_empty() {
            return Ok(());
        }
        let limits = self.limits;
        let decoder = self.open(piece)?;
        decoder.write(piece).map_err(|error| refusal(error, decoder.page(), limits))
    }

    fn finish(mut self) -> Result<Written, FetchError> {
        let limits = self.limits;
        // An empty body never opened the file.
        let empty = self.decoder.is_none();
        let decoder = self.open(&[])?;
        if !empty {
            decoder.finish().map_err(|error| refusal(error, decoder.page(), limits))?;
        }
        let page = decoder.page();
        page.disk.flush()?;
        // The spool is what a resumed harvest continues from, so it must outlive a power cut.
        page.disk.get_ref().sync_data()?;
        let digest = std::mem::take(&mut page.digest);
        Ok(Written { bytes: page.bytes, sha256: ContentHash::from_bytes(digest.finalize().into()) })
    }
}

fn refusal(error: io::Error, page: &mut Page, limits: SizeLimits) -> FetchError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Overgrown>()) {
        Some(Overgrown::Size) => FetchError::TooLarge { limit: limits.bytes },
        Some(Overgrown::Ratio) => FetchError::DecompressionBomb { ratio: limits.ratio },
        Some(Overgrown::Disk) => FetchError::Spool(page.disk_failure.take().unwrap_or(error)),
        None => FetchError::BrokenEncoding { reason: error.to_string() },
    }
}

enum Piece {
    Data(Bytes),
    /// The body is whole. Without it the document was abandoned, as when a fetch is cancelled.
    End,
}

/// The connection's end of a [`Writer`] that works on its own blocking thread.
pub(super) struct Spooling {
    pieces: mpsc::Sender<Piece>,
    writer: JoinHandle<Result<Written, FetchError>>,
}

impl Spooling {
    pub(super) fn start(path: &Path, encoding: Encoding, limits: SizeLimits) -> Self {
        let (pieces, mut queue) = mpsc::channel(QUEUED_PIECES);
        let mut document = Writer::new(path, encoding, limits);
        let writer = tokio::task::spawn_blocking(move || {
            loop {
                match queue.blocking_recv() {
                    Some(Piece::Data(piece)) => document.write(&piece)?,
                    Some(Piece::End) => return document.finish(),
                    None => return Err(FetchError::Spool(io::ErrorKind::Interrupted.into())),
                }
            }
        });
        Self { pieces, writer }
    }

    /// Hands on one piece; `false` when the writer has given up, and [`Self::finish`] says why.
    pub(super) async fn write(&self, piece: Bytes) -> bool {
        self.pieces.send(Piece::Data(piece)).await.is_ok()
    }

    /// Waits until everything is on disk.
    pub(super) async fn finish(self) -> Result<Written, FetchError> {
        // A writer that gave up has closed its end; its own result says why.
        let _ = self.pieces.send(Piece::End).await;
        self.writer.await.map_err(|error| FetchError::Spool(io::Error::other(error)))?
    }
}

/// Copies a local file into the spool, under the same limits as a fetched one.
pub(super) fn copy_file(from: &Path, to: &Path, limits: SizeLimits) -> Result<Written, FetchError> {
    let unreadable =
        |error: io::Error| FetchError::File { path: from.display().to_string(), reason: error.to_string() };
    let mut file = File::open(from).map_err(unreadable)?;
    let mut document = Writer::new(to, Encoding::Identity, limits);
    let mut buffer = vec![0u8; DISK_BUFFER_BYTES];
    loop {
        let count = file.read(&mut buffer).map_err(unreadable)?;
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { return document.finish() };
        document.write(piece)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SizeLimits = SizeLimits { bytes: 64 * 1024 * 1024, ratio: 100 };

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory")
    }

    fn spool(encoding: Encoding, body: &[u8], limits: SizeLimits) -> Result<(Written, Vec<u8>), FetchError> {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("part");
        let mut writer = Writer::new(&path, encoding, limits);
        for piece in body.chunks(1000) {
            writer.write(piece)?;
        }
        let written = writer.finish()?;
        Ok((written, std::fs::read(&path).expect("written")))
    }

    #[test]
    fn bodies_are_unpacked_counted_and_fingerprinted() {
        let text = b"{\"dataset\": []}".repeat(1000);
        let zlib = {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&text).and_then(|()| encoder.finish()).expect("memory")
        };
        for (encoding, body) in [
            (Encoding::Identity, text.clone()),
            (Encoding::Identity, gzip(&text)),
            (Encoding::Gzip, gzip(&text)),
            (Encoding::Deflate, zlib),
        ] {
            let (written, on_disk) = spool(encoding, &body, LIMITS).expect("fits");
            assert_eq!(on_disk, text, "{encoding:?}");
            assert_eq!(written, Written { bytes: 15_000, sha256: ContentHash::of(&text) });
        }
        let (written, on_disk) = spool(Encoding::Identity, b"", LIMITS).expect("empty is a document");
        assert_eq!((written.bytes, on_disk.len()), (0, 0));
    }

    #[test]
    fn documents_past_their_limits_are_cut_off() {
        let small = SizeLimits { bytes: 10_000, ratio: 100 };
        assert!(matches!(spool(Encoding::Identity, &[7; 10_001], small), Err(FetchError::TooLarge { limit: 10_000 })));
        assert!(spool(Encoding::Identity, &[7; 10_000], small).is_ok());
        assert!(matches!(spool(Encoding::Gzip, &gzip(&[7; 10_001]), small), Err(FetchError::TooLarge { .. })));
        let bomb = gzip(&vec![0; 32 * 1024 * 1024]);
        assert!(matches!(spool(Encoding::Gzip, &bomb, LIMITS), Err(FetchError::DecompressionBomb { ratio: 100 })));
    }

    #[test]
    fn packed_bodies_that_break_off_are_refused() {
        let whole = gzip(&b"abcdefgh".repeat(5000));
        let half = whole.get(..whole.len() / 2).expect("half");
        assert!(matches!(spool(Encoding::Gzip, half, LIMITS), Err(FetchError::BrokenEncoding { .. })));
        assert!(matches!(spool(Encoding::Gzip, b"no gzip at all", LIMITS), Err(FetchError::BrokenEncoding { .. })));
    }
}
