screen-title = Auf personenbezogene Daten geprüft
screen-verdict-pass = Nichts gefunden
screen-verdict-notes = Bestanden, mit Hinweisen
screen-verdict-released = Nach Prüfung freigegeben
screen-verdict-told = Personenbezogene Daten gefunden
screen-reports-only = Dieses Portal meldet, was gefunden wird, und hält nichts zurück.
screen-description = Beschreibung
screen-nothing = Nichts gefunden.
screen-when = Geprüft am { $day } nach den Regeln { $rules }
screen-more = { $files ->
    [one] { $files } weitere Datei steht im vollständigen Bericht.
   *[other] { $files } weitere Dateien stehen im vollständigen Bericht.
}
screen-all = Der vollständige Bericht als Daten
screen-kind = { $kind ->
    [email] E-Mail-Adressen
    [phone] Telefonnummern
    [iban] Bankkonten
    [payment-card] Zahlungskarten
    [national-id] nationale Kennnummern
    [passport] Passnummern
    [driving-licence] Führerscheinnummern
    [vehicle-plate] Kennzeichen
    [ip-address] Internetadressen
    [mac-address] Netzadressen von Geräten
    [device-id] Gerätekennungen
    [coordinates] genaue Standorte
    [birth-date] Geburtsdaten
    [person-name] Namen von Personen
    [home-address] Wohnadressen
    [health] Gesundheit
    [special-category] besondere Kategorien
    [free-text] Texte über Personen
    [credentials] Anmeldenamen oder Passwörter
    [public-contact] Kontakte öffentlicher Stellen
    [re-identification] Kombinationen, die einzelne Personen erkennen lassen
    [small-cells] sehr kleine Fallzahlen
    [document-property] Namen in Dokumenteigenschaften
   *[other] anderes
}
screen-released = { $reason ->
    [public-office] Nach Prüfung freigegeben, weil die Personen ein öffentliches Amt haben:
    [legal-duty] Nach Prüfung freigegeben, weil ein Gesetz die Veröffentlichung verlangt:
    [consent] Nach Prüfung freigegeben, weil die Personen zugestimmt haben:
    [anonymised] Nach Prüfung freigegeben, weil die Daten vorher unkenntlich gemacht wurden:
    [historical] Nach Prüfung freigegeben, weil die Personen verstorben sind:
   *[not-personal] Bei der Prüfung stellte sich heraus, dass dies keine personenbezogenen Daten sind:
}
