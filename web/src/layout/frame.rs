//! The frame around every page, and what it knows.

use fairground_catalog::application::PlainKey;
use fairground_domain::Timestamp;
use url::Url;

use crate::assets::Assets;
use crate::brand::Brand;

/// What all pages share: the portal's look, its files and its public address.
#[derive(Debug)]
pub struct Site {
    /// The portal's look.
    pub brand: Brand,
    /// Its styles and scripts.
    pub assets: Assets,
    /// Its public address without a slash at the end, such as `https://data.example.org`.
    pub public_url: String,
    /// The key that previews in its pages call the API with; without it they call as anybody may.
    pub preview_key: Option<String>,
}

impl Site {
    /// A site of that look at that public address.
    #[must_use]
    pub fn new(brand: Brand, public_url: &str) -> Self {
        let assets = Assets::load(&brand);
        Self { brand, assets, public_url: public_url.trim_end_matches('/').to_owned(), preview_key: None }
    }

    /// The site whose previews call the API with that key.
    #[must_use]
    pub fn calling_with(self, key: &PlainKey) -> Self {
        Self { preview_key: Some(key.reveal().to_owned()), ..self }
    }

    /// The site's part of an address: its origin, such as `https://data.example.org`.
    #[must_use]
    pub fn origin(&self) -> String {
        Url::parse(&self.public_url).map_or_else(|_| self.public_url.clone(), |url| url.origin().ascii_serialization())
    }
}

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Home,
    /// Search and datasets.
    Datasets,
    /// Publishers.
    Publishers,
    /// Developers and the API's documentation.
    Developers,
    /// Transparency.
    Transparency,
    /// The workspace of agency staff.
    Workspace,
    /// Signing in.
    Session,
    /// One's own account.
    Me,
    /// None of them.
    Elsewhere,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What they are called; the e-mail address when they gave no name.
    pub name: String,
    /// Their role in words.
    pub role: String,
    /// True for the portal's own team.
    pub is_operator: bool,
    /// True for whoever works here for a publisher or for the portal.
    pub is_staff: bool,
    /// The token that every form of theirs must carry.
    pub csrf: String,
}

/// What the last act did, said once at the top of the page that follows. It rides in the address, so it can only be one of
/// these and never a text of somebody's choosing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A source was added.
    SourceAdded,
    /// A source was added and its first harvest asked for.
    SourceAddedAndRun,
    /// A source was proposed.
    SourceProposed,
    /// A proposed source may be harvested.
    SourceApproved,
    /// A source is gone.
    SourceDeleted,
    /// A source is on its schedule again.
    SourceResumed,
    /// A source is off its schedule.
    SourcePaused,
    /// A harvest was asked for.
    JobStarted,
    /// A harvest was under way already.
    JobUnderWay,
    /// A braked harvest goes on.
    JobApproved,
    /// A harvest was stopped.
    JobCancelled,
    /// A key was revoked.
    KeyRevoked,
    /// What was typed is kept.
    Saved,
    /// An application was closed.
    ApplicationClosed,
    /// An invitation is on its way.
    InvitationSent,
    /// The reader belongs to an organisation.
    OrganisationJoined,
    /// The reader no longer belongs to an organisation.
    OrganisationLeft,
    /// The reader signed out.
    SignedOut,
    /// A session of the reader ended.
    SessionEnded,
    /// The reader's password is another one.
    PasswordChanged,
    /// The reader's second factor is gone.
    FactorRemoved,
    /// An identity was linked to the reader's account.
    IdentityLinked,
    /// An identity was taken away from it.
    IdentityUnlinked,
    /// The reader's account is gone.
    AccountErased,
}

