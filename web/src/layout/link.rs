//! Small values that many pages show.

/// A text that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it goes: a path of this portal, or an address that passed [`crate::prose::safe_href`].
    pub href: String,
}

impl Link {
    /// A link.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// A link with the number of things behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedLink {
    /// What it says.
    pub text: String,
    /// Where it goes, as in [`Link`].
    pub href: String,
    /// How many things are there.
    pub count: u64,
}

/// How a label is coloured. Colour never says it alone: the text does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Worth a look.
    Warn,
    /// Something failed.
    Bad,
    /// Something is going on.
    Info,
    /// Neither.
    Neutral,
}

impl Tone {
    /// The modifier of the style `fg-tag`.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "fg-tag--good",
            Self::Warn => "fg-tag--warn",
            Self::Bad => "fg-tag--bad",
            Self::Info => "fg-tag--info",
            Self::Neutral => "",
        }
    }
}

/// A short word in a coloured box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The word.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
}

impl Label {
    /// A label.
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}
