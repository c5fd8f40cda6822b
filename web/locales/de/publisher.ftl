publisher-list-description = Die Stellen, die hier ihre Daten veröffentlichen.
publisher-list-none = Noch kein Datenanbieter.
publisher-list-count = { $count ->
    [one] { $count } Stelle veröffentlicht hier Daten.
   *[other] { $count } Stellen veröffentlichen hier Daten.
}
publisher-search-by-name = Datenanbieter nach Namen suchen
publisher-list-empty = Datenanbieter erscheinen hier mit ihrem ersten Datensatz.
publisher-list-no-match = Kein Datenanbieter heißt so: „{ $words }“. <a>Alle anzeigen</a>
publisher-datasets = { $count ->
    [one] { $count } Datensatz
   *[other] { $count } Datensätze
}
publisher-description = { $count ->
    [one] { $count } öffentlicher Datensatz von { $name }.
   *[other] { $count } öffentliche Datensätze von { $name }.
}
publisher-part-of = Gehört zu { $name }
publisher-homepage = Website
publisher-search-own = Datensätze von { $name } durchsuchen
publisher-search-own-short = Bei diesem Datenanbieter suchen
publisher-empty = Dieser Datenanbieter hat hier zurzeit keinen Datensatz.
publisher-about-data = Über die Daten dieses Anbieters
publisher-themes = Themen
publisher-formats = Formate
publisher-as-data = Als Daten
