//! Hard cases: what each kind looks like in odd forms and many languages, and what only looks alike.

use fairground_screen::{Kind, Report, Rules, Screen, Verdict};

/// A table of one column of interest, under its name, beside a counter; its values come again so that there are enough rows.
fn column(name: &str, values: &[&str]) -> Report {
    beside(name, values, None)
}

/// As [`column`], with names of persons in another column.
fn beside_persons(name: &str, values: &[&str]) -> Report {
    let persons =
        ["Henrike Vollmer", "Tomasz Zieliński", "Aude Lemercier", "Rosa Ibáñez", "Mikko Virtanen", "Greta Lindqvist"];
    beside(name, values, Some(&persons))
}

fn beside(name: &str, values: &[&str], persons: Option<&[&str]>) -> Report {
    let mut screen = Screen::new(Rules::default());
    let heads: &[&str] = if persons.is_some() { &["no", name, "full name"] } else { &["no", name] };
    screen.begin_table("table", heads);
    for (at, value) in values.iter().cycle().take(24.max(values.len())).enumerate() {
        let no = (at + 1).to_string();
        let person = persons.and_then(|persons| persons.get(at % persons.len())).copied().unwrap_or_default();
        screen.row(at as u64 + 2, &[no.as_str(), value, person]);
    }
    screen.finish()
}

fn kinds(report: &Report, name: &str) -> Vec<Kind> {
    report.findings.iter().filter(|finding| finding.column == name).map(|finding| finding.kind).collect()
}

