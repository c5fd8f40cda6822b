"""A labelled set for telephone numbers alone, kept apart from what the detector is mended against.

Numbers are made from what national regulators publish: beginnings and lengths, the groupings that each country prints, the ways in
which people write them (with and without calling code, dots, slashes, parentheses, labels, extensions, two in one cell). Carrier
sentences are in twelve languages. Negatives are other numbers of the same look: prices, amounts, tax numbers, files, dates, parcels,
standards, coordinates. What is missed here is printed, and not mended case by case: mend what is general, and say so.

    screen_phones.py FOLDER [ROWS]     writes files and labels.json into FOLDER
"""

import csv
import json
import pathlib
import random
import sys

# Calling code, then how nationals print it: `#` any digit, `%` 2 to 9.
PLANS = {
    "en": ("44", ["07%## ######", "020 7### ####", "0161 ### ####", "(01223) ######", "01223 ######"]),
    "us": ("1", ["(%##) %##-####", "%##-%##-####", "%##.%##.####", "1-%##-%##-####", "%## %## ####"]),
    "de": ("49", ["0151 ########", "030/#######", "0711 %##-##", "(089) %######", "0%21-######"]),
    "fr": ("33", ["06 ## ## ## ##", "01.%#.##.##.##", "0%########", "04-%#-##-##-##"]),
    "es": ("34", ["6## ## ## ##", "91 ### ## ##", "6## ### ###", "9## ######"]),
    "it": ("39", ["3%# #######", "06 %#######", "02/%#######", "3%# ### ####", "051 %#####"]),
    "pt": ("351", ["91# ### ###", "21 ### ## ##", "96 ### ## ##", "22 ### ####"]),
    "nl": ("31", ["06-########", "020-%######", "06 ## ## ## ##", "0%0 ### ## ##"]),
    "pl": ("48", ["5## ### ###", "22 ### ## ##", "(12) ### ## ##", "6##-###-###"]),
    "sv": ("46", ["070-### ## ##", "08-### ### ##", "031-## ## ##", "073 ### ## ##"]),
    "cs": ("420", ["60# ### ###", "2## ### ###", "77# ######"]),
    "da": ("45", ["%# ## ## ##", "%### ####", "%#######"]),
}
HEADS = {"en": "tel", "us": "phone", "de": "Rufnummer", "fr": "tel_portable", "es": "movil", "it": "cellulare", "pt": "telemovel", "nl": "telefoonnummer", "pl": "telefon", "sv": "mobilnr", "cs": "telefon", "da": "tlf"}
NAMES = {
    "en": "Dilys Marchbanks|Kester Oduya", "us": "Shawna Petrakis|Delroy Whitcomb", "de": "Frauke Isenberg|Jannes Pohlmann", "fr": "Maëlys Garonnat|Yannick Tressol", "es": "Nerea Castroviejo|Iker Lobatón", "it": "Mirella Sbarigia|Duilio Frascheri",
    "pt": "Ivone Carrapatoso|Telmo Barradas", "nl": "Femke Duivenvoorde|Jorrit Hoekzema", "pl": "Grażyna Sikorzak|Mirosław Bednarz", "sv": "Linnéa Hedborg|Rasmus Ekblad", "cs": "Hana Vojtěchová|Radim Skoupý", "da": "Birgitte Vinther|Jeppe Holmgaard",
}
SAYS = {
    "en": ["You can ring {p} on {t} after six.", "{p}, {t}, would like a visit.", "Her mobile is {t}."], "us": ["Please call {p} back at {t}.", "{p} left the number {t} with reception.", "Cell phone: {t}"],
    "de": ["Bitte {p} unter {t} zurückrufen.", "{p}, Tel. {t}, wartet auf Antwort.", "Seine Handynummer lautet {t}."], "fr": ["Merci de rappeler {p} au {t}.", "{p} est joignable au {t} le soir.", "Son portable : {t}"],
    "es": ["Llamen a {p} al {t} por la tarde.", "{p}, tel. {t}, espera respuesta.", "Su móvil es {t}."], "it": ["Si prega di chiamare {p} al {t}.", "{p}, tel. {t}, aspetta risposta.", "Il suo cellulare è {t}."],
    "pt": ["Ligar para {p}, {t}, depois das seis.", "{p}, tel. {t}, aguarda resposta.", "O telemóvel dela é {t}."], "nl": ["Graag {p} bellen op {t}.", "{p}, tel. {t}, wacht op antwoord.", "Haar mobiel is {t}."],
    "pl": ["Proszę zadzwonić do {p}, {t}.", "{p}, tel. {t}, czeka na odpowiedź.", "Jej telefon to {t}."], "sv": ["Ring {p} på {t} efter sex.", "{p}, tel {t}, väntar på svar.", "Hennes mobilnummer är {t}."],
    "cs": ["Volejte prosím {p}, {t}.", "{p}, tel. {t}, čeká na odpověď.", "Její mobil je {t}."], "da": ["Ring venligst til {p} på {t}.", "{p}, tlf. {t}, venter på svar.", "Hendes mobil er {t}."],
}
# Sentences with other numbers; `@` any digit.
OTHERS = ["Invoice 2023-@@@@@ of 14.03.2023 over 1 @@@,50", "Ref. 12/@@@@/2022, file 4.@@.@@", "ISBN 978-3-16-1484@@-0 appeared in 2019", "The parcel 00340434@@@@@@@@@@ arrived", "Budget of 12 @@@ @@@ for 2024 and 13 @@@ @@@ for 2025", "Position 52.@@@@@@, 13.@@@@@@ near the bridge", "EN ISO 9001:2015 and 14001:2015, part 3", "VAT DE8111@@@@@ and register HRB 9@@@@", "Code 4@@@@ of the list, items 100-@@@, 200-@@@", "From 08:00 to 17:30 on 12.05.2023 and 13.05.2023"]


