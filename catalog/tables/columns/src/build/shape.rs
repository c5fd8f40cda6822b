//! Places and shapes: their WKB, their boxes, and an order along a curve in which neighbours stand together.

use arrow::array::{Array, AsArray};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;
use fairground_tables_query::geometry;

use super::Task;
use super::order::{self, Valid};
use super::spool::Spool;
use crate::column::{BLOCK_ROWS, encoding};
use crate::error::ColumnsError;
use crate::format::{self, Kind};
use crate::source::ColumnSource;

/// The box of a shape without positions: it touches nothing.
const NOWHERE: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

pub(super) fn build(task: &Task<'_>, source: &dyn ColumnSource) -> Result<(), ColumnsError> {
    let mut offsets = Vec::with_capacity(task.rows as usize + 1);
    offsets.push(0u64);
    let (mut bytes, mut boxes) = (Spool::new(task.folder), Spool::new(task.folder));
    let mut valid = Valid::default();
    task.each_piece(source.column(task.column as usize)?, &DataType::Binary, &mut |_, piece| {
        let shapes = piece.as_binary::<i32>();
        for at in 0..shapes.len() {
            let shape = if shapes.is_valid(at) { shapes.value(at) } else { &[] };
            valid.push(shapes.is_valid(at));
            bytes.push(shape)?;
            offsets.push(bytes.len());
            for side in geometry::bbox(shape).unwrap_or(NOWHERE) {
                boxes.push(&side.to_ne_bytes())?;
            }
        }
        Ok(())
    })?;
    let boxes = Buffer::from(bytes::Bytes::from_owner(boxes.finish()?));
    let sides = format::typed::<f64>(boxes.clone(), Some(task.rows as usize * 4))
        .ok_or_else(|| ColumnsError::damaged("boxes of shapes"))?;
    let box_of = |row: u32| {
        let from = row as usize * 4;
        sides.get(from..from + 4).and_then(|four| <[f64; 4]>::try_from(four).ok()).unwrap_or(NOWHERE)
    };
    let order = order::sorted(task, &|row| valid.get(row), &|row| curve(box_of(row)), None)?;
    let mut blocks: Vec<f64> = Vec::new();
    for block in order.get(..valid.non_null()).unwrap_or_default().chunks(BLOCK_ROWS) {
        blocks.extend(block.iter().fold(NOWHERE, |sum, row| joined(sum, box_of(*row))));
    }
    task.write_meta(encoding::SHAPE, 0, valid.non_null(), 0)?;
    task.write(Kind::Order, &Buffer::from_vec(order))?;
    task.write(Kind::Offsets, &Buffer::from_vec(offsets))?;
    task.write(Kind::Bytes, &bytes.finish()?)?;
    task.write(Kind::Boxes, &boxes)?;
    task.write(Kind::BlockBoxes, &Buffer::from_vec(blocks))?;
    if let Some(words) = valid.into_words() {
        task.write(Kind::Valid, &Buffer::from_vec(words))?;
    }
    Ok(())
}

fn joined(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    let ([w, s, e, n], [west, south, east, north]) = (a, b);
    [w.min(west), s.min(south), e.max(east), n.max(north)]
}

/// The place of a box's middle on a Z-order curve over the world.
fn curve([west, south, east, north]: [f64; 4]) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is clamped; NaN becomes 0")]
    let scaled = |middle: f64, reach: f64| {
        ((middle + reach) / (2.0 * reach) * f64::from(u32::MAX)).clamp(0.0, f64::from(u32::MAX)) as u32
    };
    spread(scaled(f64::midpoint(west, east), 180.0)) | spread(scaled(f64::midpoint(south, north), 90.0)) << 1
}

/// The bits of a number, each with a gap after it.
const fn spread(bits: u32) -> u64 {
    let mut x = bits as u64;
    x = (x | x << 16) & 0x0000_FFFF_0000_FFFF;
    x = (x | x << 8) & 0x00FF_00FF_00FF_00FF;
    x = (x | x << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    x = (x | x << 2) & 0x3333_3333_3333_3333;
    (x | x << 1) & 0x5555_5555_5555_5555
}
