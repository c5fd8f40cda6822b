//! What a finding is about, and what comes of it.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($variant:ident $word:literal $about:literal)*) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $(#[doc = $about] $variant,)* }

        impl Kind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in reports.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it is, in a sentence.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

kinds! {
    Email "email" "E-mail addresses of persons."
    Phone "phone" "Telephone numbers, by calling code, national plan or grouping."
    Iban "iban" "Bank accounts: IBAN with length and mod 97, other account numbers by the column's name."
    PaymentCard "payment-card" "Payment cards: issuers' ranges and Luhn."
    NationalId "national-id" "Numbers by which states know persons, with their check digits."
    Passport "passport" "Passport numbers and machine-readable travel documents."
    DrivingLicence "driving-licence" "Driving licence numbers."
    VehiclePlate "vehicle-plate" "Plates of vehicles."
    IpAddress "ip-address" "Addresses of the public internet."
    MacAddress "mac-address" "Network addresses of devices."
    DeviceId "device-id" "Identifiers of devices and of advertising."
    Coordinates "coordinates" "Precise positions of persons."
    BirthDate "birth-date" "Dates of birth."
    PersonName "person-name" "Names of persons."
    HomeAddress "home-address" "Postal addresses of persons."
    Health "health" "A person's health."
    SpecialCategory "special-category" "Religion, ethnicity, politics, sexuality, union, offences of a person."
    FreeText "free-text" "Text in which persons are named or told of."
    Credentials "credentials" "Sign-in names and passwords."
    PublicContact "public-contact" "Contacts of bodies and office holders: noted, not held."
    ReIdentification "re-identification" "Columns that together single out persons."
    SmallCells "small-cells" "Counts so small that they may tell of single persons."
    DocumentProperty "document-property" "A person's name in a document's properties."
}

/// What comes of a finding, and of a screen as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing to say.
    #[default]
    Pass,
    /// It passes; people should know something.
    Notes,
    /// A reviewer has to look.
    Hold,
}

impl Verdict {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Notes => "notes",
            Self::Hold => "hold",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_as_they_are_named() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(kind.about().ends_with('.'));
        }
    }
}
