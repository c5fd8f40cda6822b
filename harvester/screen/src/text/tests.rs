use super::*;

fn seen(text: &str) -> Traits {
    let mut traits = Traits::default();
    look(text, &mut traits);
    traits
}

#[test]
fn persons_are_found_in_sentences() {
    for (text, sign) in [
        ("My name is Rubija", Sign::TextName),
        ("Yesterday Johannes Varvio listed his top songs", Sign::TextName),
        ("Please ask Mrs. Ottová about it", Sign::TextName),
        ("Ich heiße Friederike Unkelbach und wohne hier", Sign::TextName),
        ("Mayor John Smith opened the bridge", Sign::TextOffice),
        ("the limit for card 4111 1111 1111 1111?", Sign::TextCard),
        ("send it to DE89 3704 0044 0532 0130 00 today", Sign::TextIban),
        ("call me at 467 3395 tomorrow", Sign::TextPhone),
        ("her number is +44 20 7946 0958.", Sign::TextPhone),
        ("Seine Handynummer lautet 0721–877040.", Sign::TextPhone),
        ("Carla Brandt, 0161 496 0123-Home, 0161 496 0456-Work", Sign::TextPhone),
        ("Su móvil es 631 306 839.", Sign::TextPhone),
        ("Recapito: Stefania Guicciardini, 3440169219", Sign::TextPhone),
        ("Uppgifter: Paulina Forsberg, 08-54 50 27", Sign::TextPhone),
        ("my SSN is 460-89-9847", Sign::TextId),
        ("CF RSSMRA85T10A562S di Mario", Sign::TextId),
        ("My driver's license number is U62928788557186", Sign::TextLicence),
        ("Die Nummer im Führerschein: B072RRE2I55", Sign::TextLicence),
        ("her passport no 533401288 has expired", Sign::TextPassport),
        ("Reisepass C01X00T47 liegt vor", Sign::TextPassport),
        ("Nycklarna hämtades av Gunnar Westerberg i fredags.", Sign::TextName),
        ("Su casero, Benigno Vendrell, no quiere pagar.", Sign::TextName),
        ("They had 3: Anthony, Derek and Andrew.", Sign::TextName),
        ("lives at 6750 Koskikatu 25 Apt. 864", Sign::TextAddress),
        ("wohnt in der Musterstraße 12 seit Jahren", Sign::TextAddress),
        ("born on 16.04.1980 in town", Sign::TextBirth),
        ("logged in from 106.31.73.20 at noon", Sign::TextIp),
        ("was diagnosed with diabetes", Sign::TextIntimate),
    ] {
        assert!(seen(text).has(sign), "{text}: no {sign:?}");
    }
}

#[test]
fn public_matters_are_not_persons() {
    for text in [
        "The Department of Transportation publishes traffic counts for 2023.",
        "Data of the University of Maria Curie in Lublin",
        "Grant agreement 123456789 of 2020-01-01, version 1.2.3",
        "Via Giuseppe Garibaldi is closed between 10:00 and 12:00",
        "New York City Council approved the budget of 12,345,678 dollars",
        "Engström AB fick uppdraget att bygga bron i Varberg.",
        "Årsredovisning för Rydén & Nilsson AB, del 12.",
        "Evans, Whitaker and Hooper won the contract for the new bridge.",
        "Relatório anual de Pinheiro Figueiredo e Filhos, volume 12.",
        "Guerreiro Almeida S/A ganhou o contrato da nova ponte.",
        "Das Umweltbundesamt hat 2022 in Werdau gemessen.",
        "Práce v ulici Křimická začnou v pondělí.",
        "Prace na ulicy Warszawska zaczynają się w poniedziałek.",
        "Sewer repairs on Wallace Motorway begin Monday.",
        "I lavori in Viale Anita iniziano lunedì.",
        "Quarterly labour force survey, seasonally adjusted, table 12",
    ] {
        let traits = seen(text);
        for sign in
            [Sign::TextName, Sign::TextPhone, Sign::TextCard, Sign::TextId, Sign::TextLicence, Sign::TextAddress]
        {
            assert!(!traits.has(sign), "{text}: {sign:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        let _ = seen(&text);
    }
}
