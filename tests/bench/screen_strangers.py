"""A second labelled world for the personal-data screen: names, addresses, telephone and identity numbers come from the Faker package,
from which the detector's lists were not copied. Sentences are ours, those under `kept` too: some of their words came into the list of
ordinary words, so they are no independent test.

    screen_strangers.py FOLDER [ROWS]     writes files and labels.json into FOLDER (needs the package `faker`)
"""

import csv
import json
import pathlib
import random
import sys

LOCALES = {
    "en": "en_GB", "us": "en_US", "de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "pt": "pt_PT", "nl": "nl_NL", "pl": "pl_PL", "sv": "sv_SE", "cs": "cs_CZ",
}
# Tables only: no sentences of ours in these.
MORE = {"fi": "fi_FI", "da": "da_DK", "no": "no_NO", "hu": "hu_HU", "ro": "ro_RO", "el": "el_GR", "br": "pt_BR", "ru": "ru_RU", "bg": "bg_BG", "tr": "tr_TR"}

HEADS = {
    "en": "forename surname name dob mobile mail address nino account plate remarks", "us": "first last full_name birthdate phone_number email_addr street_address ssn iban license_plate comments",
    "de": "Rufname Familienname Name geboren_am Tel Mailadresse Straße Sozialversicherungsnr Konto Kfz-Kennzeichen Notiz", "fr": "prenom nom nom_prenom date_naissance tel mail adresse_postale num_secu iban plaque commentaires",
    "es": "nombre apellido nombre_completo fecha_nac movil email direccion dni cuenta matricula comentarios", "it": "nome cognome nominativo data_nascita cellulare mail indirizzo_residenza cod_fiscale iban targa annotazioni",
    "pt": "nome_proprio apelido nome data_nasc telemovel email morada nif iban matricula comentarios", "nl": "voornaam achternaam naam geb_datum mobiel mail adres bsn iban kenteken toelichting",
    "pl": "imie nazwisko imie_i_nazwisko data_ur tel_kom mail adres pesel konto nr_rej komentarz", "sv": "fornamn efternamn namn fodd mobil epost adress personnr konto regnr kommentar",
    "cs": "jmeno prijmeni cele_jmeno dat_nar mobil mail adresa rc ucet spz poznamky",
    "fi": "etunimi sukunimi nimi syntymäaika puhelin sähköposti osoite henkilötunnus tili rekisteritunnus huomautus", "da": "fornavn efternavn navn fødselsdato telefon mail adresse cpr konto nummerplade bemærkning",
    "no": "fornavn etternavn navn fødselsdato telefon epost adresse fødselsnummer konto regnr merknad", "hu": "keresztnév vezetéknév név születési_dátum telefon email lakcím személyi_szám bankszámla rendszám megjegyzés",
    "ro": "prenume nume nume_complet data_nasterii telefon email adresa cnp cont numar_inmatriculare observatii", "el": "όνομα επώνυμο ονοματεπώνυμο ημερομηνία_γέννησης τηλέφωνο email διεύθυνση αμκα λογαριασμός πινακίδα σχόλια",
    "br": "primeiro_nome sobrenome nome_completo data_nascimento celular email endereco cpf conta placa observacao", "ru": "имя фамилия фио дата_рождения телефон почта адрес снилс счет госномер примечание",
    "bg": "име фамилия три_имена дата_на_раждане телефон имейл адрес егн сметка рег_номер бележка", "tr": "ad soyad ad_soyad dogum_tarihi telefon eposta adres tc_kimlik hesap plaka aciklama",
}
SAID = {
    "en": ["{p} rang twice about the missing bin and is still waiting.", "Spoke to {p} this morning, who will send the papers.", "According to {p}, the fence fell on Tuesday.", "The applicant is {p}, reachable on {t}.", "Rent arrears: {p}, {a}.", "Complaint received from {p} concerning noise at night."],
    "us": ["Caller {p} wants to be removed from the list.", "Left a voicemail for {p} at {t}.", "Met with {p} to go over the benefits form.", "{p} was seen in the emergency room for chest pain.", "Send the check to {p}, {a}.", "Witness statement by {p}, taken at the scene."],
    "de": ["{p} hat heute angerufen und möchte einen neuen Termin.", "Rücksprache mit {p} unter {t} gehalten.", "Der Antrag von {p} wurde abgelehnt.", "Laut {p} ist die Heizung seit Montag kaputt.", "Zustellung an {p}, {a}, nicht möglich.", "Widerspruch eingelegt durch {p} am Mittwoch."],
    "fr": ["{p} a téléphoné ce matin au sujet de sa facture.", "Le dossier de {p} est incomplet.", "Selon {p}, la chaudière ne marche plus.", "Rappeler {p} au {t}.", "Courrier retourné : {p}, {a}.", "Réclamation déposée par {p} contre son voisin."],
    "es": ["{p} llamó ayer para preguntar por su expediente.", "La solicitud de {p} fue rechazada.", "Según {p}, el ascensor no funciona.", "Avisar a {p} en el {t}.", "Carta devuelta: {p}, {a}.", "Queja presentada por {p} por los ruidos."],
    "it": ["{p} ha telefonato per sapere della sua pratica.", "La domanda di {p} è stata respinta.", "Secondo {p} il riscaldamento non funziona.", "Richiamare {p} al {t}.", "Lettera tornata indietro: {p}, {a}.", "Reclamo presentato da {p} contro il vicino."],
    "pt": ["{p} telefonou ontem por causa da fatura.", "O pedido de {p} foi recusado.", "Segundo {p}, o elevador está avariado.", "Ligar a {p} para o {t}.", "Carta devolvida: {p}, {a}.", "Reclamação apresentada por {p} contra o vizinho."],
    "nl": ["{p} heeft gisteren gebeld over de rekening.", "De aanvraag van {p} is afgewezen.", "Volgens {p} is de lift kapot.", "Terugbellen naar {p} op {t}.", "Brief retour: {p}, {a}.", "Klacht ingediend door {p} tegen de buren."],
    "pl": ["{p} dzwonił wczoraj w sprawie rachunku.", "Wniosek, który złożył {p}, odrzucono.", "Jak twierdzi {p}, winda nie działa.", "Oddzwonić: {p}, {t}.", "List zwrócony: {p}, {a}.", "Skargę wniósł {p} przeciw sąsiadom."],
    "sv": ["{p} ringde i går om räkningen.", "Ansökan från {p} har avslagits.", "Enligt {p} fungerar inte hissen.", "Ring upp {p} på {t}.", "Brevet kom tillbaka: {p}, {a}.", "Klagomål inlämnat av {p} mot grannen."],
    "cs": ["{p} včera volal kvůli účtu.", "Žádost, kterou podal {p}, byla zamítnuta.", "Podle něj {p} neplatí nájem.", "Zavolat zpět: {p}, {t}.", "Dopis se vrátil: {p}, {a}.", "Stížnost podal {p} na sousedy."],
}
KEPT = {
    "en": ["The keys were collected by {p} on Friday.", "{p} (tenant) reports damp in the bathroom.", "Her landlord, {p}, refuses to pay.", "Contact details: {p}, {t}"],
    "us": ["Payment was made by {p} in cash.", "{p} alleges that the officer hit the dog.", "Her physician, {p}, signed the form.", "Name on file: {p} / {t}"],
    "de": ["Die Schlüssel holte {p} am Freitag ab.", "{p} (Mieterin) meldet Schimmel im Bad.", "Ihr Vermieter, {p}, zahlt nicht.", "Kontakt: {p}, {t}"],
    "fr": ["Les clés ont été remises à {p} vendredi.", "{p} (locataire) signale de l'humidité.", "Son bailleur, {p}, refuse de payer.", "Coordonnées : {p}, {t}"],
    "es": ["Las llaves las recogió {p} el viernes.", "{p} (inquilina) avisa de humedades.", "Su casero, {p}, no quiere pagar.", "Datos de contacto: {p}, {t}"],
    "it": ["Le chiavi le ha ritirate {p} venerdì.", "{p} (inquilina) segnala umidità in bagno.", "Il padrone di casa, {p}, non paga.", "Recapito: {p}, {t}"],
    "pt": ["As chaves foram entregues a {p} na sexta.", "{p} (inquilina) queixa-se de humidade.", "O senhorio, {p}, recusa pagar.", "Contacto: {p}, {t}"],
    "nl": ["De sleutels zijn vrijdag opgehaald door {p}.", "{p} (huurder) meldt schimmel in de badkamer.", "Haar verhuurder, {p}, wil niet betalen.", "Gegevens: {p}, {t}"],
    "pl": ["Klucze odebrał {p} w piątek.", "{p} (najemca) zgłasza wilgoć w łazience.", "Jej właściciel, {p}, nie chce płacić.", "Dane: {p}, {t}"],
    "sv": ["Nycklarna hämtades av {p} i fredags.", "{p} (hyresgäst) anmäler fukt i badrummet.", "Hennes värd, {p}, vägrar betala.", "Uppgifter: {p}, {t}"],
    "cs": ["Klíče vyzvedl {p} v pátek.", "{p} (nájemkyně) hlásí vlhkost v koupelně.", "Její domácí, {p}, odmítá platit.", "Údaje: {p}, {t}"],
}
PLAIN = {
    "en": ["{c} won the contract for the new bridge in {y}.", "The road between {y} and the coast is closed until March.", "Works in {s} start on Monday.", "Funding of 12,500 pounds goes to the Museum of Natural History.", "The Environment Agency measured levels at {y} in 2022.", "Annual report of {c}, volume 12."],
    "us": ["{c} was awarded the paving contract in {y}.", "Route 66 near {y} reopens in May.", "Sewer repairs on {s} begin Monday.", "The Department of Public Works budgeted $1,250,000.", "Lake Superior water levels rose in 2022.", "{c} filed the annual report."],
    "de": ["{c} erhielt den Auftrag für die neue Brücke in {y}.", "Die Straße zwischen {y} und der Autobahn ist gesperrt.", "Bauarbeiten in der {s} beginnen am Montag.", "Das Museum für Naturkunde bekommt 12.500 Euro.", "Das Umweltbundesamt hat 2022 in {y} gemessen.", "Jahresbericht der {c}, Band 12."],
    "fr": ["{c} a obtenu le marché du nouveau pont à {y}.", "La route entre {y} et la mer est fermée.", "Les travaux de la {s} commencent lundi.", "Le Muséum d'histoire naturelle reçoit 12 500 euros.", "L'Agence de l'eau a mesuré le niveau à {y} en 2022.", "Rapport annuel de {c}, tome 12."],
    "es": ["{c} ganó el contrato del nuevo puente en {y}.", "La carretera entre {y} y la costa está cerrada.", "Las obras de la {s} empiezan el lunes.", "El Museo de Ciencias Naturales recibe 12.500 euros.", "La Agencia del Agua midió los niveles en {y} en 2022.", "Informe anual de {c}, tomo 12."],
    "it": ["{c} ha vinto l'appalto per il ponte di {y}.", "La strada tra {y} e il mare è chiusa.", "I lavori in {s} iniziano lunedì.", "Il Museo di Storia Naturale riceve 12.500 euro.", "L'Agenzia per l'ambiente ha misurato i livelli a {y} nel 2022.", "Relazione annuale di {c}, volume 12."],
    "pt": ["{c} ganhou o contrato da nova ponte em {y}.", "A estrada entre {y} e a costa está fechada.", "As obras na {s} começam na segunda.", "O Museu de História Natural recebe 12.500 euros.", "A Agência do Ambiente mediu os níveis em {y} em 2022.", "Relatório anual de {c}, volume 12."],
    "nl": ["{c} kreeg de opdracht voor de nieuwe brug in {y}.", "De weg tussen {y} en de kust is dicht.", "Het werk aan de {s} begint maandag.", "Het Natuurhistorisch Museum krijgt 12.500 euro.", "Rijkswaterstaat heeft in 2022 bij {y} gemeten.", "Jaarverslag van {c}, deel 12."],
    "pl": ["{c} zdobyła kontrakt na nowy most w mieście {y}.", "Droga między {y} a wybrzeżem jest zamknięta.", "Prace na ulicy {s} zaczynają się w poniedziałek.", "Muzeum Przyrodnicze otrzyma 12 500 złotych.", "Główny Urząd Statystyczny zmierzył to w 2022 roku.", "Raport roczny {c}, tom 12."],
    "sv": ["{c} fick uppdraget att bygga bron i {y}.", "Vägen mellan {y} och kusten är stängd.", "Arbetet på {s} börjar på måndag.", "Naturhistoriska riksmuseet får 12 500 kronor.", "Naturvårdsverket mätte nivåerna vid {y} 2022.", "Årsredovisning för {c}, del 12."],
    "cs": ["{c} získala zakázku na nový most v obci {y}.", "Silnice mezi obcí {y} a dálnicí je uzavřena.", "Práce v ulici {s} začnou v pondělí.", "Národní muzeum dostane 12 500 korun.", "Český statistický úřad měřil v roce 2022.", "Výroční zpráva {c}, díl 12."],
}