class Phones:
    def __init__(self, folder, rows, seed=41):
        self.folder, self.rows, self.random, self.labels = folder, rows, random.Random(seed), {}

    def fill(self, pattern):
        pick = {"#": "0123456789", "%": "23456789", "@": "0123456789"}
        return "".join(self.random.choice(pick[sign]) if sign in pick else sign for sign in pattern)

    def number(self, key, way=None):
        code, patterns = PLANS[key]
        national = self.fill(self.random.choice(patterns))
        digits = "".join(sign for sign in national if sign.isdigit())
        bare = digits[1:] if key == "us" and len(digits) == 11 else digits if key in ("it",) else digits.removeprefix("0")
        way = way or self.random.choice(["national"] * 6 + ["plus", "plus", "zeros", "solid", "trunk", "extension", "label", "hard"])
        return {
            "national": national, "solid": digits, "plus": f"+{code} {bare[:3]} {bare[3:6]} {bare[6:]}".strip(), "zeros": f"00{code} {bare}", "trunk": f"+{code} (0){bare}" if key not in ("us", "es", "it", "pt", "pl", "cs", "da") else f"+{code}-{bare}",
            "extension": f"{national} ext. {self.random.randrange(10, 999)}", "label": f"Tel: {national}", "hard": national.replace(" ", "\u00a0").replace("-", "–"),
        }[way]

    def write(self, name, head, rows, column):
        with open(self.folder / name, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head, *rows])
        self.labels[name] = {"column": column}

    def tables(self, key):
        full = NAMES[key].split("|")
        self.write(f"named-{key}.csv", ["no", HEADS[key]], [[at, self.number(key)] for at in range(self.rows)], HEADS[key])
        self.write(f"bare-{key}.csv", ["a", "b", "c"], [[at, self.random.choice(full), self.number(key)] for at in range(self.rows)], "c")
        self.write(f"plain-{key}.csv", ["a", "b", "c"], [[at, self.random.choice(full), self.number(key, "national")] for at in range(self.rows)], "c")
        for at, other in enumerate(OTHERS):
            self.write(f"other-{key}-{at}.csv", ["no", "remark"], [[row, self.fill(other)] for row in range(self.rows)], None)
        shapes = {"amount": "1 @@@ @@@", "price": "@@.@@", "taxno": "12/@@@/@@@@@", "order": "45@@@@@@@@", "ean": "4006381@@@@@@", "serial": "A-@@@@-@@@@", "day": "2023-05-1@ 10:2@", "version": "10.@@.@@@", "article": "@@@.@@@.@@", "easting": "4@@@@@.@@"}
        self.write(f"figures-{key}.csv", ["no", *shapes], [[row, *map(self.fill, shapes.values())] for row in range(self.rows)], None)

    def sentences(self, key):
        for at in range(len(SAYS[key]) * 8):
            text = SAYS[key][at % len(SAYS[key])].format(p=self.random.choice(NAMES[key].split("|")), t=self.number(key))
            self.text(f"says-{key}-{at:02}.json", text, True)
        for at, other in enumerate(OTHERS):
            self.text(f"plain-{key}-{at}.json", self.fill(other), False)

    def text(self, name, text, said):
        (self.folder / name).write_text(json.dumps([{"text": text}], ensure_ascii=False))
        self.labels[name] = {"text": said}


def generate(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    world = Phones(folder, rows)
    for key in PLANS:
        world.tables(key)
        world.sentences(key)
    (folder / "labels.json").write_text(json.dumps(world.labels, ensure_ascii=False))
    return world.labels


if __name__ == "__main__":
    print(len(generate(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 120)), "files")
