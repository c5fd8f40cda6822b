//! The table: one line per kind of problem.

use std::borrow::Cow;

use actix_web::http::StatusCode;

/// What one kind of problem looks like from outside.
#[derive(Debug, Clone, Copy)]
pub struct ProblemSpec {
    /// The HTTP status.
    pub status: StatusCode,
    /// The last part of its `type`: kebab-case, forever.
    pub slug: &'static str,
    /// A few words, the same for every occurrence.
    pub title: &'static str,
    /// What to do, when the occurrence has nothing better to say.
    pub advice: &'static str,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $kind:ident = $status:ident $slug:literal $title:literal $advice:literal;)*) => {
        /// Every kind of problem that an answer can be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemKind {$($(#[$doc])* $kind,)*}

        impl ProblemKind {
            /// Every kind, in the order of the table.
            pub const ALL: [Self; [$(Self::$kind),*].len()] = [$(Self::$kind),*];

            /// The kind's line of the table.
            #[must_use]
            pub const fn spec(self) -> ProblemSpec {
                match self {
                    $(Self::$kind => ProblemSpec {
                        status: StatusCode::$status, slug: $slug, title: $title, advice: $advice,
                    },)*
                }
            }
        }
    };
}

problems! {
    /// The request is not HTTP as we read it: a broken path or a body that cannot be read.
    MalformedRequest = BAD_REQUEST "malformed-request" "The request cannot be read"
        "Check the address and the encoding of the request.";
    /// A query parameter that the operation does not know.
    UnknownParameter = BAD_REQUEST "unknown-parameter" "Unknown query parameter"
        "Leave the parameter out, or check its spelling in /openapi.json.";
    /// A query parameter whose value cannot be.
    InvalidParameter = BAD_REQUEST "invalid-parameter" "Invalid query parameter"
        "Mend the parameters that `errors` names.";
    /// A body that is not the JSON it should be.
    MalformedBody = BAD_REQUEST "malformed-body" "The body is not the JSON expected"
        "Send a JSON document as /openapi.json describes it.";
    /// A well-formed body whose content cannot be accepted.
    InvalidContent = UNPROCESSABLE_ENTITY "invalid-content" "The content cannot be accepted"
        "Mend the fields that `errors` names.";
    /// No key where one is needed.
    KeyRequired = UNAUTHORIZED "key-required" "An API key is needed"
        "Send a key in `X-Api-Key`. A key is free and instant: POST /api/v1/applications, or /developers.";
    /// A key whose form or checksum is wrong.
    KeyMalformed = UNAUTHORIZED "key-malformed" "The API key is mistyped"
        "The key's checksum does not match: copy it again in full, or leave it out for keyless access.";
    /// A well-formed key that nobody holds.
    KeyUnknown = UNAUTHORIZED "key-unknown" "The API key is not known"
        "Get a key at /developers (free, instant), or leave it out for keyless access.";
    /// A key that was revoked.
    KeyRevoked = UNAUTHORIZED "key-revoked" "The API key was revoked"
        "Use another key of the application, or get a new one at /developers.";
    /// A key past its end.
    KeyExpired = UNAUTHORIZED "key-expired" "The API key has expired"
        "Rotate the key or get a new one at /developers.";
    /// A good key, used for what its owner did not give it for.
    KeyNotPermitted = FORBIDDEN "key-not-permitted" "The API key is not for this"
        "The key's owner gave it for other operations, networks or web pages: use another key, or change this one.";
    /// A good key of an application that is suspended.
    ApplicationSuspended = FORBIDDEN "application-suspended" "The application is suspended"
        "The public register of suspensions says why and until when: /transparency.";
    /// Two different keys in one request.
    KeyAmbiguous = BAD_REQUEST "key-ambiguous" "More than one API key"
        "Send one key: in `X-Api-Key`, in `Authorization: Bearer`, or as `api_key`.";
    /// Nobody is signed in.
    SignInRequired = UNAUTHORIZED "sign-in-required" "Sign-in needed"
        "Sign in: POST /api/v1/sessions, or /sign-in.";
    /// Wrong e-mail or password.
    SignInFailed = UNAUTHORIZED "sign-in-failed" "Sign-in failed"
        "The e-mail address or the password is wrong.";
    /// A write with a cookie, without the token that proves that our own page sent it.
    CsrfTokenMissing = FORBIDDEN "csrf-token-missing" "The request did not come from our own page"
        "Send the session's token in `X-Csrf-Token`, or use a bearer token instead of a cookie.";
    /// Known, visible, but not theirs to do.
    Forbidden = FORBIDDEN "forbidden" "Not yours to do"
        "Ask an account with the right role.";
    /// The plan does not offer the class of operation.
    NotOffered = FORBIDDEN "not-offered" "The plan does not offer this operation"
        "Compare the plans at /api/v1/plans.";
    /// There is no such thing, or none that the caller may know of.
    NotFound = NOT_FOUND "not-found" "Not found"
        "Check the address; /openapi.json lists what there is.";
    /// The address exists, the method does not.
    MethodNotAllowed = METHOD_NOT_ALLOWED "method-not-allowed" "Method not allowed"
        "Use a method that `Allow` names.";
    /// Nothing that the caller accepts can be made.
    NotAcceptable = NOT_ACCEPTABLE "not-acceptable" "Not available in that form"
        "Ask for one of the media types in /openapi.json.";
    /// The request did not arrive in time.
    RequestTimeout = REQUEST_TIMEOUT "request-timeout" "The request came too slowly"
        "Send the whole request at once.";
    /// The state of things forbids it.
    Conflict = CONFLICT "conflict" "Conflict with the present state"
        "Read the present state and try again.";
    /// Somebody else saved first.
    EditConflict = CONFLICT "edit-conflict" "Somebody else saved meanwhile"
        "Nothing was saved. Look at `current`, put both together, and send it with the revision that is there.";
    /// The name is taken.
    Taken = CONFLICT "taken" "Already taken"
        "Choose another name.";
    /// It was here, and was withdrawn.
    Gone = GONE "gone" "Withdrawn"
        "It was withdrawn by its publisher; its history is in /api/v1/changes.";
    /// A tariff that takes something away from anybody before its notice is over.
    NoticeTooShort = CONFLICT "notice-too-short" "The notice is too short"
        "Announce it for a later day: POST /api/v1/tariffs/comparison shows what is worse and the first day possible.";
    /// A write that must name what it is based on.
    PreconditionRequired = PRECONDITION_REQUIRED "precondition-required" "Say what the change is based on"
        "Send the `ETag` of what you have read in `If-Match`.";
    /// `If-Match` does not hold.
    PreconditionFailed = PRECONDITION_FAILED "precondition-failed" "Changed by somebody else meanwhile"
        "Read it again and repeat the change.";
    /// More bytes than we read.
    PayloadTooLarge = PAYLOAD_TOO_LARGE "payload-too-large" "The body is too large"
        "Send less at once; the limits are in /openapi.json.";
    /// An answer larger than we give at once.
    AnswerTooLarge = UNPROCESSABLE_ENTITY "answer-too-large" "The answer would be too large"
        "Ask for fewer rows, columns or groups, or take the whole file.";
    /// The question is understood, and this table cannot answer it.
    Unsuitable = UNPROCESSABLE_ENTITY "unsuitable" "Not possible with this table"
        "Look at the table's columns: /api/v1/tables/{table}.";
    /// Bytes beyond the end of a file.
    RangeNotSatisfiable = RANGE_NOT_SATISFIABLE "range-not-satisfiable" "No such part of the file"
        "Ask for bytes within the length that `Content-Range` names.";
    /// An address longer than we read.
    UriTooLong = URI_TOO_LONG "uri-too-long" "The address is too long"
        "Shorten the query.";
    /// A body of a type that we do not read.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" "Unsupported media type"
        "Send `Content-Type: application/json`.";
    /// A rate or a quota is used up.
    QuotaExceeded = TOO_MANY_REQUESTS "quota-exceeded" "Quota used up"
        "Wait for `Retry-After` seconds. A free key with a larger quota takes a minute: /developers.";
    /// Too much from one place: sign-in attempts, registrations.
    TooManyAttempts = TOO_MANY_REQUESTS "too-many-attempts" "Too many attempts"
        "Wait for `Retry-After` seconds.";
    /// We did not foresee it.
    Internal = INTERNAL_SERVER_ERROR "internal" "Something went wrong on our side"
        "Quote `instance` to the portal's team.";
    /// Another protocol was asked for than the gateway speaks.
    UpgradeRefused = NOT_IMPLEMENTED "upgrade-refused" "Only plain HTTP passes the gateway"
        "Leave `Upgrade` out: WebSockets and tunnels are not passed on.";
    /// A system that we stand in front of did not answer well.
    UpstreamFailed = BAD_GATEWAY "upstream-failed" "The agency's system did not answer"
        "Try again later.";
    /// A part that we need is away, for a moment.
    Unavailable = SERVICE_UNAVAILABLE "unavailable" "Not available for a moment"
        "Try again after `Retry-After` seconds.";
    /// More work than we can do in time.
    Overloaded = SERVICE_UNAVAILABLE "temporary-reduced-capacity" "Busier than we can serve"
        "Try again after `Retry-After` seconds.";
    /// The work took longer than we allow.
    TimedOut = GATEWAY_TIMEOUT "timed-out" "The answer took too long"
        "Ask for less at once.";
}

