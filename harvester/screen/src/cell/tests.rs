use super::*;

#[test]
fn cells_show_what_they_are() {
    use Sign::*;
    let cases: &[(&str, Sign)] = &[
        ("anna.lee@gmail.com", EmailPersonal),
        ("info@example.org", EmailFunctional),
        ("+49 30 901820", PhoneInternational),
        ("905-674-3793", PhoneGrouped),
        ("DE89 3704 0044 0532 0130 00", Iban),
        ("4111 1111 1111 1111", Card),
        ("106.31.73.20", IpPublic),
        ("00:1B:44:11:3A:B7", Mac),
        ("1980-04-16", Date),
        ("52.520008", Precise),
        ("52.520008, 13.404954", Position),
        ("3", Small),
        ("42", AgeLike),
        ("Lukas", Given),
        ("Wiśniewska", Surname),
        ("Faina D. Yefremova", NameShape),
        ("Jan de Vries", NameBoth),
        ("Σοφία Παπαδάκη", NameBoth),
        ("Stadtwerke Musterstadt GmbH", Body),
        ("Via Giuseppe Verdi", Street),
        ("Puruntie 82", Address),
        ("female", Sex),
        ("18-25", AgeRange),
        ("J45.0", IllnessCode),
        ("AB-123-CD", PlateForm),
        ("RSSMRA85T10A562S", SchemeForm),
        ("123-45-6789", SchemeForm),
        ("C01X00T47", PassportForm),
        (concat!("P<UTOERIKSSON<<ANNA<MARIA", "<<<<<<", "<<<<<<", "<<<<<<"), TravelDocument),
        ("lachlan berry", NameBoth),
        ("O'Brien", OneName),
    ];
    for (text, sign) in cases {
        assert!(look(text, true).has(*sign), "{text}: no {sign:?}");
    }
    let not: &[(&str, Sign)] = &[
        ("Stadtwerke Musterstadt GmbH", NameShape),
        ("Via Giuseppe Verdi", NameShape),
        ("2020-01-01", PhonePossible),
        ("3.1415", PhonePossible),
        ("Concrete", Given),
        ("Mount Washington", NameBoth),
        ("1.2.3.4", IpPublic),
        ("12", Precise),
        ("University of Maria Curie", NameShape),
    ];
    for (text, sign) in not {
        assert!(!look(text, true).has(*sign), "{text}: {sign:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_looked_at(text in "\\PC{1,200}") {
        let first = look(text.trim(), true);
        proptest::prop_assert_eq!(first, look(text.trim(), true));
    }
}
