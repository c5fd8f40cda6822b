//! Shapes written as well-known text (OGC 06-103r4, clause 7), turned into well-known binary.

/// How deep collections may lie within one another.
const DEPTH_MAX: usize = 8;
/// Bytes of one shape's text.
const TEXT_BYTES_MAX: usize = 4 << 20;

/// West, south, east, north.
pub(crate) type Bounds = [f64; 4];

/// Whether a text may begin a shape.
pub(crate) fn may_be_shape(text: &[u8]) -> bool {
    let mut head = [0u8; 10];
    let length = text.len().min(10);
    if let (Some(head), Some(text)) = (head.get_mut(..length), text.get(..length)) {
        head.copy_from_slice(text);
    }
    head.make_ascii_uppercase();
    [&b"POINT"[..], b"LINESTRING", b"POLYGON", b"MULTI", b"GEOMETRYCO", b"SRID=4326"]
        .iter()
        .any(|word| head.starts_with(word))
}

/// Reads a shape as WKB (little endian, two dimensions; heights and measures are dropped), with whether it is a point.
/// `None` when it is no shape, is empty, or does not lie on the globe in degrees.
pub(crate) fn to_wkb(text: &[u8], wkb: &mut Vec<u8>) -> Option<bool> {
    wkb.clear();
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    let text = match text.get(..10) {
        Some(prefix) if prefix.eq_ignore_ascii_case("SRID=4326;") => text.get(10..)?,
        _ => text,
    };
    let mut reader = Reader { rest: text };
    let kind = reader.shape(wkb, 0)?;
    reader.rest.trim().is_empty().then_some(kind == 1)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, sign: char) -> Option<()> {
        self.skip();
        self.rest = self.rest.strip_prefix(sign)?;
        Some(())
    }

    fn word(&mut self) -> Option<String> {
        self.skip();
        let end = self.rest.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_ascii_uppercase())
    }

    fn shape(&mut self, wkb: &mut Vec<u8>, depth: usize) -> Option<u32> {
        if depth > DEPTH_MAX {
            return None;
        }
        let word = self.word()?;
        self.skip();
        // `POINT Z (…)`, `POINT M (…)`
        for mark in ["ZM", "Z", "M"] {
            if let Some(rest) = self.rest.strip_prefix(mark)
                && rest.trim_start().starts_with('(')
            {
                self.rest = rest;
                break;
            }
        }
        let kind = match word.trim_end_matches(['Z']) {
            "POINT" => 1,
            "LINESTRING" => 2,
            "POLYGON" => 3,
            "MULTIPOINT" => 4,
            "MULTILINESTRING" => 5,
            "MULTIPOLYGON" => 6,
            "GEOMETRYCOLLECTION" => 7,
            _ => return None,
        };
        begin(wkb, kind);
        match kind {
            1 => {
                self.eat('(')?;
                self.position(wkb)?;
                self.eat(')')?;
            }
            2 => self.positions(wkb)?,
            3 => self.list(wkb, |reader, wkb| reader.positions(wkb))?,
            4 => self.list(wkb, |reader, wkb| {
                begin(wkb, 1);
                let bracket = reader.eat('(').is_some();
                reader.position(wkb)?;
                if bracket { reader.eat(')') } else { Some(()) }
            })?,
            5 => self.list(wkb, |reader, wkb| {
                begin(wkb, 2);
                reader.positions(wkb)
            })?,
            6 => self.list(wkb, |reader, wkb| {
                begin(wkb, 3);
                reader.list(wkb, |reader, wkb| reader.positions(wkb))
            })?,
            _ => self.list(wkb, |reader, wkb| reader.shape(wkb, depth + 1).map(|_| ()))?,
        }
        Some(kind)
    }

    fn list(&mut self, wkb: &mut Vec<u8>, mut item: impl FnMut(&mut Self, &mut Vec<u8>) -> Option<()>) -> Option<()> {
        self.eat('(')?;
        let place = wkb.len();
        wkb.extend_from_slice(&[0; 4]);
        let mut count = 0u32;
        loop {
            item(self, wkb)?;
            count += 1;
            if self.eat(',').is_none() {
                break;
            }
        }
        self.eat(')')?;
        wkb.get_mut(place..place + 4)?.copy_from_slice(&count.to_le_bytes());
        Some(())
    }

    fn positions(&mut self, wkb: &mut Vec<u8>) -> Option<()> {
        self.list(wkb, |reader, wkb| reader.position(wkb))
    }

    fn position(&mut self, wkb: &mut Vec<u8>) -> Option<()> {
        let (x, y) = (self.ordinate()?, self.ordinate()?);
        for _ in 0..2 {
            let _ = self.ordinate();
        }
        let on_globe = (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y);
        if !on_globe {
            return None;
        }
        wkb.extend_from_slice(&x.to_le_bytes());
        wkb.extend_from_slice(&y.to_le_bytes());
        Some(())
    }

    fn ordinate(&mut self) -> Option<f64> {
        self.skip();
        let end = self
            .rest
            .find(|sign: char| !(sign.is_ascii_digit() || matches!(sign, '.' | '-' | '+' | 'e' | 'E')))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let value = digits.parse::<f64>().ok()?;
        self.rest = rest;
        Some(value)
    }
}

