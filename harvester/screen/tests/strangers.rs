//! What strangers' files taught: lists of customers with their employers, registers of bodies, lives that are told, numbers that
//! are no numbers of persons.

use fairground_screen::{Kind, Report, Rules, Screen, Verdict};

/// A table of rows made of patterns: `{}` becomes the row's number, and words parted by `/` come in turn.
fn table(name: &str, header: &[&str], pattern: &[&str]) -> Report {
    let mut screen = Screen::new(Rules::default());
    screen.begin_table(name, header);
    for number in 0..60_usize {
        let cell = |pattern: &&str| {
            let all: Vec<&str> = pattern.split('/').collect();
            all.get(number % all.len()).copied().unwrap_or_default().replace("{}", &number.to_string())
        };
        let row: Vec<String> = pattern.iter().map(cell).collect();
        screen.row(number as u64 + 2, &row);
    }
    screen.finish()
}

fn kinds(report: &Report, column: &str) -> Vec<Kind> {
    report.findings.iter().filter(|finding| finding.column == column).map(|finding| finding.kind).collect()
}

const GIVEN: &str = "Henrike/Tomasz/Aude/Rosa/Mikko/Greta/Piotr";
const FAMILY: &str = "Vollmer/Zieliński/Lemercier/Ibáñez/Virtanen/Lindqvist/Kowalczyk/Moreau";
const WHOLE: &str = "Henrike Vollmer/Tomasz Zieliński/Aude Lemercier/Rosa Ibáñez/Mikko Virtanen/Greta Lindqvist";
const FIRM: &str = "Tamarack Ltd/Brooknet GmbH/Olvera SA/Northfen plc";
const MAIL: &str = "h.vollmer{}@gmail.com/t.zielinski{}@wp.pl/aude.lemercier{}@free.fr";
const PHONE: &str = "+44 20 7946 0{}12/+49 30 9018 {}34";

#[test]
fn persons_with_an_employer_are_persons_still() {
    for (name, header, pattern) in [
        (
            "customers",
            &["Index", "Customer Id", "First Name", "Last Name", "Company", "Phone 1", "Email", "Website"][..],
            &["{}", "c{}f0aa{}", GIVEN, FAMILY, FIRM, PHONE, MAIL, "https://site{}.example"][..],
        ),
        ("leads", &["Full Name", "Company", "Email", "Phone"], &[WHOLE, FIRM, MAIL, PHONE]),
        ("attendees", &["Name", "Organisation", "E-mail"], &[WHOLE, FIRM, MAIL]),
        (
            "staff",
            &["EMPLOYEE_ID", "FIRST_NAME", "LAST_NAME", "PHONE_NUMBER", "DEPARTMENT"],
            &["{}", GIVEN, FAMILY, PHONE, "Sales/Accounts"],
        ),
        (
            "payroll",
            &["employee", "department", "iban"],
            &[WHOLE, "Sales/Accounts", "DE89370400440532013000/GB29NWBK60161331926819"],
        ),
    ] {
        let report = table(name, header, pattern);
        assert_eq!(report.verdict, Verdict::Hold, "{name}: {report:?}");
    }
}

#[test]
fn bodies_that_say_whom_to_ask_are_bodies_still() {
    for (name, header, pattern) in [
        (
            "schools",
            &["School", "Headteacher", "Street", "Telephone", "Email"][..],
            &["Oakmere Primary School/St Brannoc School", WHOLE, "{} High Street", PHONE, "office@school{}.example"][..],
        ),
        (
            "suppliers",
            &["Supplier", "Contact first name", "Contact last name", "Contact email"],
            &[FIRM, GIVEN, FAMILY, MAIL],
        ),
        (
            "bodies",
            &["id", "name", "founding_date", "dissolution_date", "url", "email", "address"],
            &[
                "xx-{}",
                "Irrigation development {}/Land and survey {}",
                "19{}-01-01",
                "",
                "https://b{}.example",
                "land.survey{}@gmail.com",
                "Mangalsen {}",
            ],
        ),
        (
            "missions",
            &["Mission", "Address", "Phone", "Email"],
            &["Embassy of Vanholm/Consulate of Torvia", "{} Park Lane", PHONE, "embassy.{}@mission.example"],
        ),
        (
            "salaries",
            &["Employee Name", "Job Title", "Agency", "Gross Pay"],
            &[WHOLE, "Librarian/Clerk", "Library/Council Services", "3{}000"],
        ),
    ] {
        let report = table(name, header, pattern);
        assert_ne!(report.verdict, Verdict::Hold, "{name}: {report:?}");
    }
}

#[test]
fn lives_that_are_told_with_their_end_are_noted() {
    let header = ["prize", "firstname", "surname", "born", "died"];
    let dead = table("prizes", &header, &["physics", GIVEN, FAMILY, "1878-03-04", "1951-02-03"]);
    assert_eq!(dead.verdict, Verdict::Notes, "{dead:?}");
    let of_artists = ["name", "gender", "yearOfBirth", "yearOfDeath", "placeOfBirth"];
    let pattern = [WHOLE, "Female/Male", "187{}", "1951", "Genova/Lyon/Essen/Porto/Turku"];
    let artists = table("artists", &of_artists, &pattern);
    assert_ne!(artists.verdict, Verdict::Hold, "{artists:?}");
    let few =
        table("patients", &["firstname", "surname", "born", "died"], &[GIVEN, FAMILY, "1978-03-04", "2021-02-03////"]);
    assert_eq!(few.verdict, Verdict::Hold, "{few:?}");
    // `0` and `1` say whether somebody died in a trial.
    let trial = table("trial", &header, &["drug", GIVEN, FAMILY, "1978-03-04", "0/1"]);
    assert_eq!(trial.verdict, Verdict::Hold, "{trial:?}");
}