impl Notice {
    const ALL: [Self; 24] = [
        Self::SourceAdded,
        Self::SourceAddedAndRun,
        Self::SourceProposed,
        Self::SourceApproved,
        Self::SourceDeleted,
        Self::SourceResumed,
        Self::SourcePaused,
        Self::JobStarted,
        Self::JobUnderWay,
        Self::JobApproved,
        Self::JobCancelled,
        Self::KeyRevoked,
        Self::Saved,
        Self::ApplicationClosed,
        Self::InvitationSent,
        Self::OrganisationJoined,
        Self::OrganisationLeft,
        Self::SignedOut,
        Self::SessionEnded,
        Self::PasswordChanged,
        Self::FactorRemoved,
        Self::IdentityLinked,
        Self::IdentityUnlinked,
        Self::AccountErased,
    ];

    /// Its name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceAdded => "source-added",
            Self::SourceAddedAndRun => "source-added-and-run",
            Self::SourceProposed => "source-proposed",
            Self::SourceApproved => "source-approved",
            Self::SourceDeleted => "source-deleted",
            Self::SourceResumed => "source-resumed",
            Self::SourcePaused => "source-paused",
            Self::JobStarted => "job-started",
            Self::JobUnderWay => "job-under-way",
            Self::JobApproved => "job-approved",
            Self::JobCancelled => "job-cancelled",
            Self::KeyRevoked => "key-revoked",
            Self::Saved => "saved",
            Self::ApplicationClosed => "application-closed",
            Self::InvitationSent => "invitation-sent",
            Self::OrganisationJoined => "organisation-joined",
            Self::OrganisationLeft => "organisation-left",
            Self::SignedOut => "signed-out",
            Self::SessionEnded => "session-ended",
            Self::PasswordChanged => "password-changed",
            Self::FactorRemoved => "factor-removed",
            Self::IdentityLinked => "identity-linked",
            Self::IdentityUnlinked => "identity-unlinked",
            Self::AccountErased => "account-erased",
        }
    }

    /// The notice that a query string carries as `done=`.
    #[must_use]
    pub fn in_query(query: &str) -> Option<Self> {
        let name = query.split('&').find_map(|pair| pair.strip_prefix("done="))?;
        Self::ALL.into_iter().find(|notice| notice.as_str() == name)
    }
}

/// The frame of one page for one reader.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// What all pages share.
    pub site: &'a Site,
    /// Which entry of the navigation it belongs to.
    pub place: Place,
    /// The page's own path and query, for the canonical address and for coming back after signing in.
    pub path: String,
    /// Who is reading, if signed in.
    pub person: Option<Person>,
    /// What the last act did.
    pub notice: Option<Notice>,
    /// The moment of rendering, for "3 days ago".
    pub now: Timestamp,
}

impl<'a> Frame<'a> {
    /// The frame of a public page.
    #[must_use]
    pub fn new(site: &'a Site, place: Place, path: impl Into<String>) -> Self {
        Self { site, place, path: path.into(), person: None, notice: None, now: Timestamp::now() }
    }

    /// The same frame for a reader who is signed in.
    #[must_use]
    pub fn for_person(mut self, person: Option<Person>) -> Self {
        self.person = person;
        self
    }

    /// The same frame with a word about the last act.
    #[must_use]
    pub fn with_notice(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }

    /// `aria-current` value for a navigation entry, or nothing.
    #[must_use]
    pub fn is_at(&self, name: &str) -> bool {
        let here = match self.place {
            Place::Home => "home",
            Place::Datasets => "datasets",
            Place::Publishers => "publishers",
            Place::Developers => "developers",
            Place::Transparency => "transparency",
            Place::Workspace => "workspace",
            Place::Session => "session",
            Place::Me => "me",
            Place::Elsewhere => "",
        };
        here == name
    }

    /// The page's canonical address.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{}{}", self.site.public_url, self.path)
    }

    /// The token that forms carry; empty for readers who are not signed in and so have nothing to protect.
    #[must_use]
    pub fn csrf(&self) -> &str {
        self.person.as_ref().map_or("", |person| person.csrf.as_str())
    }
}