fn begin(wkb: &mut Vec<u8>, kind: u32) {
    wkb.push(1);
    wkb.extend_from_slice(&kind.to_le_bytes());
}

/// Widens bounds by every position of a shape in WKB. Shapes of other dimensions than two, three or four give nothing.
pub(crate) fn widen(bounds: &mut Option<Bounds>, wkb: &[u8]) {
    let mut cursor = wkb;
    let _ = widen_shape(bounds, &mut cursor, 0);
}

fn widen_shape(bounds: &mut Option<Bounds>, cursor: &mut &[u8], depth: usize) -> Option<()> {
    if depth > DEPTH_MAX {
        return None;
    }
    let little = take::<1>(cursor)?[0] == 1;
    let number = |bytes: [u8; 4]| if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
    let code = number(take::<4>(cursor)?);
    if code & 0x2000_0000 != 0 {
        let _ = take::<4>(cursor)?;
    }
    let base = code & 0x0fff_ffff;
    let (kind, iso) = (base % 1000, base / 1000);
    let extended = u32::from(code & 0x8000_0000 != 0) + u32::from(code & 0x4000_0000 != 0);
    let extra = match iso {
        0 => extended,
        1 | 2 => 1,
        _ => 2,
    };
    let mut position = |cursor: &mut &[u8]| -> Option<()> {
        let read = |bytes: [u8; 8]| if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) };
        let (x, y) = (read(take::<8>(cursor)?), read(take::<8>(cursor)?));
        for _ in 0..extra {
            let _ = take::<8>(cursor)?;
        }
        if x.is_finite() && y.is_finite() {
            let [west, south, east, north] = bounds.get_or_insert([x, y, x, y]);
            (*west, *south, *east, *north) = (west.min(x), south.min(y), east.max(x), north.max(y));
        }
        Some(())
    };
    match kind {
        1 => position(cursor)?,
        2 => {
            for _ in 0..number(take::<4>(cursor)?) {
                position(cursor)?;
            }
        }
        3 => {
            for _ in 0..number(take::<4>(cursor)?) {
                for _ in 0..number(take::<4>(cursor)?) {
                    position(cursor)?;
                }
            }
        }
        4..=7 => {
            for _ in 0..number(take::<4>(cursor)?) {
                widen_shape(bounds, cursor, depth + 1)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn take<const N: usize>(cursor: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = cursor.split_first_chunk::<N>()?;
    *cursor = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_text_becomes_binary_with_bounds() {
        let cases = [
            ("POINT (10.5 45.25)", Some((true, [10.5, 45.25, 10.5, 45.25]))),
            ("point(10 45)", Some((true, [10.0, 45.0, 10.0, 45.0]))),
            ("SRID=4326;POINT Z (1 2 3)", Some((true, [1.0, 2.0, 1.0, 2.0]))),
            ("LINESTRING (0 0, 1 2)", Some((false, [0.0, 0.0, 1.0, 2.0]))),
            ("POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))", Some((false, [0.0, 0.0, 4.0, 4.0]))),
            ("MULTIPOINT ((1 1), 2 2)", Some((false, [1.0, 1.0, 2.0, 2.0]))),
            ("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", Some((false, [0.0, 0.0, 1.0, 1.0]))),
            ("GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (2 2, 3 3))", Some((false, [1.0, 1.0, 3.0, 3.0]))),
            ("POINT (1472210.8 4978439.9)", None),
            ("POINT EMPTY", None),
            ("POINT (1)", None),
            ("POINT (1 2) and more", None),
            ("Pointe-Noire", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let mut wkb = Vec::new();
            let found = to_wkb(text.as_bytes(), &mut wkb).map(|point| {
                let mut bounds = None;
                widen(&mut bounds, &wkb);
                (point, bounds.unwrap_or_default())
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