#[test]
fn names_of_scripts_without_capitals_are_found_under_their_headings() {
    for values in [
        "गीता दास/अमित दत्ता/रोहन सेन/संध्या मिश्र/दीप्ति वर्मा",
        "จุฑา เดชคุ้ม/พีระ ธุวะ/ปิยนุช ตระกูล/นิธิ แก้วศรี/อรทัย บุญมั่น",
        "ნინო ბერიძე/გიორგი კაპანაძე/ანა ლომიძე/ლევან მაისურაძე/თამარ გელაშვილი",
    ] {
        let report = table("members", &["full name", "email"], &[values, MAIL]);
        assert!(kinds(&report, "full name").contains(&Kind::PersonName), "{report:?}");
    }
    let single = table("staff", &["first_name", "last_name"], &["倩/洋/林/静/强/敏", "王/李/张/刘/陈/杨/黄"]);
    assert_eq!(kinds(&single, "last_name"), [Kind::PersonName], "{single:?}");
    let numbered = table(
        "register",
        &["name", "national_id"],
        &["Ўктам Йўлдошев/Гулнора Каримова/Ойбек Тўраев/Дилноза Рахимова/Шавкат Ғофуров", "94{}020-23601{}"],
    );
    assert_eq!(numbered.verdict, Verdict::Hold, "{numbered:?}");
    assert!(kinds(&numbered, "name").contains(&Kind::PersonName), "{numbered:?}");
}

#[test]
fn numbers_that_only_persons_have_need_no_check_digit() {
    let ids = table("accounts", &["account", "ssn"], &["{}", "9400{}-2360160"]);
    assert_eq!(kinds(&ids, "ssn"), [Kind::NationalId], "{ids:?}");
    // Businesses have tax numbers too.
    let taxes = table("payments", &["batch", "tax id"], &["{}", "9400{}-2360160"]);
    assert_ne!(taxes.verdict, Verdict::Hold, "{taxes:?}");
    let devices = table("probes", &["seen", "mac"], &["2024-01-01", "001b4411{}3ab7/001b44113{}ab7"]);
    assert_eq!(kinds(&devices, "mac"), [], "of different lengths: {devices:?}");
    let mut screen = Screen::new(Rules::default());
    screen.begin_table("probes", &["seen", "mac"]);
    for number in 0..30_u64 {
        screen.row(number + 2, &["2024-01-01".to_owned(), format!("001b44{:06x}", number * 7_919)]);
    }
    let report = screen.finish();
    assert_eq!(kinds(&report, "mac"), [Kind::MacAddress], "{report:?}");
}

#[test]
fn shapes_and_spans_of_years_are_no_cards_and_telephones() {
    let shape = "POLYGON((-0.1847415712{}783 51.62993353{}9279,-0.1847415712{}783 51.658832668{}158,-0.13 51.65))";
    let shapes = table("libraries", &["id", "bbox"], &["{}", shape]);
    assert_eq!(shapes.verdict, Verdict::Pass, "{shapes:?}");
    let told =
        "The chapel was built under Bishop Lorimer (1842-1907) and rebuilt by the mason Hal Tredwell (1880–1951).";
    let chapels =
        table("chapels", &["chapel", "image_url", "description"], &["Chapel {}", "https://i.example/{}.png", told]);
    assert_ne!(chapels.verdict, Verdict::Hold, "{chapels:?}");
    assert!(!kinds(&chapels, "description").contains(&Kind::Phone), "{chapels:?}");
}

#[test]
fn dates_of_bouts_and_arms_of_experiments_are_nothing_private() {
    let bouts = table(
        "bouts",
        &["name", "url", "date", "wins"],
        &[WHOLE, "https://b.example/{}", "1932-05-{}1/1998-07-{}2", "{}"],
    );
    assert!(!kinds(&bouts, "date").contains(&Kind::BirthDate), "{bouts:?}");
    let arms =
        table("survey", &["respondent", "age", "gender", "treatment_profile"], &["{}", "2{}/41/57", "f/m", "0/1"]);
    assert!(!kinds(&arms, "treatment_profile").contains(&Kind::Health), "{arms:?}");
    let treated = table("ward", &["patient", "age", "treatment"], &[WHOLE, "2{}/41/57", "insulin/dialysis"]);
    assert!(kinds(&treated, "treatment").contains(&Kind::Health), "{treated:?}");
}

#[test]
fn schools_on_a_map_are_no_homes() {
    let header = ["code", "name", "math_perc", "isa_perc", "lat", "long"];
    let schools =
        table("charters", &header, &["{}", "Aiton ES/Amidon ES", "0.1{}", "0.9", "38.88{}749", "-76.91{}395"]);
    assert_ne!(schools.verdict, Verdict::Hold, "{schools:?}");
    let homes = table("helpers", &["volunteer", "home location"], &[WHOLE, "38.88{}749, -76.91{}395"]);
    assert!(kinds(&homes, "home location").contains(&Kind::Coordinates), "{homes:?}");
}
