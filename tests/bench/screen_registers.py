"""Registers of things that have names like persons, and registers of persons, for the personal-data screen.

Ships are called after saints, streets after poets, firms after their founders, roses after queens: what stands in the column `name` has to
be told from the names of persons by what stands beside it. Ten languages, deterministic. The names are ours.

    screen_registers.py BENCH_SCREEN [-v]     screens them; prints what was held among things, and what was not among persons
"""

import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile

GIVEN = {
    "en": "Alice George Hannah Edward Margaret Simon Eleanor Philip Judith Harold", "de": "Gisela Wolfgang Heike Jürgen Ursula Dieter Annegret Rolf Monika Klaus",
    "fr": "Brigitte Alain Monique Gérard Sylvie Thierry Chantal Didier Nathalie Yves", "es": "Carmen Javier Dolores Ramón Inmaculada Enrique Rocío Joaquín Teresa Manuel",
    "it": "Giuseppina Salvatore Rosaria Gennaro Antonella Pasquale Concetta Carmelo Daniela Mauro", "pt": "Conceição Joaquim Lurdes Manuel Fernanda Américo Graça Armando Luísa Vítor",
    "nl": "Marijke Gerrit Wilhelmina Hendrik Anneke Cornelis Johanna Pieter Trijntje Willem", "pl": "Agnieszka Zbigniew Małgorzata Krzysztof Grażyna Andrzej Bożena Ryszard Danuta Wojciech",
    "sv": "Birgitta Lennart Gunilla Göran Ingrid Bengt Kerstin Håkan Margareta Rolf", "cs": "Jaroslava Miroslav Věra Zdeněk Ludmila František Božena Václav Jiřina Stanislav",
}
FAMILY = {
    "en": "Whitaker Harding Osborne Pemberton Lowell Hastings Fairfax Kendall Ashworth Redmond", "de": "Brinkmann Hartwig Osterloh Petersen Kaltenbach Reinhardt Wieland Schröter Dannenberg Voss",
    "fr": "Delacroix Fournier Lemaire Beaumont Charpentier Vasseur Delorme Guérin Boucher Perrault", "es": "Olivares Quintana Cabrera Zamora Escudero Belmonte Arroyo Montero Salgado Carrasco",
    "it": "Colombo Ferraro Galli Montanari Pellegrini Bassi Caruso Lombardi Moretti Serra", "pt": "Carvalho Teixeira Barbosa Nogueira Pinto Moreira Cardoso Fonseca Tavares Coelho",
    "nl": "Dijkstra Verhoeven Kuipers Hoekstra Brouwer Postma Scholten Wagenaar Timmermans Bosman", "pl": "Kaczmarek Zawadzki Sobczak Wieczorek Jabłoński Majewska Olszewski Stępień Malinowska Dudek",
    "sv": "Lindström Bergqvist Sandberg Holmgren Nyström Forsberg Lundqvist Hedlund Söderberg Wallin", "cs": "Dvořák Svobodová Novotný Kučera Veselá Horák Němcová Pokorný Marková Hájek",
}
HEAD = {
    "en": "name town year length", "de": "Name Ort Jahr Länge", "fr": "nom commune année longueur", "es": "nombre municipio año longitud", "it": "nome comune anno lunghezza",
    "pt": "nome freguesia ano comprimento", "nl": "naam plaats jaar lengte", "pl": "nazwa gmina rok długość", "sv": "namn ort år längd", "cs": "název obec rok délka",
}
PERSON = {
    "en": "name|date of birth|phone", "de": "Name|Geburtsdatum|Telefon", "fr": "nom|date de naissance|téléphone", "es": "nombre|fecha de nacimiento|teléfono", "it": "nome|data di nascita|telefono",
    "pt": "nome|data de nascimento|telefone", "nl": "naam|geboortedatum|telefoon", "pl": "imię i nazwisko|data urodzenia|telefon", "sv": "namn|födelsedatum|telefon", "cs": "jméno|datum narození|telefon",
}
MEMBER = {
    "en": "member|joined|email", "de": "Mitglied|Eintritt|E-Mail", "fr": "adhérent|adhésion|courriel", "es": "socio|alta|correo", "it": "socio|iscrizione|email",
    "pt": "sócio|adesão|email", "nl": "lid|sinds|e-mail", "pl": "członek|data przystąpienia|e-mail", "sv": "medlem|inträde|e-post", "cs": "člen|vstup|e-mail",
}
TOWNS = {
    "en": "Ashby Thornton Millbrook Stanford Hartley", "de": "Neustadt Lauenburg Bernau Altdorf Rosenheim", "fr": "Saint-Aubin Villeneuve Beaupré Montfort Clairvaux", "es": "Villanueva Medina Alcalá Montoro Huelma",
    "it": "Borgo Castello Rivalta Montalto Serravalle", "pt": "Penela Arcos Loures Mirandela Tavira", "nl": "Zutphen Hattem Lochem Vught Deventer", "pl": "Brzeg Nysa Oława Trzebnica Milicz",
    "sv": "Alvesta Kalmar Nybro Tranås Vetlanda", "cs": "Kutná Tábor Písek Jičín Litomyšl",
}
# How things are called after persons: {g} a given name, {f} a family name.
THINGS = {
    "ships": {language: "{g} {f}|MS {g}|{g}|MV {f}|Santa {g}|Stella {f}|{g} Star|Nord {f}" for language in GIVEN},
    "roses": {language: "{g} {f}|Queen {g}|{g}|Madame {f}|Golden {g}|Souvenir de {f}|Rambling {g}" for language in GIVEN},
    "firms": {
        "en": "{f} & Sons|{f} Builders Ltd|{g} {f} Ltd|{f} Brothers|{f}, {f} and Partners", "de": "{f} GmbH|Bäckerei {f}|{f} & Söhne KG|{g} {f} e.K.|Autohaus {f}", "fr": "{f} SARL|Boulangerie {f}|{f} et Fils|Garage {f}|Établissements {f}",
        "es": "{f} S.L.|Panadería {f}|Hijos de {f}|Talleres {f}|{f} y Asociados", "it": "{f} S.r.l.|Panificio {f}|Fratelli {f}|Autofficina {f}|{f} & Figli S.n.c.", "pt": "{f} Lda.|Padaria {f}|{f} & Filhos|Oficina {f}|Irmãos {f}",
        "nl": "{f} B.V.|Bakkerij {f}|Gebroeders {f}|Garage {f}|{f} & Zonen", "pl": "{f} Sp. z o.o.|Piekarnia {f}|{f} i Synowie|Zakład {f}|Firma {f}", "sv": "{f} AB|Bageri {f}|Bröderna {f}|{f} & Söner HB|Verkstad {f}",
        "cs": "{f} s.r.o.|Pekařství {f}|{f} a synové|Autoservis {f}|Truhlářství {f}",
    },
    "streets": {
        "en": "{g} {f} Street|{f} Road|{f} Avenue|{g} Lane|{f} Close", "de": "{g}-{f}-Straße|{f}straße|{f}weg|{f}platz|An der {f}mühle", "fr": "rue {g} {f}|avenue {f}|place {g} {f}|impasse {f}|allée {g}", "es": "Calle {g} {f}|Avenida {f}|Plaza {g}|Paseo {f}|Travesía {f}",
        "it": "Via {g} {f}|Viale {f}|Piazza {g} {f}|Corso {f}|Largo {g}", "pt": "Rua {g} {f}|Avenida {f}|Praça {g} {f}|Travessa {f}|Largo {g}", "nl": "{g} {f}straat|{f}laan|{f}plein|{f}weg|{g} {f}hof", "pl": "ul. {g} {f}|al. {f}|pl. {f}|ulica {f}|os. {f}",
        "sv": "{f}gatan|{f}vägen|{g} {f}s gata|{g}torget|{f}s gränd", "cs": "ulice {g} {f}|náměstí {f}|třída {f}|{f}ova|nábřeží {f}",
    },
    "schools": {
        "en": "{g} {f} Primary School|{f} Academy|St {g}'s School|{f} College|{g} {f} Nursery", "de": "{g}-{f}-Schule|{f}-Gymnasium|Kita {g}|Grundschule {f}|{g}-{f}-Realschule", "fr": "École {g} {f}|Collège {f}|Lycée {g} {f}|École {f}|Crèche {g}", "es": "Colegio {g} {f}|CEIP {f}|IES {g} {f}|Escuela {f}|Guardería {g}",
        "it": "Scuola {g} {f}|Liceo {f}|Istituto {g} {f}|Asilo {g}|Scuola media {f}", "pt": "Escola {g} {f}|Colégio {f}|Agrupamento {g} {f}|Jardim de Infância {g}|Escola Básica {f}", "nl": "Basisschool {g}|{g} {f}school|{f} College|School {f}|De {g}", "pl": "Szkoła im. {g} {f}|Liceum {f}|Przedszkole {g}|Gimnazjum {f}|Technikum {f}",
        "sv": "{f}skolan|{g} {f} gymnasium|Förskolan {g}|{f}s skola|{g}skolan", "cs": "Základní škola {g} {f}|Gymnázium {f}|Mateřská škola {g}|Škola {f}|Střední škola {f}",
    },
    "works": {
        "en": "The Life of {g} {f}|{g} and {g}|Songs for {g}|The House of {f}|{f}'s Garden", "de": "Das Leben der {g} {f}|{g} und {g}|Lieder für {g}|Das Haus {f}|Briefe an {g}", "fr": "La Vie de {g} {f}|{g} et {g}|Chansons pour {g}|La maison {f}|Lettres à {g}", "es": "La vida de {g} {f}|{g} y {g}|Canciones para {g}|La casa {f}|Cartas a {g}",
        "it": "La vita di {g} {f}|{g} e {g}|Canzoni per {g}|La casa {f}|Lettere a {g}", "pt": "A vida de {g} {f}|{g} e {g}|Canções para {g}|A casa {f}|Cartas a {g}", "nl": "Het leven van {g} {f}|{g} en {g}|Liedjes voor {g}|Het huis {f}|Brieven aan {g}", "pl": "Życie {g} {f}|{g} i {g}|Pieśni dla {g}|Dom {f}|Listy do {g}",
        "sv": "{g} {f}s liv|{g} och {g}|Sånger till {g}|Huset {f}|Brev till {g}", "cs": "Život {g} {f}|{g} a {g}|Písně pro {g}|Dům {f}|Dopisy {g}",
    },
}
# What stands beside the name, as its column and how its value is made.
BESIDE = {
    "ships": [("IMO", lambda r: 9_000_000 + r.randrange(900_000)), ("GT", lambda r: r.randrange(300, 90_000)), ("flag", lambda r: r.choice(["PA", "LR", "MT", "NO"]))],
    "roses": [("class", lambda r: r.choice(["climber", "shrub", "tea"])), ("petals", lambda r: r.randrange(5, 80)), ("bred", lambda r: r.randrange(1860, 2020))],
    "firms": [("VAT", lambda r: f"{r.randrange(10**8, 10**9)}"), ("employees", lambda r: r.randrange(1, 400)), ("NACE", lambda r: f"{r.randrange(10, 99)}.{r.randrange(10, 99)}")],
    "streets": [("m", lambda r: r.randrange(40, 4_000)), ("surface", lambda r: r.choice(["asphalt", "cobbles"])), ("km/h", lambda r: r.choice([30, 50]))],
    "schools": [("pupils", lambda r: r.randrange(60, 900)), ("rooms", lambda r: r.randrange(4, 40)), ("id", lambda r: r.randrange(1_000, 9_999))],
    "works": [("ISBN", lambda r: f"978-{r.randrange(1, 9)}-{r.randrange(1_000, 9_999)}-{r.randrange(1_000, 9_999)}-{r.randrange(9)}"), ("pages", lambda r: r.randrange(80, 900)), ("copies", lambda r: r.randrange(1, 9))],
}


