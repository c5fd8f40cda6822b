//! What the dense numbers in a segment's records mean.

use crate::MeterError;

/// The most that [`Names`] may take in a segment's head.
pub const NAMES_MAX_BYTES: usize = 64 * 1024;

/// The ids of plans and operations, in the order of the numbers that records carry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// `plans[record.plan]`.
    pub plans: Vec<String>,
    /// `operations[record.operation]`.
    pub operations: Vec<String>,
}

/// Ends a name; ids have no control characters.
const END: char = '\n';
/// Stands between plans and operations.
const BETWEEN: char = '\u{1d}';

impl Names {
    /// The plan of that number.
    #[must_use]
    pub fn plan(&self, number: u8) -> Option<&str> {
        self.plans.get(usize::from(number)).map(String::as_str)
    }

    /// The operation of that number.
    #[must_use]
    pub fn operation(&self, number: u16) -> Option<&str> {
        self.operations.get(usize::from(number)).map(String::as_str)
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, MeterError> {
        let mut text = String::new();
        for name in &self.plans {
            push(&mut text, name);
        }
        text.push(BETWEEN);
        for name in &self.operations {
            push(&mut text, name);
        }
        if text.len() > NAMES_MAX_BYTES {
            return Err(MeterError::NamesTooLong(text.len()));
        }
        Ok(text.into_bytes())
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (plans, operations) = std::str::from_utf8(bytes).ok()?.split_once(BETWEEN)?;
        Some(Self { plans: split(plans), operations: split(operations) })
    }
}

fn push(text: &mut String, name: &str) {
    text.extend(name.chars().filter(|c| !c.is_control()));
    text.push(END);
}

fn split(text: &str) -> Vec<String> {
    text.split_terminator(END).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(plans: &[&str], operations: &[&str]) -> Names {
        let owned = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        Names { plans: owned(plans), operations: owned(operations) }
    }

    #[test]
    fn names_read_back_as_they_were_written() {
        for known in [names(&[], &[]), names(&["open"], &[]), names(&["keyless", "open"], &["find_dataset", "", "é"])]
        {
            let bytes = known.encode().expect("short enough");
            assert_eq!(Names::decode(&bytes), Some(known));
        }
    }

    #[test]
    fn names_that_do_not_fit_are_refused() {
        let long = names(&[&"x".repeat(NAMES_MAX_BYTES)], &[]);
        assert!(matches!(long.encode(), Err(MeterError::NamesTooLong(_))));
    }
}
