//! Pages of rows.
//!
//! Three ways lead to a page, and the expected number of rows looked at decides between them: by row number; along the
//! order of the first sort key, testing rows on the way (good when the page is near the beginning or many rows fit); or
//! gathering all rows that fit and sorting the head (good when few fit).

pub(crate) mod order;

use fairground_tables_query::plan::{RowsPlan, Start};

use crate::error::{Budget, ColumnsError, Stop};
use crate::predicate::{CHEAP_ROWS, Cost, Node};
use crate::set::RowSet;
use crate::sidecar::Sidecar;
use order::{Ordered, Walk};

/// Rows that are gathered for sorting at most, 16 bytes each; beyond, the order is walked.
const GATHERED_ROWS_MAX: u64 = 4_000_000;

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsAnswer {
    /// Numbers of the rows, in the order asked for.
    pub rows: Vec<u32>,
    /// Rows that the predicate takes, exact.
    pub total: u64,
    /// Where the next page begins; nothing after the last.
    pub next: Option<Start>,
}

/// Where a page begins and how much is wanted: one row more than the page, to know whether another follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) skip: u64,
    pub(crate) after: Option<u32>,
    pub(crate) rows: usize,
}

impl Sidecar {
    /// Answers a page.
    ///
    /// # Errors
    /// `Mismatch` when the plan does not fit the columns, or sorts by shapes; `Stopped`; `Damaged`.
    pub fn rows(&self, plan: &RowsPlan, stop: Stop<'_>) -> Result<RowsAnswer, ColumnsError> {
        let mut budget = Budget::new(stop);
        let rows = self.rows_total();
        let node = self.compile(&plan.predicate, true)?;
        let (node, total) = match node.exact(rows) {
            Some(total) => (node, total),
            None => {
                let set = node.collect(rows, &mut budget)?;
                let total = set.len();
                (Node::Rows(set), total)
            }
        };
        let limit = plan.limit as usize;
        let before = match plan.start {
            Start::Offset(offset) | Start::AfterRow { offset, .. } => offset,
        };
        let wanted = match plan.start {
            Start::Offset(skip) => Wanted { skip, after: None, rows: limit + 1 },
            Start::AfterRow { row, .. } => match u32::try_from(row).ok().filter(|row| *row < rows) {
                Some(row) => Wanted { skip: 0, after: Some(row), rows: limit + 1 },
                None => return Ok(RowsAnswer { rows: Vec::new(), total, next: None }),
            },
        };
        if limit == 0 || wanted.skip >= total {
            return Ok(RowsAnswer { rows: Vec::new(), total, next: None });
        }
        let mut page = if plan.sort.is_empty() {
            self.by_number(node, total, wanted, &mut budget)?
        } else {
            self.sorted(node, total, &Ordered::new(self, &plan.sort)?, wanted, &mut budget)?
        };
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page
            .last()
            .filter(|_| more)
            .map(|last| Start::AfterRow { row: u64::from(*last), offset: before.saturating_add(page.len() as u64) });
        Ok(RowsAnswer { rows: page, total, next })
    }

    /// What a page costs, roughly, told without answering it.
    #[must_use]
    pub fn rows_cost(&self, plan: &RowsPlan) -> Cost {
        let skipped = match plan.start {
            Start::Offset(offset) if plan.predicate != fairground_tables_query::plan::Predicate::Constant(true) => {
                offset
            }
            _ => 0,
        };
        // Ties under the first key are sorted by the others: a whole group at a time.
        let tied = match plan.sort.as_slice() {
            [first, _, ..] => self.column(first.column).map_or(0, |column| {
                let place = match plan.start {
                    Start::Offset(offset) => u32::try_from(offset).unwrap_or(u32::MAX),
                    Start::AfterRow { .. } => 0,
                };
                let last = column.non_null.saturating_sub(1);
                let (from, to) = column.group(if first.descending { last.saturating_sub(place) } else { place });
                u64::from(to - from)
            }),
            _ => 0,
        };
        let effort = self.effort(&plan.predicate).saturating_add(skipped).saturating_add(tied);
        if effort.saturating_add(u64::from(plan.limit) * 4) > CHEAP_ROWS { Cost::Dear } else { Cost::Cheap }
    }

    /// A page in the order of row numbers.
    fn by_number(
        &self,
        node: Node<'_>,
        total: u64,
        wanted: Wanted,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<u32>, ColumnsError> {
        let rows = self.rows_total();
        let set = match node.settle(rows) {
            Ok(set) => set,
            Err(node) => {
                let looked_at = expected(wanted, total, rows);
                if looked_at < total {
                    return tested_page(node, rows, wanted, budget);
                }
                node.collect(rows, budget)?
            }
        };
        let first = match wanted.after {
            Some(row) => Some(row.saturating_add(1)),
            None => set.select(wanted.skip),
        };
        Ok(first.map_or_else(Vec::new, |first| set.iter_from(first).take(wanted.rows).collect()))
    }

    /// A page in another order.
    pub(crate) fn sorted(
        &self,
        node: Node<'_>,
        total: u64,
        order: &Ordered<'_>,
        wanted: Wanted,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<u32>, ColumnsError> {
        let rows = self.rows_total();
        let (first, number) = (order.first(), order.first_number());
        match &node {
            Node::All => return Walk::new(order, vec![(0, rows)], None).page(wanted, budget),
            Node::Spans(spans) if spans.number == number => {
                return Walk::new(order, spans.positions(), None).page(wanted, budget);
            }
            _ => {}
        }
        let group = match (order.is_single(), first.distinct()) {
            (false, Some(distinct)) => u64::from(rows / distinct.max(1)),
            _ => 0,
        };
        let looked_at = expected(wanted, total, rows).saturating_add(group);
        if looked_at > total && total <= GATHERED_ROWS_MAX {
            return match &node {
                Node::Spans(spans) => {
                    let runs: Vec<&[u32]> = spans.runs().collect();
                    order.gathered(runs.into_iter().flatten().copied(), wanted, budget)
                }
                _ => {
                    let set = node.collect(rows, budget)?;
                    order.gathered(set.iter(), wanted, budget)
                }
            };
        }
        let node = match node {
            // Many look-ups in a list are slower than in bits.
            Node::Rows(set @ RowSet::Sorted(_)) => Node::Rows(RowSet::Bits(crate::predicate::into_bits(set, rows))),
            other => other,
        };
        Walk::new(order, vec![(0, rows)], Some(node.into_test())).page(wanted, budget)
    }
}

/// Rows that are looked at on the way to the page's end, when those that fit lie evenly.
fn expected(wanted: Wanted, total: u64, rows: u32) -> u64 {
    let wished = u128::from(wanted.skip) + wanted.rows as u128;
    u64::try_from(wished * u128::from(rows) / u128::from(total.max(1))).unwrap_or(u64::MAX)
}

fn tested_page(node: Node<'_>, rows: u32, wanted: Wanted, budget: &mut Budget<'_>) -> Result<Vec<u32>, ColumnsError> {
    let test = node.into_test();
    let (mut skip, mut page) = (wanted.skip, Vec::with_capacity(wanted.rows.min(1_024)));
    for row in wanted.after.map_or(0, |row| row.saturating_add(1))..rows {
        budget.spend(1)?;
        if !test(row) {
            continue;
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        page.push(row);
        if page.len() == wanted.rows {
            break;
        }
    }
    Ok(page)
}