def write(folder, name, header, rows):
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def generate(folder, count, seed=11):
    """Files, and whether each is to be held."""
    folder.mkdir(parents=True, exist_ok=True)
    dice, labels = random.Random(seed), {}
    for language, heads in HEAD.items():
        given, family, towns = GIVEN[language].split(), FAMILY[language].split(), TOWNS[language].split()
        heads = heads.split()
        for thing, patterns in THINGS.items():
            made = lambda: dice.choice(patterns[language].split("|")).format(g=dice.choice(given), f=dice.choice(family))
            beside = BESIDE[thing]
            rows = [[made(), dice.choice(towns), *(make(dice) for _, make in beside)] for _ in range(count)]
            name = f"{thing}-{language}.csv"
            write(folder, name, [heads[0], heads[1], *(title for title, _ in beside)], rows)
            labels[name] = False
        whole = lambda: f"{dice.choice(given)} {dice.choice(family)}"
        born = lambda: f"{dice.randrange(1935, 2015)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        write(folder, f"persons-{language}.csv", PERSON[language].split("|"), [[whole(), born(), f"+44 20 7946 {dice.randrange(10_000):04}"] for _ in range(count)])
        write(folder, f"members-{language}.csv", MEMBER[language].split("|"), [[whole(), born()[:4], f"m{dice.randrange(10**6)}@gmail.com"] for _ in range(count)])
        write(folder, f"turned-{language}.csv", PERSON[language].split("|")[:2], [[f"{dice.choice(family).upper()}, {dice.choice(given)}", born()] for _ in range(count)])
        labels |= {f"{kind}-{language}.csv": True for kind in ("persons", "members", "turned")}
    return labels


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        labels = generate(folder, 200)
        names = sorted(labels)
        out = subprocess.run([program], input="".join(f"{folder / name}\n" for name in names), text=True, capture_output=True, check=True).stdout
        wrong = {False: [], True: []}
        named = 0
        for name, line in zip(names, out.splitlines()):
            report = json.loads(line)["report"]
            said = [finding for finding in report["findings"] if finding["kind"] == "person-name"]
            named += bool(said) and not labels[name]
            if (report["verdict"] == "hold") != labels[name]:
                wrong[labels[name]].append(name)
            if "-v" in sys.argv and ((report["verdict"] == "hold") != labels[name] or said and not labels[name]):
                print(name, report["verdict"], [(finding["column"], finding["kind"], finding["outcome"], finding["confidence"]) for finding in report["findings"]])
    things = sum(1 for held in labels.values() if not held)
    print(f"things: {len(wrong[False])} of {things} held, {named} with names noted; persons: {len(wrong[True])} of {len(labels) - things} not held")
    for name in wrong[False] + wrong[True]:
        print(" ", name)
    return bool(wrong[True]) or len(wrong[False]) > 0.03 * things


if __name__ == "__main__":
    sys.exit(main())