/// Names of columns with values, and the kind that they are.
type Case = (&'static str, &'static [&'static str]);

fn all_are(kind: Kind, cases: &[Case], see: fn(&str, &[&str]) -> Report) {
    let missed: Vec<_> = cases
        .iter()
        .filter_map(|(name, values)| {
            let found = kinds(&see(name, values), name);
            (!found.contains(&kind)).then(|| format!("{name} {values:?}: {found:?}"))
        })
        .collect();
    assert!(missed.is_empty(), "no {kind:?} in\n{}", missed.join("\n"));
}

#[test]
fn addresses_of_electronic_mail_are_found_in_odd_forms() {
    all_are(
        Kind::Email,
        &[
            (
                "contact",
                &["Ada Byron <ada.byron@gmail.com>", "Jo Fisk <jo_fisk77@yahoo.co.uk>", "Li Wei <li.wei@outlook.com>"],
            ),
            ("x", &["mailto:ada.byron@gmail.com", "mailto:jo.fisk@web.de", "mailto:li.wei@free.fr"]),
            ("Kontaktdaten", &["ADA.BYRON@GMAIL.COM", "JO.FISK@GMX.DE", "LI.WEI@T-ONLINE.DE"]),
            ("courriel", &["prénom.nom+liste@laposte.net", "jean-luc.petit@orange.fr", "m.dupont@free.fr"]),
            ("c2", &["ada.byron@gmail.com; jo.fisk@web.de", "li.wei@free.fr, m.rossi@libero.it", "k.nowak@wp.pl"]),
        ],
        column,
    );
}

#[test]
fn bank_accounts_are_found_however_they_are_grouped() {
    all_are(
        Kind::Iban,
        &[
            ("x", &["DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19", "FR14 2004 1010 0505 0001 3M02 606"]),
            ("konto", &["AT61-1904-3002-3457-3201", "NL91-ABNA-0417-1643-00", "BE68-5390-0754-7034"]),
            ("v", &["es9121000418450200051332", "it60x0542811101000000123456", "pl61109010140000071219812874"]),
            (
                "rekening",
                &["CH93 0076 2011 6238 5295 7", "SE45 5000 0000 0583 9825 7466", "PT50 0002 0123 1234 5678 9015 4"],
            ),
        ],
        column,
    );
}

#[test]
fn numbers_of_persons_are_found_with_their_separators() {
    all_are(
        Kind::NationalId,
        &[
            ("id", &["RSSMRA85T10A562S", "RSS MRA 85T10 A562S"]),
            ("hetu", &["131052-308T", "131052-308T"]),
            ("cpf", &["529.982.247-25", "111.444.777-35"]),
            ("x", &["529.982.247-25", "111.444.777-35", "390.533.447-05"]),
            ("DNI", &["12345678Z", "12.345.678-Z", "X1234567L"]),
            ("pesel", &["44051401359", "44051401458"]),
            ("BSN", &["111222333", "1112.22.333"]),
            ("Steuer-ID", &["86 095 742 719", "47036892816", "65929970489"]),
            ("personnummer", &["811218-9876", "19811218-9876"]),
            ("numéro de sécurité sociale", &["2 55 08 14 168 025 38", "255081416802538"]),
            ("rodné číslo", &["736028/5163", "7103192745"]),
            ("NHS number", &["943 476 5919", "9434765919"]),
            ("SSN", &["536-90-4399", "219-09-9998"]),
            ("РНОКПП / СНИЛС", &["112-233-445 95", "112-233-445 95"]),
            ("ΑΜΚΑ", &["01013099997", "01013099997"]),
            ("AHV-Nummer", &["756.9217.0769.85", "756.1234.5678.97"]),
        ],
        beside_persons,
    );
}

#[test]
fn telephone_numbers_are_found_as_people_write_them() {
    all_are(
        Kind::Phone,
        &[
            ("telefono", &["347 1234567", "06 6982 1234", "+39 051 123456"]),
            ("Handy", &["0171/5551234", "+49 (0) 171 555 12 34", "0171-5551234"]),
            ("тел.", &["8 (495) 123-45-67", "+7 912 345-67-89", "89123456789"]),
            ("τηλέφωνο", &["210 1234567", "+30 697 1234567", "6971234567"]),
            ("x", &["tel: 030 90182012", "tel: 0171 5551234", "tel: 089 1234567"]),
            ("gsm", &["0470 12 34 56", "+32 470 12 34 56", "0470/12.34.56"]),
            (
                "c",
                &[
                    "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
                    "07\u{a0}98\u{a0}76\u{a0}54\u{a0}32",
                    "06\u{a0}11\u{a0}22\u{a0}33\u{a0}45",
                ],
            ),
            ("phone", &["(212) 555-0123 x12", "212.555.0124", "1-212-555-0125"]),
        ],
        beside_persons,
    );
}

#[test]
fn devices_and_vehicles_are_found() {
    all_are(
        Kind::MacAddress,
        &[
            ("x", &["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b8", "001B.4411.3AB9"]),
            ("wlan", &["a4:83:e7:12:34:56", "f0-18-98-ab-cd-ef"]),
        ],
        beside_persons,
    );
    all_are(
        Kind::IpAddress,
        &[
            ("x", &["81.2.69.142", "203.0.112.7", "2a02:908:e842:1::5"]),
            ("Adresse IP", &["91.198.174.192", "2001:4860:4860::8888"]),
        ],
        beside_persons,
    );
    all_are(
        Kind::VehiclePlate,
        &[
            ("Kennzeichen", &["B-AB 1234", "M-X 99", "HH-KL 404"]),
            ("plaque", &["AB-123-CD", "EF-456-GH", "XY-789-ZA"]),
            ("matrícula", &["1234 BCD", "5678 FGH", "9012 JKL"]),
            ("targa", &["AB123CD", "EF456GH", "XY789ZA"]),
            ("nr rejestracyjny", &["WA 12345", "KR 6789A", "PO 4X567"]),
        ],
        beside_persons,
    );
}

#[test]
fn births_are_found_in_local_forms() {
    all_are(
        Kind::BirthDate,
        &[
            ("geboren am", &["16.04.1980", "1.12.1955", "03.07.2001"]),
            ("date de naissance", &["16/04/1980", "01/12/1955", "03/07/2001"]),
            ("fecha de nacimiento", &["16-04-1980", "01-12-1955", "03-07-2001"]),
            ("syntymäaika", &["16.4.1980", "1.12.1955", "3.7.2001"]),
            ("születési dátum", &["1980.04.16.", "1955.12.01.", "2001.07.03."]),
            ("dob", &["19800416", "19551201", "20010703"]),
            ("дата рождения", &["16.04.1980", "01.12.1955", "03.07.2001"]),
            ("birthdate", &["Apr 16, 1980", "Dec 1, 1955", "Jul 3, 2001"]),
        ],
        beside_persons,
    );
}

#[test]
fn names_are_found_turned_round_shouted_and_with_particles() {
    all_are(
        Kind::PersonName,
        &[
            ("name", &["Vollmer, Henrike", "Lemercier, Aude", "Ibáñez, Rosa", "Zieliński, Tomasz", "Lindqvist, Greta"]),
            ("Nom", &["LEMERCIER Aude", "PETIT Jean-Luc", "MOREAU Claire", "GIRARD Sophie", "LAMBERT Paul"]),
            ("naam", &["Jan van der Berg", "Anna de Vries", "Pieter van Dijk", "Maria ten Hove", "Kees de Groot"]),
            (
                "nombre y apellidos",
                &[
                    "María del Carmen Ruiz Soto",
                    "José Luis Pérez",
                    "Ana de la Fuente",
                    "Luis García López",
                    "Carmen Vidal Ros",
                ],
            ),
            (
                "imię i nazwisko",
                &["Anna Kowalska-Nowak", "Piotr Wiśniewski", "Maria Zielińska", "Jan Kowalczyk", "Ewa Wójcik"],
            ),
            (
                "ФИО",
                &[
                    "Иванова Мария Петровна",
                    "Петров Иван Сергеевич",
                    "Смирнова Ольга Ивановна",
                    "Кузнецов Пётр Ильич",
                    "Соколова Анна Павловна",
                ],
            ),
            (
                "ονοματεπώνυμο",
                &["Μαρία Παπαδοπούλου", "Γιώργος Νικολάου", "Ελένη Δημητρίου", "Κώστας Γεωργίου", "Άννα Βασιλείου"],
            ),
        ],
        column,
    );
}

#[test]
fn homes_and_health_are_found_beside_persons() {
    all_are(
        Kind::HomeAddress,
        &[
            ("Wohnanschrift", &["Lindenstr. 12a", "Am Markt 3", "Schillerplatz 44"]),
            ("adresse", &["12 bis rue des Lilas", "4, avenue de la Gare", "7 impasse des Vignes"]),
            ("domicilio", &["C/ Mayor, 12, 3º B", "Avda. de la Paz 45", "Plaza Nueva 1"]),
            ("indirizzo", &["Via Roma 5", "Viale dei Tigli, 12/A", "Corso Cavour 3"]),
            ("adres zamieszkania", &["ul. Lipowa 4/12", "al. Wolności 7", "os. Słoneczne 3"]),
            ("adres", &["Dorpsstraat 12", "Molenlaan 4a", "Kerkweg 101"]),
            ("adress", &["Storgatan 4 B", "Björkvägen 17", "Hamngatan 2"]),
            ("morada", &["Rua das Flores, 12", "Avenida da Liberdade 100", "Largo da Igreja 3"]),
            ("home address", &["12 High Street", "Flat 4, 7 Mill Lane", "9 Church Road"]),
            ("osoite", &["Mannerheimintie 5 A 12", "Koivukatu 7", "Rantatie 14"]),
        ],
        beside_persons,
    );
    all_are(
        Kind::Health,
        &[
            ("Diagnose", &["Asthma", "Migräne", "Diabetes"]),
            ("diagnostic", &["asthme", "migraine", "diabète"]),
            ("diagnóstico", &["asma", "migraña", "diabetes"]),
            ("diagnosi", &["asma", "emicrania", "diabete"]),
            ("rozpoznanie", &["astma", "migrena", "cukrzyca"]),
            ("diagnoosi", &["astma", "migreeni", "diabetes"]),
            ("диагноз", &["астма", "мигрень", "диабет"]),
            ("disability", &["yes", "no", "unknown"]),
            ("Behinderung", &["ja", "nein", "GdB 50"]),
            ("diagnóza", &["astma", "migréna", "cukrovka"]),
        ],
        beside_persons,
    );
}

#[test]
fn positions_are_found_in_columns_pairs_and_geometries() {
    all_are(
        Kind::Coordinates,
        &[
            ("position", &["52.520008, 13.404954", "48.856613, 2.352222", "40.416775, -3.703790"]),
            ("geom", &["POINT (13.404954 52.520008)", "POINT(2.352222 48.856613)", "POINT (-3.703790 40.416775)"]),
        ],
        |name, values| {
            let mut screen = Screen::new(Rules::default());
            screen.begin_table("patients", &["full name", "date of birth", name]);
            let persons = ["Henrike Vollmer", "Aude Lemercier", "Rosa Ibáñez", "Mikko Virtanen"];
            for (row, (person, value)) in (2..).zip(persons.iter().cycle().zip(values.iter().cycle())).take(24) {
                screen.row(row, &[*person, "16.04.1980", *value]);
            }
            screen.finish()
        },
    );
}

#[test]
fn what_only_looks_alike_is_held_by_nobody() {
    let cases: &[Case] = &[
        ("product code", &["AB-1234-XY", "AB-1235-XY", "AB-1236-XZ"]),
        ("invoice number", &["2023-000123", "2023-000124", "2023-000125"]),
        ("invoice_no", &["4500012345", "4500012346", "4500012347"]),
        ("EAN", &["4006381333931", "4006381333948", "4006381333955"]),
        ("ISBN", &["978-3-16-148410-0", "978-0-306-40615-7", "978-1-86197-271-2"]),
        ("NUTS", &["DE212", "FR101", "ES300"]),
        ("NACE", &["62.01", "84.11", "01.11"]),
        ("AGS", &["09162000", "11000000", "02000000"]),
        ("email", &["info@stadt-neuburg.de", "poststelle@landkreis.de", "rathaus@altenfeld.de"]),
        ("E-Mail", &["press@ministry.gov.uk", "enquiries@council.gov.uk", "foi@council.gov.uk"]),
        ("company", &["Müller & Sohn GmbH", "Anna Schmidt e.K.", "Brüder Grimm Verlag AG"]),
        ("empresa", &["García Hermanos S.L.", "Talleres López S.A.", "Hijos de Rivera S.A."]),
        ("street", &["Konrad-Adenauer-Straße", "Willy-Brandt-Platz", "Sophie-Scholl-Weg"]),
        ("rue", &["rue Victor Hugo", "avenue Charles de Gaulle", "place Jean Jaurès"]),
        ("via", &["Via Giuseppe Garibaldi", "Corso Vittorio Emanuele", "Piazza Dante Alighieri"]),
        ("species", &["Parus major", "Quercus robur", "Turdus merula"]),
        ("ship", &["Queen Mary 2", "Deutschland", "Polarstern"]),
        ("school", &["Geschwister-Scholl-Gymnasium", "Albert-Einstein-Schule", "Anne-Frank-Schule"]),
        ("station", &["Frankfurt (Main) Hbf", "Berlin Ostbahnhof", "Halle (Saale)"]),
        ("version", &["10.0.19045.1", "10.0.22000.5", "11.2.10.7"]),
        ("measured at", &["2023-05-01 10:20:00", "2023-05-02 11:20:00", "2023-05-03 12:20:00"]),
        ("amount", &["1 234 567", "2 345 678", "3 456 789"]),
        ("checksum", &["d41d8cd98f00b204e9800998ecf8427e", "9e107d9d372bb6826bd81d3542a419d6"]),
        ("parcel", &["1234/56", "1234/57", "88/2"]),
        ("diagnoses (count)", &["12", "40", "133"]),
        ("Fallzahl", &["120", "431", "99"]),
        ("phone cost", &["12.50", "13.10", "9.99"]),
        ("switchboard", &["+49 30 9018 0", "+49 30 9018 1000", "+49 30 9018 2000"]),
        ("bridge", &["Karl-Theodor-Brücke", "Anna-Ebert-Brücke", "Lombardsbrücke"]),
        ("prize", &["Nobel Prize in Physics", "Fields Medal", "Turing Award"]),
    ];
    let held: Vec<_> = cases
        .iter()
        .filter_map(|(name, values)| {
            let report = column(name, values);
            (report.verdict == Verdict::Hold).then(|| format!("{name} {values:?}: {:?}", kinds(&report, name)))
        })
        .collect();
    assert!(held.is_empty(), "held:\n{}", held.join("\n"));
}

/// A table of rows that come again, under these headings.
fn table(heads: &[&str], rows: &[&[&str]]) -> Report {
    let mut screen = Screen::new(Rules::default());
    screen.begin_table("table", heads);
    for (at, row) in (2..).zip(rows.iter().cycle().take(30)) {
        screen.row(at, row);
    }
    screen.finish()
}

#[test]
fn where_works_stand_is_not_where_their_makers_live() {
    let heads = ["artist", "title", "street address", "material"];
    let rows: [&[&str]; 4] = [
        &["Henrike Vollmer", "Standing Wave", "14 Harbour Street", "bronze"],
        &["Tomasz Zieliński", "The Ferryman", "3 Mill Lane", "granite"],
        &["Aude Lemercier", "Untitled", "88 Canal Road", "steel"],
        &["Rosa Ibáñez", "Three Herons", "21 Station Road", "oak"],
    ];
    let works = table(&heads, &rows);
    assert!(
        works.verdict != Verdict::Hold && !kinds(&works, "street address").contains(&Kind::HomeAddress),
        "{works:?}"
    );
    // The same streets, where what only persons have stands beside them.
    let heads = ["full name", "date of birth", "street address", "mobile"];
    let rows: [&[&str]; 4] = [
        &["Henrike Vollmer", "1981-04-03", "14 Harbour Street", "+44 7700 900123"],
        &["Tomasz Zieliński", "1975-12-19", "3 Mill Lane", "+44 7700 900456"],
        &["Aude Lemercier", "1990-07-30", "88 Canal Road", "+44 7700 900789"],
        &["Rosa Ibáñez", "1968-02-11", "21 Station Road", "+44 7700 900321"],
    ];
    let persons = table(&heads, &rows);
    assert!(kinds(&persons, "street address").contains(&Kind::HomeAddress), "{persons:?}");
}

#[test]
fn where_people_vote_is_not_where_they_live() {
    let places: [&[&str]; 3] = [
        &["1", "Riverside Library", "north door", "44.941632", "-93.291204"],
        &["2", "St Mark Parish Hall", "main entrance", "44.950418", "-93.278611"],
        &["3", "Fire Station 7", "ramp on 5th Avenue", "44.962027", "-93.301955"],
    ];
    let register = table(&["no", "polling place", "VoterEntra", "latitude", "longitude"], &places);
    assert!(register.verdict != Verdict::Hold, "{register:?}");
    let answers: [&[&str]; 3] = [
        &["R-0001", "3", "44.941632", "-93.291204"],
        &["R-0002", "5", "44.950418", "-93.278611"],
        &["R-0003", "4", "44.962027", "-93.301955"],
    ];
    let survey = table(&["respondent", "answer", "latitude", "longitude"], &answers);
    assert_eq!(survey.verdict, Verdict::Hold, "{survey:?}");
}

#[test]
fn things_that_are_called_after_persons_are_told_apart_by_what_stands_beside_them() {
    let ships = table(
        &["name", "IMO", "GT"],
        &[
            &["Alice Fairfax", "9074729", "4120"],
            &["Santa Teresa", "9321483", "880"],
            &["Stella Redmond", "9454436", "61200"],
            &["Margaret Osborne", "9811000", "220940"],
            &["MS Eleanor", "9703291", "1204"],
        ],
    );
    assert_ne!(ships.verdict, Verdict::Hold, "{:?}", ships.findings);
    let firms = table(
        &["Name", "Ort"],
        &[
            &["Bäckerei Brinkmann", "Bernau"],
            &["Autohaus Voss", "Altdorf"],
            &["Wieland GmbH", "Bernau"],
            &["Gisela Reinhardt e.K.", "Bernau"],
        ],
    );
    assert!(kinds(&firms, "Name").is_empty(), "{:?}", firms.findings);
    let persons = table(
        &["name", "value"],
        &[
            &["Alice Fairfax", "020 7946 0001"],
            &["Philip Redmond", "020 7946 0812"],
            &["Margaret Osborne", "020 7946 0333"],
            &["Eleanor Whitaker", "020 7946 0518"],
            &["Simon Hastings", "020 7946 0640"],
        ],
    );
    assert_eq!(persons.verdict, Verdict::Hold, "{:?}", persons.findings);
}

#[test]
fn what_a_file_is_called_after_makes_no_bodies_of_given_and_family_names() {
    let people = [["Ada", "Byron"], ["Grace", "Murray"], ["Alan", "Mathison"], ["Emmy", "Noether"]];
    for file in ["people", "club_members", "school_staff", "patients_hospital", "library", "vereine", "companies"] {
        for heads in [["first_name", "last_name", "iban", "joined"], ["Vorname", "Nachname", "IBAN", "seit"]] {
            let mut screen = Screen::new(Rules::default());
            screen.begin_table(file, &heads);
            for (at, [given, family]) in (2..).zip(people.iter().cycle().take(40)) {
                screen.row(at, &[given, family, "DE89370400440532013000", "2019"]);
            }
            assert_eq!(screen.finish().verdict, Verdict::Hold, "{file} {heads:?}");
        }
    }
}

#[test]
fn telephones_of_places_are_no_person_s_in_scripts_without_blanks_either() {
    let sights = table(
        &["景點中文名稱", "地址", "景點服務電話", "開放時間"],
        &[
            &["雲嘉南濱海國家風景區", "臺南市北門區北門里舊埕119號", "886-6-7861000", "08:30~17:30"],
            &["北門遊客中心", "臺南市北門區永隆里2號", "886-6-7861017", "09:00~17:00"],
            &["七股鹽山", "臺南市七股區鹽埕里66號", "886-6-7800511", "09:00~18:00"],
        ],
    );
    assert_ne!(sights.verdict, Verdict::Hold, "{:?}", sights.findings);
    let members = table(
        &["姓名", "手機"],
        &[&["王小明", "0912-345-678"], &["陳美玲", "0987-654-321"], &["林志偉", "0933-222-111"]],
    );
    assert_eq!(members.verdict, Verdict::Hold, "{:?}", members.findings);
}

#[test]
fn who_wrote_a_song_is_its_author() {
    let songs = table(
        &["school", "song_name", "writers", "year"],
        &[
            &["Notre Dame", "Victory March", "Michael J. Shea and John F. Shea", "1908"],
            &["Baylor", "Old Fight", "Dick Baker and Frank Boggs", "1947"],
            &["Iowa State", "Iowa State Fights", "Jack Barker, Manly Rice, Paul Gnam, Rosalind K. Cook", "1930"],
        ],
    );
    assert_ne!(songs.verdict, Verdict::Hold, "{:?}", songs.findings);
}
