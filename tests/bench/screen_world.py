"""A labelled world for the personal-data screen: invented people in ten languages, and tables of everything else.

Deterministic: the same seed gives the same files. Every name, street and sentence is ours; names that the detector's lists know are
dropped, so that what is measured is not what was learnt by heart. Check digits are reckoned here once more, in other words.

    screen_world.py FOLDER [ROWS]     writes files and labels.json into FOLDER
"""

import csv
import json
import pathlib
import random
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = ROOT / "harvester/screen/src/words"


def fold(text):
    text = text.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O").replace("ß", "ss").replace("đ", "d")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


KNOWN = {
    fold(word)
    for name in ("given.txt", "surnames.txt")
    for line in (WORDS / name).read_text().splitlines()
    if not line.startswith("#")
    for word in line.split()
}


def unknown(names):
    """Names that the detector has never heard of."""
    kept = [name for name in names.split() if fold(name) not in KNOWN]
    assert len(kept) >= 10, names
    return kept


LANGUAGES = {
    "en": dict(
        given="Tamsin Ottoline Barnaby Rupert Lysander Peregrine Ottilie Clementine Rosalind Winifred Leopold Cordelia Bartholomew Perdita Thaddeus Araminta Crispin Jocasta Merrick Petronella Torquil Verity Wilbur Zelda Ambrose",
        family="Thistlewood Ravenscroft Hollingberry Pettigrew Wintergill Birtwhistle Ollerenshaw Featherstone Hathersage Ramsbottom Cholmondley Entwistle Fotheringham Gillingwater Heckmondwyke Inchbald Keatinge Longbottom Micklethwaite Nettleship",
        streets="{n} Larkspur Lane|{n} Old Foundry Road|{n} Bramble Close|Flat 2, {n} Quarry Street|{n} Millrace Avenue", city="Netherby Oxcombe Farlow Wexmoor Hadlow", postcode="AB{d} {d}CD", phone="+44 20 7946 0{d}{d}{d}|07700 900{d}{d}{d}",
        heads=dict(given="first_name", family="last_name", full="full name", birth="date of birth", sex="sex", email="email", phone="telephone", street="home address", city="town", postcode="postcode", id="national insurance number", iban="iban", health="diagnosis", note="case notes", card="card number", passport="passport number", plate="number plate"),
        says=["{g} {f} lives at {street} and phoned us twice.", "My name is {g} {f} and my number is {phone}.", "Patient {g} {f}, born {birth}, was diagnosed with asthma.", "Please refund {g} {f}, {email}, for the permit.", "Mrs {f} complained about the noise next door.", "The tenant, {g} {f}, asked for a repair."],
        plain=["The council resurfaced the car park and replaced the lights.", "Noise levels were measured at twelve stations in 2023.", "The budget rose by 3.4 per cent over the year before.", "Opening hours change during the school holidays.", "Water quality was good at all bathing places."],
        ill="asthma|diabetes|migraine|arthritis", office="Town Hall|Registry Office|Central Library|Leisure Centre", org=dict(name="office name", mail="email", tel="switchboard", addr="address"), sexes="male|female"),
    "de": dict(
        given="Gundula Hartmut Leberecht Ortrun Wiltrud Traugott Friedlinde Heidrun Kunigunde Burkhard Sieglinde Irmtraud Wendelin Gotthilf Adelgunde Roswitha Detlev Liebgard Ekkehard Walburga Lutz Hilmar Edeltraud Oswin Meinolf",
        family="Unkelbach Stöckelmaier Zwiefelhofer Dreesbach Kleinknecht Hagedorn Wohlgemuth Rübsam Pfannkuch Oberdörfer Grünspan Quandt Schmeißer Trautwein Veltheim Zinsmeister Achterberg Biedenkapp Dünnwald Eckstein",
        streets="Lindenstraße {n}|Am alten Markt {n}|Gartenweg {n}a|Hauptstr. {n}|Schillerplatz {n}", city="Musterhausen Neuburg Altenfeld Rodenbach", postcode="{d}{d}{d}{d}{d}", phone="+49 30 9018{d}{d}{d}|0171 55{d}{d}{d}{d}{d}",
        heads=dict(given="Vorname", family="Nachname", full="Name, Vorname", birth="Geburtsdatum", sex="Geschlecht", email="E-Mail", phone="Telefon", street="Anschrift", city="Wohnort", postcode="PLZ", id="Steuer-ID", iban="IBAN", health="Diagnose", note="Bemerkung", card="Kreditkartennummer", passport="Reisepassnummer", plate="Kennzeichen"),
        says=["{g} {f} wohnt in der {street} und hat angerufen.", "Ich heiße {g} {f}, Telefon {phone}.", "Patientin {g} {f}, geboren am {birth}, leidet an Asthma.", "Bitte überweisen Sie an {g} {f}, {iban}.", "Frau {f} beschwert sich über den Lärm.", "Der Mieter {g} {f} meldete einen Schaden."],
        plain=["Die Stadt hat den Parkplatz erneuert und die Lampen ersetzt.", "Der Lärm wurde an zwölf Stellen gemessen.", "Der Haushalt stieg um 3,4 Prozent.", "Die Öffnungszeiten ändern sich in den Ferien.", "Die Wasserqualität war überall gut."],
        ill="Asthma|Diabetes|Migräne|Arthrose", office="Rathaus|Bürgeramt|Stadtbibliothek|Hallenbad", org=dict(name="Dienststelle", mail="E-Mail", tel="Telefon", addr="Adresse"), sexes="männlich|weiblich"),
    "fr": dict(
        given="Apolline Théophile Séraphine Gontran Ysaline Barthélemy Clotilde Fulbert Hermance Isidore Landry Mélisande Népomucène Oriane Perrine Roselyne Tancrède Ursule Venceslas Zéphyrine Anatole Bertille Cyprien Domitille Eudes",
        family="Boulanger-Lescure Chastagnier Dussollier Escoffier Fauconnet Gaillardet Houdebine Jaquemot Kermadec Lachenal Montgolfier Nouvellon Ouvrard Pellissard Quintard Rochambeau Sauvageot Tavernier Urvoy Vaugelade",
        streets="{n} rue des Lilas|{n}, avenue de la Gare|{n} bis chemin du Moulin|{n} place de l'Église|{n} impasse des Vignes", city="Villeneuve Saint-Aubin Montclair Beaurepaire", postcode="{d}{d}{d}{d}{d}", phone="+33 6 12 34 {d}{d} {d}{d}|06 12 34 {d}{d} {d}{d}",
        heads=dict(given="Prénom", family="Nom de famille", full="Nom complet", birth="Date de naissance", sex="Sexe", email="Courriel", phone="Téléphone", street="Adresse", city="Commune", postcode="Code postal", id="Numéro de sécurité sociale", iban="IBAN", health="Diagnostic", note="Commentaire", card="Numéro de carte", passport="Numéro de passeport", plate="Immatriculation"),
        says=["{g} {f} habite {street} depuis dix ans.", "Je m'appelle {g} {f}, mon téléphone est le {phone}.", "La patiente {g} {f}, née le {birth}, souffre d'asthme.", "Merci de rembourser {g} {f}, {email}.", "Madame {f} se plaint du bruit.", "Le locataire {g} {f} demande une réparation."],
        plain=["La commune a rénové le parking et remplacé les lampes.", "Le bruit a été mesuré en douze points.", "Le budget a augmenté de 3,4 pour cent.", "Les horaires changent pendant les vacances.", "La qualité de l'eau était bonne partout."],
        ill="asthme|diabète|migraine|arthrose", office="Mairie|Médiathèque|Piscine municipale|Bureau d'état civil", org=dict(name="Service", mail="Courriel", tel="Téléphone", addr="Adresse"), sexes="homme|femme"),
    "es": dict(
        given="Eustaquio Leocadia Fermín Obdulia Práxedes Ramiro Saturnina Telesforo Urbano Visitación Wenceslao Zacarías Baldomero Casilda Desiderio Eleuteria Fulgencio Genoveva Hipólito Isidora Jacinto Liborio Melquíades Nicasio Onofre",
        family="Altozano Berruguete Cifuentes Ordovás Escribano Fuentenebro Goyeneche Hinojosa Izquierdo Jaraquemada Larrañaga Mondragón Navarrete Olavarría Peñaranda Quiñones Retamosa Salvatierra Tordesillas Urrutia",
        streets="Calle del Olmo, {n}|Avenida de la Paz {n}|Plaza Mayor {n}|C/ San Roque {n}|Paseo del Río {n}", city="Villanueva Aldeamayor Fuentes Robledo", postcode="{d}{d}{d}{d}{d}", phone="+34 612 3{d}{d} {d}{d}{d}|612 3{d}{d} {d}{d}{d}",
        heads=dict(given="Nombre de pila", family="Apellidos", full="Nombre y apellidos", birth="Fecha de nacimiento", sex="Sexo", email="Correo electrónico", phone="Teléfono", street="Domicilio", city="Localidad", postcode="Código postal", id="DNI", iban="IBAN", health="Diagnóstico", note="Observaciones", card="Número de tarjeta", passport="Pasaporte", plate="Matrícula"),
        says=["{g} {f} vive en {street} con su madre.", "Me llamo {g} {f} y mi teléfono es {phone}.", "La paciente {g} {f}, nacida el {birth}, sufre asma.", "Devuelvan el importe a {g} {f}, {email}.", "La señora {f} se queja del ruido.", "El inquilino {g} {f} solicita una reparación."],
        plain=["El ayuntamiento renovó el aparcamiento y cambió las luces.", "El ruido se midió en doce puntos.", "El presupuesto subió un 3,4 por ciento.", "El horario cambia en vacaciones.", "La calidad del agua fue buena en todas partes."],
        ill="asma|diabetes|migraña|artrosis", office="Ayuntamiento|Biblioteca central|Polideportivo|Registro civil", org=dict(name="Organismo", mail="Correo electrónico", tel="Centralita", addr="Dirección"), sexes="hombre|mujer"),
    "it": dict(
        given="Abbondio Brunilde Calogera Donatello Ermenegilda Fiorenzo Gelsomina Ildebrando Loreto Melchiorre Nicoletta Ottavio Pancrazio Quintilio Romualda Saverio Teodolinda Ubaldo Venanzio Zaira Amedea Baldassarre Clorinda Egidio Fausta",
        family="Acquafresca Bevilacqua Castelnuovo Dall'Acqua Evangelisti Fumagalli Guicciardini Imbriani Laganà Mezzogiorno Nicolodi Ottaviani Passalacqua Quagliarella Roccaforte Sgambelluri Tommaseo Ungaro Vannucchi Zanellato",
        streets="Via dei Tigli {n}|Viale della Stazione, {n}|Piazza Dante {n}|Corso Cavour {n}|Vicolo Stretto {n}", city="Borgonuovo Castelvecchio Rivalta Montefiore", postcode="{d}{d}{d}{d}{d}", phone="+39 347 12{d} {d}{d}{d}{d}|347 12{d} {d}{d}{d}{d}",
        heads=dict(given="Nome", family="Cognome", full="Cognome e nome", birth="Data di nascita", sex="Sesso", email="Indirizzo email", phone="Telefono", street="Indirizzo", city="Comune", postcode="CAP", id="Codice fiscale", iban="IBAN", health="Diagnosi", note="Note libere", card="Numero carta", passport="Passaporto", plate="Targa"),
        says=["{g} {f} abita in {street} da anni.", "Mi chiamo {g} {f}, il mio telefono è {phone}.", "La paziente {g} {f}, nata il {birth}, soffre di asma.", "Si prega di rimborsare {g} {f}, {email}.", "La signora {f} lamenta troppo rumore.", "L'inquilino è {g} {f} e chiede una riparazione a {email}."],
        plain=["Il comune ha rinnovato il parcheggio e cambiato le lampade.", "Il rumore è stato misurato in dodici punti.", "Il bilancio è salito del 3,4 per cento.", "Gli orari cambiano durante le vacanze.", "La qualità dell'acqua era buona ovunque."],
        ill="asma|diabete|emicrania|artrosi", office="Municipio|Biblioteca civica|Piscina comunale|Anagrafe", org=dict(name="Ufficio", mail="PEC", tel="Centralino", addr="Indirizzo"), sexes="M|F"),
    "pt": dict(
        given="Adalberto Benedita Custódio Deolinda Epifânio Felismina Gervásio Hermínia Idalina Jacinta Leopoldina Maximino Natércia Olegário Porfírio Quitéria Rosalina Sidónio Teodora Umbelina Valdemar Zulmira Abílio Belmira Celestino",
        family="Abrantes Bettencourt Castanheira Drummond Esteves Falcão Gouveia Henriques Infante Junqueira Lacerda Magalhães Negreiros Ornelas Perestrelo Quaresma Rebelo Sacadura Travassos Vasconcelos",
        streets="Rua das Flores, {n}|Avenida da Liberdade {n}|Travessa do Moinho {n}|Largo da Igreja {n}|Praça Nova {n}", city="Vilanova Ribeira Portela Fontes", postcode="{d}{d}{d}{d}-{d}{d}{d}", phone="+351 912 3{d}{d} {d}{d}{d}|912 3{d}{d} {d}{d}{d}",
        heads=dict(given="Primeiro nome", family="Apelido", full="Nome completo", birth="Data de nascimento", sex="Sexo", email="Correio eletrónico", phone="Telemóvel", street="Morada", city="Freguesia", postcode="Código postal", id="NIF", iban="IBAN", health="Diagnóstico", note="Observações", card="Número do cartão", passport="Passaporte", plate="Matrícula"),
        says=["{g} {f} mora na {street} há anos.", "Chamo-me {g} {f} e o meu telefone é {phone}.", "A paciente {g} {f}, nascida a {birth}, sofre de asma.", "Devolver o valor a {g} {f}, {email}.", "A senhora {f} queixa-se do ruído.", "O aluno {g} {f} pediu apoio, contacto {email}."],
        plain=["A câmara renovou o estacionamento e trocou as luzes.", "O ruído foi medido em doze pontos.", "O orçamento subiu 3,4 por cento.", "O horário muda nas férias.", "A qualidade da água foi boa em todo o lado."],
        ill="asma|diabetes|enxaqueca|artrose", office="Câmara Municipal|Biblioteca|Piscina municipal|Conservatória", org=dict(name="Serviço", mail="Correio eletrónico", tel="Telefone geral", addr="Morada"), sexes="masculino|feminino"),
    "nl": dict(
        given="Aaltje Berendina Corstiaan Diederik Elsbeth Fokke Geertruida Harmina Ijsbrand Jannigje Klaasje Lubbert Mechteld Neeltje Okke Pieternella Reinoud Siebren Teuntje Wiebe Zwaantje Aleid Bouke Douwe Engbert",
        family="Achterberg Bontekoe Coppelmans Doornenbal Eikelboom Franssen Goudswaard Hazelhoff Ijzerman Jongeneel Koekkoek Langerak Middelkoop Nieuwenhuizen Oosterhof Poortvliet Roodbeen Spaargaren Terpstra Zwanenburg",
        streets="Dorpsstraat {n}|Kerkweg {n}|Molenlaan {n}a|Marktplein {n}|Wilgenstraat {n}", city="Nieuwdorp Oosterwijk Westerveld Zandvoort", postcode="{d}{d}{d}{d} AB", phone="+31 6 1234{d}{d}{d}{d}|06 1234{d}{d}{d}{d}",
        heads=dict(given="Voornaam", family="Achternaam", full="Volledige naam", birth="Geboortedatum", sex="Geslacht", email="E-mailadres", phone="Telefoonnummer", street="Adres", city="Woonplaats", postcode="Postcode", id="BSN", iban="Rekeningnummer", health="Diagnose", note="Opmerkingen", card="Creditcardnummer", passport="Paspoortnummer", plate="Kenteken"),
        says=["{g} {f} woont aan de {street} en belde ons.", "Mijn naam is {g} {f}, telefoon {phone}.", "Patiënt {g} {f}, geboren op {birth}, lijdt aan astma.", "Graag terugbetalen aan {g} {f}, {iban}.", "Mevrouw {f} klaagt over het lawaai.", "De huurder {g} {f} mailde ons via {email}."],
        plain=["De gemeente vernieuwde het parkeerterrein en de lampen.", "Het geluid werd op twaalf plaatsen gemeten.", "De begroting steeg met 3,4 procent.", "De openingstijden wijzigen in de vakantie.", "De waterkwaliteit was overal goed."],
        ill="astma|diabetes|migraine|artrose", office="Stadhuis|Bibliotheek|Zwembad|Burgerzaken", org=dict(name="Instelling", mail="E-mail", tel="Telefoon", addr="Adres"), sexes="man|vrouw"),
    "pl": dict(
        given="Apolonia Bogumił Celestyna Dobrosław Eufemia Feliks Gracjan Honorata Ildefons Jarogniew Kornelia Ludgarda Mścisław Narcyz Otylia Przybysław Rozalia Świętosława Teofil Urban Walenty Zbysława Ambroży Bronisława Ludomir",
        family="Wierzbowski Przybyszewska Gąsiorowski Brzęczyszczykiewicz Dłużniewska Fijałkowski Grzybowska Hałasiński Jędrzejczyk Kłosowska Łuczyński Mroczkowska Niedźwiecki Orzechowska Pstrągowski Rzepecka Skowroński Trzcińska Wąsowski Żółtowska",
        streets="ul. Lipowa {n}|ul. Długa {n}/4|aleja Wolności {n}|plac Zamkowy {n}|os. Słoneczne {n}", city="Nowawieś Stargród Lipiny Zalesie", postcode="{d}{d}-{d}{d}{d}", phone="+48 601 2{d}{d} {d}{d}{d}|601 2{d}{d} {d}{d}{d}",
        heads=dict(given="Imię", family="Nazwisko", full="Imię i nazwisko", birth="Data urodzenia", sex="Płeć", email="Adres e-mail", phone="Numer telefonu", street="Adres zamieszkania", city="Miejscowość", postcode="Kod pocztowy", id="PESEL", iban="Numer konta", health="Rozpoznanie", note="Uwagi", card="Numer karty", passport="Numer paszportu", plate="Numer rejestracyjny"),
        says=["{g} {f} mieszka przy {street} od lat.", "Nazywam się {g} {f}, telefon {phone}.", "Pacjentka {g} {f}, urodzona {birth}, choruje na astmę.", "Proszę zwrócić pieniądze: {g} {f}, {email}.", "Pani {f} skarży się na hałas.", "Najemca {g} {f} prosi o kontakt: {email}."],
        plain=["Miasto odnowiło parking i wymieniło lampy.", "Hałas zmierzono w dwunastu miejscach.", "Budżet wzrósł o 3,4 procent.", "Godziny otwarcia zmieniają się w wakacje.", "Jakość wody była wszędzie dobra."],
        ill="astma|cukrzyca|migrena|artroza", office="Ratusz|Biblioteka|Basen miejski|Urząd stanu cywilnego", org=dict(name="Urząd", mail="E-mail", tel="Telefon", addr="Adres"), sexes="kobieta|mężczyzna"),
    "sv": dict(
        given="Alfhild Botvid Disa Eskil Folke Gudmund Hjördis Ivar Jerker Kerttu Loviisa Malkolm Nanna Orvar Ragnvald Signe Torbjörn Ulrika Viveka Yngve Åslög Östen Ansgar Bertil Dagny",
        family="Almqvist Backlund Dahlqvist Edlund Fagerholm Gyllenstierna Hallström Isaksson Kjellberg Ljungkvist Malmsten Nordenskiöld Oxenstierna Rosenqvist Silfverberg Tegnér Uddenberg Wennergren Ytterström Åkerblom",
        streets="Storgatan {n}|Björkvägen {n}|Kyrkogatan {n} B|Skolvägen {n}|Hamngatan {n}", city="Nybyn Västerby Lillvik Ekeby", postcode="{d}{d}{d} {d}{d}", phone="+46 70 123 {d}{d} {d}{d}|070-123 {d}{d} {d}{d}",
        heads=dict(given="Förnamn", family="Efternamn", full="Fullständigt namn", birth="Födelsedatum", sex="Kön", email="E-postadress", phone="Telefonnummer", street="Gatuadress", city="Ort", postcode="Postnummer", id="Personnummer", iban="IBAN", health="Diagnos", note="Anteckningar", card="Kortnummer", passport="Passnummer", plate="Registreringsnummer"),
        says=["{g} {f} bor på {street} sedan länge.", "Jag heter {g} {f}, telefon {phone}.", "Patient {g} {f}, född {birth}, har diabetes.", "Betala tillbaka till {g} {f}, {email}.", "Fru {f} klagar på bullret och nås på {phone}.", "Eleven {g} {f} har bytt skola, e-post {email}."],
        plain=["Kommunen rustade upp parkeringen och bytte lampor.", "Bullret mättes på tolv platser.", "Budgeten steg med 3,4 procent.", "Öppettiderna ändras under lovet.", "Vattenkvaliteten var god överallt."],
        ill="astma|diabetes|migrän|artros", office="Stadshus|Bibliotek|Simhall|Medborgarkontor", org=dict(name="Myndighet", mail="E-post", tel="Växel", addr="Adress"), sexes="man|kvinna"),
    "cs": dict(
        given="Božidar Ctirad Drahomíra Evžen Gizela Hedvika Ignác Jolana Květoslava Leontýna Metoděj Naděžda Otakar Přemysl Radovan Slavěna Teofil Uršula Vendulka Zbyněk Arnošt Blahoslav Dalibor Emanuela Hynek",
        family="Zapletalová Vondráček Trávníčková Šafránek Rybníčková Pecháček Oplatková Navrátilíček Macháčková Loudová Kubíček Jiráčková Hrdličková Grygar Fojtíková Drábková Čapková Bažantová Apltauer Žváčková",
        streets="Lipová {n}/12|Nádražní ulice {n}|náměstí Míru {n}|ulice Školní {n}|Hlavní třída {n}", city="Lhota Nová-Ves Kamenice Dubany", postcode="{d}{d}{d} {d}{d}", phone="+420 601 2{d}{d} {d}{d}{d}|601 2{d}{d} {d}{d}{d}",
        heads=dict(given="Jméno", family="Příjmení", full="Jméno a příjmení", birth="Datum narození", sex="Pohlaví", email="E-mail", phone="Telefon", street="Adresa bydliště", city="Obec", postcode="PSČ", id="Rodné číslo", iban="Číslo účtu", health="Diagnóza", note="Poznámka", card="Číslo karty", passport="Číslo pasu", plate="SPZ"),
        says=["{g} {f} bydlí v ulici Školní {n} a volala nám.", "Jmenuji se {g} {f}, telefon {phone}.", "Pacient {g} {f}, narozen {birth}, má astma.", "Vraťte prosím peníze: {g} {f}, {email}.", "Paní {f} si stěžuje na hluk.", "Nájemce {g} {f} prosí o opravu, {email}."],
        plain=["Město opravilo parkoviště a vyměnilo lampy.", "Hluk byl změřen na dvanácti místech.", "Rozpočet vzrostl o 3,4 procenta.", "Otevírací doba se o prázdninách mění.", "Kvalita vody byla všude dobrá."],
        ill="astma|cukrovka|migréna|artróza", office="Radnice|Knihovna|Plavecký bazén|Matrika", org=dict(name="Úřad", mail="E-mail", tel="Telefon", addr="Adresa"), sexes="muž|žena"),
}


