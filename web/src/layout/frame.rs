//! The frame around every page, and what it knows.

use fairground_catalog::application::PlainKey;
use fairground_domain::Timestamp;
use url::Url;

use crate::assets::Assets;
use crate::brand::Brand;
use crate::words::{Html, Language, Moment, Phrase, Whole};

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
    /// True for who sees how the portal is run: its own team and auditors.
    pub oversees: bool,
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
    /// A source is harvested at other times, or brakes elsewhere.
    SourceChanged,
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
    /// The reader follows something now.
    Following,
    /// The reader's question is public.
    Asked,
    /// The reader's request is public.
    Requested,
    /// Nothing is kept of the reader any more.
    Forgotten,
    /// The reader has a role for a publisher now.
    RoleAccepted,
    /// A draft was begun.
    DraftBegun,
    /// A draft of an earlier version was begun, without some of its data.
    RestoredInPart,
    /// A draft waits for a reviewer.
    DraftSubmitted,
    /// A draft is with its editors again.
    DraftRecalled,
    /// A reviewer returned a draft.
    DraftReturned,
    /// A draft does not pass by itself.
    DraftHeld,
    /// A draft is approved and waits for its time.
    DraftScheduled,
    /// A draft is public.
    DraftPublished,
    /// A draft was given up.
    DraftDiscarded,
    /// A dataset is no longer public.
    DatasetWithdrawn,
    /// What the screen held was released.
    HoldReleased,
    /// A repair of what the screen held is ordered.
    HoldRepaired,
    /// What the screen held stays out of view.
    HoldKept,
}

impl Notice {
    const ALL: [Self; 43] = [
        Self::SourceAdded,
        Self::SourceAddedAndRun,
        Self::SourceProposed,
        Self::SourceApproved,
        Self::SourceDeleted,
        Self::SourceResumed,
        Self::SourcePaused,
        Self::SourceChanged,
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
        Self::RoleAccepted,
        Self::DraftBegun,
        Self::RestoredInPart,
        Self::DraftSubmitted,
        Self::DraftRecalled,
        Self::DraftReturned,
        Self::DraftHeld,
        Self::DraftScheduled,
        Self::DraftPublished,
        Self::DraftDiscarded,
        Self::DatasetWithdrawn,
        Self::HoldReleased,
        Self::HoldRepaired,
        Self::HoldKept,
        Self::Following,
        Self::Asked,
        Self::Requested,
        Self::Forgotten,
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
            Self::SourceChanged => "source-changed",
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
            Self::Following => "following",
            Self::Asked => "asked",
            Self::Requested => "requested",
            Self::Forgotten => "forgotten",
            Self::RoleAccepted => "role-accepted",
            Self::DraftBegun => "draft-begun",
            Self::RestoredInPart => "restored-in-part",
            Self::DraftSubmitted => "draft-submitted",
            Self::DraftRecalled => "draft-recalled",
            Self::DraftReturned => "draft-returned",
            Self::DraftHeld => "draft-held",
            Self::DraftScheduled => "draft-scheduled",
            Self::DraftPublished => "draft-published",
            Self::DraftDiscarded => "draft-discarded",
            Self::DatasetWithdrawn => "dataset-withdrawn",
            Self::HoldReleased => "hold-released",
            Self::HoldRepaired => "hold-repaired",
            Self::HoldKept => "hold-kept",
        }
    }

    /// The key of its message.
    #[must_use]
    pub fn key(self) -> String {
        format!("layout-notice-{}", self.as_str())
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
    /// The language that it speaks.
    pub language: Language,
    /// True when the address itself asks for that language (`?lang=`).
    pub is_language_asked: bool,
    /// The page's path and query without a language, for coming back after choosing one.
    pub here: String,
}

impl<'a> Frame<'a> {
    /// The frame of a public page.
    #[must_use]
    pub fn new(site: &'a Site, place: Place, path: impl Into<String>) -> Self {
        let path = path.into();
        let now = Timestamp::now();
        let language = site.brand.language();
        Self {
            site,
            place,
            here: path.clone(),
            path,
            person: None,
            notice: None,
            now,
            language,
            is_language_asked: false,
        }
    }