class Strangers:
    def __init__(self, folder, rows, seed=7):
        from faker import Faker

        self.folder, self.rows, self.random = folder, rows, random.Random(seed)
        self.fakers = {key: Faker(locale) for key, locale in {**LOCALES, **MORE}.items()}
        for key, fake in self.fakers.items():
            fake.seed_instance(seed)
        self.labels = {}

    def write(self, name, header, rows, columns, held):
        with open(self.folder / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        self.labels[name] = {"columns": columns, "held": held, "rows": len(rows)}

    def whole(self, fake):
        return f"{fake.first_name()} {fake.last_name()}"

    def address(self, fake):
        return fake.street_address().replace("\n", ", ")

    def people(self, key):
        fake, heads = self.fakers[key], HEADS[key].split()
        given, family, full, birth, phone, mail, street, ident, iban, plate, note = heads
        number = getattr(fake, "ssn")
        date = lambda: fake.date_of_birth(minimum_age=3, maximum_age=95).strftime(self.random.choice(["%d.%m.%Y"]) if key in ("de", "pl", "cs", "fi", "no", "ru", "bg", "tr", "ro") else "%Y-%m-%d" if key in ("sv", "hu", "us") else "%d/%m/%Y")
        rows = self.rows
        self.write(f"members-{key}.csv", ["id", given, family, birth, street, phone, mail], [[at, fake.first_name(), fake.last_name(), date(), self.address(fake), fake.phone_number(), fake.free_email()] for at in range(rows)], {given: "person-name", family: "person-name", birth: "birth-date", street: "home-address", phone: "phone", mail: "email"}, True)
        self.write(f"accounts-{key}.csv", ["id", full, ident, iban, plate], [[at, self.whole(fake), number(), fake.iban(), fake.license_plate()] for at in range(rows)], {full: "person-name", iban: "iban", plate: "vehicle-plate", ident: "national-id"}, True)
        self.write(f"nameless-{key}.csv", [f"c{at}" for at in range(5)], [[at, self.whole(fake), fake.phone_number(), fake.free_email(), date()] for at in range(rows)], {"c1": "person-name", "c2": "phone", "c3": "email", "c4": "birth-date"}, True)
        self.write(f"lonely-{key}.csv", ["no", "value", "points"], [[at, self.whole(fake), self.random.randrange(99)] for at in range(rows)], {"value": "person-name"}, None)
        self.write(f"phones-{key}.csv", ["no", "value", "name"], [[at, fake.phone_number(), self.whole(fake)] for at in range(rows)], {"value": "phone", "name": "person-name"}, True)
        if key in SAID:
            lines = [self.said(key, fake, SAID[key][at % 6]) for at in range(rows)]
            self.write(f"notes-{key}.csv", ["no", note], list(enumerate(lines)), {note: "free-text"}, True)

    def said(self, key, fake, template):
        return template.format(p=self.whole(fake), t=fake.phone_number(), a=self.address(fake), c=fake.company(), y=fake.city(), s=fake.street_name())

    def sentences(self, key):
        fake = self.fakers[key]
        for kind, templates, times in (("said", SAID, 6), ("kept", KEPT, 8), ("plain", PLAIN, 6)):
            for at in range(len(templates[key]) * times):
                template = templates[key][at % len(templates[key])]
                kinds = [wanted for sign, wanted in (("{p}", "person-name"), ("{t}", "phone"), ("{a}", "home-address")) if sign in template]
                name = f"{kind}-{key}-{at:02}.json"
                (self.folder / name).write_text(json.dumps([{"text": self.said(key, fake, template)}], ensure_ascii=False))
                self.labels[name] = {"text": kind, "kinds": kinds, "held": None}

    def others(self, key):
        fake, rows = self.fakers[key], self.rows
        self.write(f"companies-{key}.csv", ["company", "city", "vat_rate", "employees"], [[fake.company(), fake.city(), 20, self.random.randrange(5, 900)] for _ in range(rows)], {}, False)
        self.write(f"suppliers-{key}.csv", ["supplier", "phone", "website", "address"], [[fake.company(), fake.phone_number(), fake.url(), self.address(fake)] for _ in range(rows)], {}, False)
        self.write(f"streets-{key}.csv", ["street", "city", "length_m", "surface"], [[fake.street_name(), fake.city(), self.random.randrange(50, 4000), "asphalt"] for _ in range(rows)], {}, False)
        self.write(f"stops-{key}.csv", ["stop_id", "stop_name", "stop_lat", "stop_lon"], [[f"S{at}", f"{fake.street_name()} / {fake.city()}", round(40 + at / 997, 6), round(5 + at / 991, 6)] for at in range(rows)], {}, False)
        self.write(f"towns-{key}.csv", ["code", "town", "inhabitants", "mayor's office"], [[10_000 + at * 7, fake.city(), self.random.randrange(90, 90_000), self.address(fake)] for at in range(rows)], {}, False)
        self.write(f"assets-{key}.csv", ["asset", "barcode", "bought", "price", "checksum"], [[fake.word(), fake.ean13(), fake.date_this_decade().isoformat(), self.random.randrange(5, 9_000) / 7, fake.md5()] for _ in range(rows)], {}, False)
        if key in PLAIN:
            lines = [self.said(key, fake, PLAIN[key][at % 6]) for at in range(rows)]
            self.write(f"news-{key}.csv", ["no", "text"], list(enumerate(lines)), {}, False)


def generate(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    world = Strangers(folder, rows)
    for key in {**LOCALES, **MORE}:
        world.people(key)
        world.others(key)
        if key in SAID:
            world.sentences(key)
    (folder / "labels.json").write_text(json.dumps(world.labels, ensure_ascii=False))
    return world.labels


if __name__ == "__main__":
    print(len(generate(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)), "files")
