theme-all = Themen
theme-all-lead = Der ganze Katalog nach Themen.
theme-none = Hier ist noch nichts.
theme-description = { $count ->
    [one] { $count } öffentlicher Datensatz: { $name }.
   *[other] { $count } öffentliche Datensätze: { $name }.
}
theme-datasets = { $count ->
    [one] { $count } Datensatz
   *[other] { $count } Datensätze
}
theme-datasets-word = { $count ->
    [one] Datensatz
   *[other] Datensätze
}
theme-search-within = In { $name } suchen
theme-empty = Zurzeit gehört kein öffentlicher Datensatz hierher.
theme-more = Weiter
theme-formats = Formate
theme-as-data = Als Daten