    /// The same frame in a language.
    #[must_use]
    pub fn in_language(mut self, language: Language, is_asked: bool) -> Self {
        (self.language, self.is_language_asked) = (language, is_asked);
        self
    }

    /// The same frame at a path and query to come back to.
    #[must_use]
    pub fn at(mut self, here: impl Into<String>) -> Self {
        self.here = here.into();
        self
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

    /// The page's canonical address: with its language where the address asks for one.
    #[must_use]
    pub fn canonical(&self) -> String {
        let address = format!("{}{}", self.site.public_url, self.path);
        if self.is_language_asked { format!("{address}?lang={}", self.language.as_str()) } else { address }
    }

    /// The same page in every language: its tag for `hreflang` and its address. The one without a language chooses by
    /// what the reader's browser accepts.
    #[must_use]
    pub fn alternates(&self) -> Vec<(&'static str, String)> {
        let address = format!("{}{}", self.site.public_url, self.path);
        let offered = self.site.brand.languages.iter().map(|language| language.as_str());
        let mut all: Vec<_> = offered.map(|tag| (tag, format!("{address}?lang={tag}"))).collect();
        all.push(("x-default", address));
        all
    }

    /// The message of that key in the page's language.
    pub fn t(&self, key: impl AsRef<str>) -> Phrase {
        self.language.t(key)
    }

    /// The sentence below the portal's name.
    #[must_use]
    pub fn tagline(&self) -> String {
        match self.site.brand.tagline.trim() {
            "" => self.t("layout-tagline").text(),
            own => own.to_owned(),
        }
    }

    /// A whole number.
    #[must_use]
    pub fn count(&self, number: impl Whole) -> String {
        self.language.count(number)
    }

    /// A size in bytes.
    #[must_use]
    pub fn size(&self, bytes: impl Whole) -> String {
        self.language.size(bytes)
    }

    /// A day as a `<time>`.
    #[must_use]
    pub fn day(&self, moment: impl Moment) -> Html {
        self.language.day_tag(moment)
    }

    /// A moment as a `<time>`.
    #[must_use]
    pub fn moment(&self, moment: impl Moment) -> Html {
        self.language.moment_tag(moment)
    }

    /// How long ago a moment was.
    #[must_use]
    pub fn ago(&self, moment: impl Moment) -> String {
        self.language.ago(moment, self.now)
    }

    /// A length of time.
    #[must_use]
    pub fn span(&self, secs: impl Whole) -> String {
        self.language.span(secs)
    }

    /// How often something happens: `every 6 hours`.
    #[must_use]
    pub fn every(&self, secs: impl Whole) -> String {
        self.language.every(secs)
    }

    /// What the catalogue refused, in the reader's language.
    #[must_use]
    pub fn refusal(&self, english: impl AsRef<str>) -> Html {
        self.language.refusal(english)
    }

    /// A text of the program that is no refusal, in the reader's language.
    #[must_use]
    pub fn told(&self, english: impl AsRef<str>) -> Html {
        self.language.told(english)
    }

    /// The token that forms carry; empty for readers who are not signed in and so have nothing to protect.
    #[must_use]
    pub fn csrf(&self) -> &str {
        self.person.as_ref().map_or("", |person| person.csrf.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::BrandSettings;

    #[test]
    fn every_notice_has_its_words() {
        for notice in Notice::ALL {
            for language in Language::ALL {
                assert_ne!(language.t(notice.key()).text(), notice.key());
            }
        }
    }

    #[test]
    fn a_page_names_itself_in_every_language() {
        let site = Site::new(Brand::try_from(BrandSettings::default()).expect("a brand"), "https://data.example/");
        let frame = Frame::new(&site, Place::Publishers, "/publishers");
        assert_eq!(frame.canonical(), "https://data.example/publishers");
        let asked = frame.in_language(Language::Fr, true);
        assert_eq!(asked.canonical(), "https://data.example/publishers?lang=fr");
        let tags: Vec<_> = asked.alternates().into_iter().map(|(tag, _)| tag).collect();
        assert_eq!(tags, ["en", "fr", "de", "es", "x-default"]);
    }
}