impl ProblemKind {
    /// Server faults that are no secret: the caller is told when to come back.
    pub(super) const fn tells_detail(self) -> bool {
        matches!(
            self,
            Self::Unavailable | Self::Overloaded | Self::TimedOut | Self::UpstreamFailed | Self::UpgradeRefused
        )
    }

    /// The kind that a bare status stands for, when something below us answered without saying more.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::SignInRequired,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::NOT_ACCEPTABLE => Self::NotAcceptable,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::GONE => Self::Gone,
            StatusCode::PRECONDITION_FAILED => Self::PreconditionFailed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::RANGE_NOT_SATISFIABLE => Self::RangeNotSatisfiable,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::UNPROCESSABLE_ENTITY => Self::InvalidContent,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyAttempts,
            StatusCode::BAD_GATEWAY => Self::UpstreamFailed,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            StatusCode::GATEWAY_TIMEOUT => Self::TimedOut,
            other if other.is_server_error() => Self::Internal,
            _ => Self::MalformedRequest,
        }
    }
}

impl ProblemSpec {
    /// The `type`: IANA's registry where it has one, else the portal's own page on the kind.
    #[must_use]
    pub fn type_uri(&self, public_url: &str) -> Cow<'static, str> {
        match self.slug {
            "quota-exceeded" => "https://iana.org/assignments/http-problem-types#quota-exceeded".into(),
            "temporary-reduced-capacity" => {
                "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity".into()
            }
            slug => format!("{}/problems/{slug}", public_url.trim_end_matches('/')).into(),
        }
    }
}