class World:
    def __init__(self, folder, rows, seed=20261122):
        self.folder, self.rows, self.random = folder, rows, random.Random(seed)
        self.labels = {}

    def digits(self, count, first=None):
        return [first if at == 0 and first is not None else self.random.randrange(10) for at in range(count)]

    def pattern(self, text, **known):
        out = []
        text = self.random.choice(text.split("|"))
        for at, part in enumerate(text.split("{d}")):
            if at:
                out.append(str(self.random.randrange(10)))
            out.append(part)
        text = "".join(out)
        return text.replace("{n}", str(known.get("n", self.random.randrange(1, 190))))

    def date(self):
        return 1930 + self.random.randrange(75), 1 + self.random.randrange(12), 1 + self.random.randrange(28)

    # Check digits, each reckoned from the authority's description.
    def luhn(self, body):
        total = 0
        for at, digit in enumerate(reversed(body)):
            twice = digit * 2
            total += digit if at % 2 else twice - 9 if twice > 9 else twice
        return (10 - total % 10) % 10

    def weighted(self, body, weights):
        return sum(digit * weight for digit, weight in zip(body, weights))

    def until(self, make):
        while True:
            made = make()
            if made is not None:
                return made

    def identifiers(self):
        r, join = self.random, lambda digits: "".join(map(str, digits))
        short = lambda y, m, d: [y // 10 % 10, y % 10, m // 10, m % 10, d // 10, d % 10]
        back = lambda y, m, d: [d // 10, d % 10, m // 10, m % 10, y // 10 % 10, y % 10]

        def mod(weights, modulus, length=None, fix=lambda c: c, first=None):
            def make():
                body = self.digits(length or len(weights), first)
                check = fix(self.weighted(body, weights) % modulus)
                return join(body) + str(check) if 0 <= check <= 9 else None
            return lambda: self.until(make)

        def pesel():
            y, m, d = self.date()
            body = short(y, m + (20 if y > 1999 else 0), d) + self.digits(4)
            return join(body) + str((10 - self.weighted(body, [1, 3, 7, 9] * 3)) % 10)

        def fnr():
            body = back(*self.date()) + self.digits(3)
            first = (11 - self.weighted(body, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11
            if first == 10:
                return None
            body.append(first)
            second = (11 - self.weighted(body, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11
            return None if second == 10 else join(body) + str(second)

        def codice():
            odd = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] * 2 + [2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]))
            letters = "".join(r.choice("BCDFGLMNPRST") for _ in range(6))
            y, m, d = self.date()
            body = f"{letters}{y % 100:02}{'ABCDEHLMPRST'[m - 1]}{d + r.choice([0, 40]):02}{r.choice('ABCDEFGHIL')}{r.randrange(1000):03}"
            even = lambda sign: int(sign) if sign.isdigit() else ord(sign) - 65
            return body + chr(65 + sum(odd[s] if at % 2 == 0 else even(s) for at, s in enumerate(body)) % 26)

        def nir():
            y, m, _ = self.date()
            body = f"{r.choice('12')}{y % 100:02}{m:02}{r.randrange(1, 96):02}{r.randrange(1, 990):03}{r.randrange(1, 999):03}"
            return f"{body}{97 - int(body) % 97:02}"

        def steuer():
            digits = list(range(10))
            r.shuffle(digits)
            digits[r.randrange(1, 9)] = digits[9]
            if digits[0] == 0 or len(set(digits)) != 9:
                return None
            product = 10
            for digit in digits:
                total = (digit + product) % 10 or 10
                product = total * 2 % 11
            return join(digits) + str((11 - product) % 10)

        def hetu():
            y, m, d = self.date()
            body = f"{d:02}{m:02}{y % 100:02}"
            serial = f"{r.randrange(2, 900):03}"
            return f"{body}{'-' if y < 2000 else 'A'}{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(body + serial) % 31]}"

        def rodne():
            y, m, d = self.date()
            body = f"{y % 100:02}{m + r.choice([0, 50]):02}{d:02}{r.randrange(1000):03}"
            check = int(body) % 11
            return None if check == 10 else f"{body[:6]}/{body[6:]}{(-int(body + '0')) % 11}" if (-int(body + "0")) % 11 < 10 else None

        def cpf():
            body = self.digits(9)
            for weights in (range(10, 1, -1), range(11, 1, -1)):
                body.append(self.weighted(body, list(weights)) * 10 % 11 % 10)
            return f"{join(body[:3])}.{join(body[3:6])}.{join(body[6:9])}-{join(body[9:])}"

        def verhoeff():
            d = [[(i + j) % 5 if i < 5 and j < 5 else 5 + (i + j) % 5 if i < 5 else 5 + (i - j) % 5 if j < 5 else (i - j) % 5 for j in range(10)] for i in range(10)]
            p = [list(range(10))]
            for _ in range(7):
                p.append([[1, 5, 7, 6, 2, 8, 3, 0, 9, 4][v] for v in p[-1]])
            body, c = self.digits(11, r.randrange(2, 10)), 0
            for at, digit in enumerate(reversed(body)):
                c = d[c][p[(at + 1) % 8][digit]]
            inverse = next(v for v in range(10) if d[c][v] == 0)
            text = join(body + [inverse])
            return f"{text[:4]} {text[4:8]} {text[8:]}"

        def dated13(country):
            y, m, d = self.date()
            if country == "za":
                body = short(y, m, d) + self.digits(4) + [0, 8]
                return join(body) + str(self.luhn(body))
            if country == "kr":
                body = short(y, m, d) + [r.choice([1, 2])] + self.digits(5)
                return f"{join(body[:6])}-{join(body[6:])}{(11 - self.weighted(body, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10}"
            if country == "ro":
                body = [r.choice([1, 2])] + short(y, m, d) + [4, 0] + self.digits(3)
                check = self.weighted(body, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
                return join(body) + str(1 if check == 10 else check)
            body = [d // 10, d % 10, m // 10, m % 10, y // 100 % 10, y // 10 % 10, y % 10, 5, 0] + self.digits(3)
            check = 11 - self.weighted(body, [7, 6, 5, 4, 3, 2] * 2) % 11
            return None if check == 10 else join(body) + str(0 if check == 11 else check)

        def chinese():
            y, m, d = self.date()
            body = f"{r.choice(['110105', '310104', '440106'])}{y}{m:02}{d:02}{r.randrange(1000):03}"
            return body + "10X98765432"[self.weighted(map(int, body), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]

        def baltic():
            y, m, d = self.date()
            body = [r.choice([3, 4])] + short(y, m, d) + self.digits(3)
            check = self.weighted(body, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
            if check == 10:
                check = self.weighted(body, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10
            return join(body) + str(check)

        def egn():
            body = short(*self.date()) + self.digits(3)
            return join(body) + str(self.weighted(body, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10)

        def svnr():
            serial, date = self.digits(3, r.randrange(1, 10)), back(*self.date())
            check = (self.weighted(serial, [3, 7, 9]) + self.weighted(date, [5, 8, 4, 2, 1, 6])) % 11
            return None if check == 10 else join(serial) + str(check) + join(date)

        def ahv():
            body = [7, 5, 6] + self.digits(9)
            text = join(body) + str((10 - self.weighted(body, [1, 3] * 6)) % 10)
            return f"{text[:3]}.{text[3:7]}.{text[7:11]}.{text[11:]}"

        def turkish():
            body = self.digits(9, r.randrange(1, 10))
            body.append((sum(body[0::2]) * 7 - sum(body[1:8:2])) % 10)
            return join(body) + str(sum(body) % 10)

        def belgian():
            y, m, d = self.date()
            body = f"{y % 100:02}{m:02}{d:02}{r.randrange(1, 998):03}"
            check = 97 - (int(body) if y < 2000 else int("2" + body)) % 97
            return f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{check:02}"

        def personnummer():
            y, m, d = self.date()
            body = short(y, m, d) + self.digits(3)
            return f"{join(body[:6])}-{join(body[6:])}{self.luhn(body)}"

        def amka():
            body = back(*self.date()) + self.digits(4)
            return join(body) + str(self.luhn(body))

        def bsn():
            body = self.digits(8, r.randrange(1, 10))
            check = self.weighted(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
            return None if check == 10 else join(body) + str(check)

        def oib():
            product, body = 10, self.digits(10)
            for digit in body:
                product = ((product + digit) % 10 or 10) * 2 % 11
            return join(body) + str((11 - product) % 10)

        def curp():
            alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
            y, m, d = self.date()
            body = "".join(r.choice("BCDFGLMPRST") if at != 1 else r.choice("AEIO") for at in range(4)) + f"{y % 100:02}{m:02}{d:02}{r.choice('HM')}{r.choice(['DF', 'JC', 'NL'])}{r.choice('BCDFGL')}{r.choice('BCDFGL')}{r.choice('BCDFGL')}0"
            return body + str((10 - sum(alphabet.index(s) * (18 - at) for at, s in enumerate(body)) % 10) % 10)

        dni = lambda number: "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]
        number = lambda: r.randrange(10_000_000, 99_999_999)

        def rut():
            body = r.randrange(5_000_000, 25_000_000)
            check = 11 - sum(int(digit) * (2 + at % 6) for at, digit in enumerate(reversed(str(body)))) % 11
            text = f"{body:,}".replace(",", ".")
            return f"{text}-{ {11: '0', 10: 'K'}.get(check, check) }"

        def pps():
            body = self.digits(7)
            return join(body) + "WABCDEFGHIJKLMNOPQRSTUV"[self.weighted(body, [8, 7, 6, 5, 4, 3, 2]) % 23]

        def nric():
            body = self.digits(7)
            return "S" + join(body) + "JZIHGFEDCBA"[self.weighted(body, [2, 7, 6, 5, 4, 3, 2]) % 11]

        def nino():
            return f"{r.choice('ABCEGHJKLMNOPRSTWXYZ')}{r.choice('ABCEGHJKLMNPRSTWXYZ')} {r.randrange(100):02} {r.randrange(100):02} {r.randrange(100):02} {r.choice('ABCD')}".replace("BG", "AB").replace("GB", "AB").replace("NK", "AB").replace("TN", "AB").replace("ZZ", "AB").replace("KN", "AB").replace("NT", "AB")

        def again(make, *args):
            return lambda: self.until(lambda: make(*args))

        return {
            "it-cf": ("Codice fiscale", codice), "es-dni": ("DNI", lambda: (lambda n: f"{n}{dni(n)}")(number())), "fr-nir": ("Numéro de sécurité sociale", nir),
            "es-nie": ("NIE", lambda: (lambda n: f"X{n:07}{dni(n)}")(r.randrange(10**7))),
            "de-steuer-id": ("Steueridentifikationsnummer", again(steuer)), "nl-bsn": ("BSN", again(bsn)), "be-nn": ("Rijksregisternummer", belgian), "pl-pesel": ("PESEL", pesel),
            "pt-nif": ("NIF", mod([9, 8, 7, 6, 5, 4, 3, 2], 11, fix=lambda c: 0 if c < 2 else 11 - c, first=2)), "se-personnummer": ("Personnummer", personnummer), "fi-hetu": ("Henkilötunnus", hetu),
            "dk-cpr": ("CPR-nummer", lambda: join(back(*self.date())) + "-" + join(self.digits(4))), "no-fnr": ("Fødselsnummer", again(fnr)), "ee-isikukood": ("Isikukood", baltic),
            "cz-rc": ("Rodné číslo", again(rodne)), "ro-cnp": ("CNP", again(dated13, "ro")), "bg-egn": ("ЕГН", egn), "hr-oib": ("OIB", oib), "si-emso": ("EMŠO", again(dated13, "si")),
            "gr-amka": ("ΑΜΚΑ", amka), "ie-pps": ("PPS number", pps), "at-svnr": ("Sozialversicherungsnummer", again(svnr)), "ch-ahv": ("AHV-Nummer", ahv), "br-cpf": ("CPF", cpf), "mx-curp": ("CURP", curp),
            "cl-run": ("RUT", rut), "ca-sin": ("Social Insurance Number", lambda: (lambda b: join(b) + str(self.luhn(b)))(self.digits(8, r.choice([1, 4, 5, 6])))),
            "au-tfn": ("Tax File Number", mod([1, 4, 3, 7, 5, 8, 6, 9], 11, fix=lambda c: c if c < 10 else -1)), "in-aadhaar": ("Aadhaar", verhoeff), "za-id": ("ID number of person", lambda: dated13("za")),
            "kr-rrn": ("주민등록번호", lambda: dated13("kr")), "cn-id": ("身份证号", chinese), "tr-tckn": ("TC Kimlik No", turkish), "sg-nric": ("NRIC", nric), "gb-nino": ("National Insurance number", nino),
            "gb-nhs": ("NHS number", mod([10, 9, 8, 7, 6, 5, 4, 3, 2], 11, fix=lambda c: 0 if c == 0 else 11 - c)), "us-ssn": ("SSN", lambda: f"{r.randrange(100, 660)}-{r.randrange(1, 100):02}-{r.randrange(1, 10000):04}"),
        }

    def iban(self):
        country, length = self.random.choice([("DE", 18), ("FR", 23), ("ES", 20), ("NL", 14), ("PL", 24), ("SE", 20), ("CZ", 20), ("PT", 21)])
        body = "ABNA" + "".join(map(str, self.digits(10))) if country == "NL" else "".join(map(str, self.digits(length)))
        value = int("".join(str(int(sign, 36)) for sign in body + country + "00"))
        return f"{country}{98 - value % 97:02}{body}"

    def card(self):
        body = self.digits(15, 4)
        return "".join(map(str, body)) + str(self.luhn(body))

    def write(self, name, header, rows, columns, held):
        with open(self.folder / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if header:
                writer.writerow(header)
            writer.writerows(rows)
        self.labels[name] = {"columns": columns, "held": held, "rows": len(rows)}

    def person(self, language, given, family):
        words = LANGUAGES[language]
        g, f = self.random.choice(given), self.random.choice(family)
        y, m, d = self.date()
        local = self.random.choice([f"{fold(g)}.{fold(f)}", f"{fold(g)[0]}.{fold(f)}", f"{fold(f)}{y % 100}", f"{fold(g)}{fold(f)[:3]}"]).replace("'", "").replace(" ", "")
        form = {"en": f"{y}-{m:02}-{d:02}", "sv": f"{y}-{m:02}-{d:02}", "nl": f"{d:02}-{m:02}-{y}"}.get(language, f"{d:02}.{m:02}.{y}" if language in ("de", "pl", "cs") else f"{d:02}/{m:02}/{y}")
        domain = self.random.choice(["gmail.com", "outlook.com", "proton.me", "postkasten.example", "webpost.example", "yahoo.com"])
        return dict(g=g, f=f, birth=form, email=f"{local}@{domain}", phone=self.pattern(words["phone"]), street=self.pattern(words["streets"]), city=self.random.choice(words["city"].split()), postcode=self.pattern(words["postcode"]), iban=self.iban(), n=str(self.random.randrange(1, 99)))

    def people(self, language):
        words = LANGUAGES[language]
        given, family, heads = unknown(words["given"]), unknown(words["family"]), words["heads"]
        ids = {"en": "gb-nino", "de": "de-steuer-id", "fr": "fr-nir", "es": "es-dni", "it": "it-cf", "pt": "pt-nif", "nl": "nl-bsn", "pl": "pl-pesel", "sv": "se-personnummer", "cs": "cz-rc"}
        make_id = self.identifiers()[ids[language]][1]
        sexes, ills = words["sexes"].split("|"), words["ill"].split("|")
        person = lambda: self.person(language, given, family)
        kinds = dict(given="person-name", family="person-name", full="person-name", birth="birth-date", email="email", phone="phone", street="home-address", id="national-id", iban="iban", health="health", card="payment-card", passport="passport", plate="vehicle-plate")

        def table(name, keys, headed=True, heads=heads):
            rows = []
            for at in range(self.rows):
                p = person()
                cells = dict(no=at + 1, given=p["g"], family=p["f"], full=f"{p['g']} {p['f']}" if language not in ("it", "de") else f"{p['f']} {p['g']}" if language == "it" else f"{p['f']}, {p['g']}", birth=p["birth"], sex=self.random.choice(sexes), email=p["email"], phone=p["phone"], street=p["street"], city=p["city"], postcode=p["postcode"], id=make_id(), iban=p["iban"], health=self.random.choice(ills), card=self.card(), passport=self.random.choice("CKPX") + "".join(map(str, self.digits(8))), plate=f"{self.random.choice('ABKMW')}{self.random.choice('ABCD')}-{self.random.randrange(100, 999)}-{self.random.choice('ABCD')}{self.random.choice('XYZ')}", amount=self.random.randrange(10, 900))
                rows.append([cells[key] for key in keys])
            header = [{"no": "no", "amount": "amount"}.get(key) or heads[key] for key in keys] if headed else None
            names = header or [f"column {at + 1}" for at in range(len(keys))]
            self.write(name, header, rows, {names[at]: kinds[key] for at, key in enumerate(keys) if key in kinds}, True)

        table(f"register-{language}.csv", ["no", "given", "family", "birth", "sex", "street", "postcode", "city", "phone", "email", "id", "iban"])
        table(f"patients-{language}.csv", ["no", "full", "birth", "sex", "health", "postcode"])
        table(f"payments-{language}.csv", ["no", "full", "email", "card", "amount"])
        table(f"travel-{language}.csv", ["no", "given", "family", "passport", "plate", "phone"])
        table(f"headless-{language}.csv", ["no", "given", "family", "email", "phone", "id"], headed=False)
        coded = {key: f"f{at}" for at, key in enumerate(heads)}
        table(f"coded-{language}.csv", ["no", "full", "email", "iban", "phone", "birth"], heads=coded)
        self.texts(language, words, person)

    def texts(self, language, words, person):
        for at in range(60):
            p = person()
            template = words["says"][at % len(words["says"])]
            self.sentence(f"said-{language}-{at:02}.json", template.format(**p), "free-text", [kind for key, kind in (("{f}", "person-name"), ("{email}", "email"), ("{iban}", "iban"), ("{phone}", "phone")) if key in template])
        for at, text in enumerate(words["plain"] * 4):
            self.sentence(f"plain-{language}-{at:02}.json", text if at < 5 else f"{text} ({2000 + at})", None, [])

    def sentence(self, name, text, kind, kinds):
        (self.folder / name).write_text(json.dumps([{"text": text}], ensure_ascii=False))
        self.labels[name] = {"text": True, "kinds": kinds, "held": None}

    def public(self, language):
        words = LANGUAGES[language]
        offices, org = words["office"].split("|"), words["org"]
        box = ["info", "kontakt", "contact", "service", "office", "rathaus", "registry", "mairie", "poststelle", "urzad"]
        rows = [[f"{self.random.choice(offices)} {self.random.choice(words['city'].split())}", f"{self.random.choice(box)}@{fold(self.random.choice(words['city'].split()))}.example", self.pattern(words["phone"].split("|")[0]), self.pattern(words["streets"])] for _ in range(self.rows)]
        self.write(f"offices-{language}.csv", [org["name"], org["mail"], org["tel"], org["addr"]], rows, {}, False)
        rows = [[self.random.choice(words["city"].split()), year, self.random.randrange(200, 9000), self.random.randrange(5, 300), round(self.random.random() * 9, 2)] for year in range(2000, 2024) for _ in range(20)]
        self.write(f"figures-{language}.csv", [words["heads"]["city"], "2020", "total", "n", "%"], rows, {}, False)
        rows = [[at, self.pattern(words["streets"]), round(45 + self.random.random() * 8, 6), round(5 + self.random.random() * 9, 6)] for at in range(self.rows)]
        self.write(f"addresses-{language}.csv", ["id", words["heads"]["street"], "lat", "lon"], rows, {}, False)

    def codes(self):
        def file(name, header, make):
            self.write(name, header, [make(at) for at in range(self.rows)], {}, False)

        number = lambda count: "".join(map(str, self.digits(count, self.random.randrange(1, 10))))
        def isbn(_at):
            body = self.digits(9)
            check = (11 - self.weighted(body, range(10, 1, -1))) % 11
            return "".join(map(str, body)) + ("X" if check == 10 else str(check))
        def siren():
            body = self.digits(8)
            return "".join(map(str, body)) + str(self.luhn(body))
        def ean():
            body = self.digits(12, 4)
            return "".join(map(str, body)) + str((10 - self.weighted(body, [1, 3] * 6)) % 10)
        for length in (7, 8, 9, 10, 11, 12, 13, 14, 16):
            file(f"random-{length}.csv", ["record", "value"], lambda at, length=length: [number(length), self.random.randrange(100)])
            file(f"sequence-{length}.csv", ["key", "value"], lambda at, length=length: [10 ** (length - 1) + 12_345 + at, self.random.randrange(100)])
        file("books.csv", ["isbn", "title", "author", "year"], lambda at: [isbn(at), f"A history of bridges, volume {at}", "Ottoline Pettigrew", 1990 + at % 30])
        file("companies.csv", ["siren", "company name", "city", "phone"], lambda at: [siren(), f"Ateliers {at} SARL", "Montclair", self.pattern("+33 1 44 {d}{d} {d}{d} {d}{d}")])
        file("goods.csv", ["ean", "product", "price"], lambda at: [ean(), f"Item {at}", at / 7])
        file("sensors.csv", ["sensor", "timestamp", "value", "lat", "lon"], lambda at: [f"S{at % 40:03}", f"2023-0{1 + at % 9}-1{at % 9} 10:{at % 60:02}:00", at / 3, 50 + (at % 40) / 317, 8 + (at % 40) / 211])
        file("servers.csv", ["server", "ip", "version"], lambda at: [f"srv{at}", f"93.{at % 200}.{at % 250}.34", f"1.{at % 20}.3.4"])
        file("baby-names.csv", ["first name", "sex", "count"], lambda at: [self.random.choice("Ottilie Leopold Barnaby Zelda Crispin Verity".split()), "f", 5 + at])
        file("mayors.csv", ["municipality", "mayor", "party", "elected", "email"], lambda at: [f"Netherby {at}", self.random.choice(unknown(LANGUAGES["en"]["given"])) + " " + self.random.choice(unknown(LANGUAGES["en"]["family"])), "Independent", 2022, f"mayor@netherby{at}.example"])
        file("schools.csv", ["school name", "head teacher", "phone", "postcode"], lambda at: [f"Larkspur Primary School {at}", "Mr " + self.random.choice(unknown(LANGUAGES["en"]["family"])), self.pattern("+44 20 7946 0{d}{d}{d}"), "AB1 2CD"])
        file("trees.csv", ["tree id", "species", "planted", "lat", "lon"], lambda at: [at, "Quercus robur", f"19{50 + at % 40}-04-01", 50 + at / 9137, 8 + at / 7919])
        file("budget.csv", ["account", "department", "amount"], lambda at: [10_000_000 + at * 17, "Department of Works", at * 1_000])
        file("births.csv", ["municipality", "sex", "age group", "number of cases"], lambda at: [f"Netherby {at % 30}", "f", "20-29", 12 + at % 70])
        file("trains.csv", ["train number", "departure date", "delay"], lambda at: [number(9), f"{1950 + at % 70}-01-02", at % 9])


def generate(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    world = World(folder, rows)
    for language in LANGUAGES:
        world.people(language)
        world.public(language)
    for scheme, (head, make) in world.identifiers().items():
        values = [[at + 1, make(), world.random.randrange(90)] for at in range(rows)]
        world.write(f"id-{scheme}.csv", ["no", head, "points"], values, {head: "national-id"}, True)
    rows_of = lambda make: [make(at) for at in range(rows)]
    r = world.random
    world.write("visits.csv", ["visitor", "ip address", "page"], rows_of(lambda at: [at, f"{r.randrange(20, 190)}.{r.randrange(255)}.{r.randrange(255)}.{r.randrange(255)}", "/index"]), {"ip address": "ip-address"}, True)
    world.write("devices.csv", ["mac address", "seen"], rows_of(lambda at: [":".join(f"{r.randrange(256):02x}" for _ in range(6)), at]), {"mac address": "mac-address"}, True)
    world.write("survey.csv", ["respondent id", "age", "gender", "latitude", "longitude", "answer"], rows_of(lambda at: [at, 18 + r.randrange(60), r.choice("mf"), round(50 + r.random(), 6), round(8 + r.random(), 6), r.randrange(5)]), {"latitude": "coordinates", "longitude": "coordinates"}, True)
    world.codes()
    (folder / "labels.json").write_text(json.dumps(world.labels, ensure_ascii=False))
    return world.labels


if __name__ == "__main__":
    print(len(generate(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300)), "files")
