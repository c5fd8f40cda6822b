search-ask-data = Daten anfragen
search-ask-this = Diese Daten anfragen
search-ask-search = Datensätze suchen
search-ask-thanks = Danke
search-ask-more = Etwas anderes suchen
search-ask-counted = Ihre Anfrage ist gezählt, ohne Ihren Namen. Datenanbieter sehen sie, wenn mindestens fünf dasselbe gesucht haben.
search-ask-lead = Datenanbieter sehen, was viele suchen und nicht finden. Gezählt werden nur die Wörter, nicht wer gefragt hat; sie erscheinen ab fünf Anfragen.
search-ask-looked-for = Sie haben „{ $about }“ gesucht.
search-filter-publisher = Datenanbieter
search-filter-theme = Thema
search-filter-keyword = Schlagwort
search-filter-format = Format
search-filter-licence = Lizenz
search-filter-language = Sprache
search-filter-place = Ort
search-filter-high-value = Hochwertige Kategorie
search-filter-quality = Qualität
search-filter-access = Zugang
search-kind-service = API-Dienst
search-kind-series = Serie
search-publisher-missing = Datenanbieter nicht genannt
search-formats = Formate
search-more-formats = und { $count } weitere
search-updated = Aktualisiert { $ago }
search-late = Verspätet: versprochen { $promise }
search-no-licence = Keine Lizenz genannt
search-own-terms = Eigene Bedingungen des Anbieters
search-page = (Seite { $number })
search-this = Diese Suche
search-description = { $count ->
    [one] { $count } öffentlicher Datensatz mit Anbieter, Lizenz und Formaten.
   *[other] { $count } öffentliche Datensätze mit Anbieter, Lizenz und Formaten.
}
search-narrow = Eingrenzen
search-filters = Filter
search-facet-datasets = Datensätze
search-facet-set = Datensätze, gesetzt: wählen, um den Filter aufzuheben
search-nothing = Nichts gefunden
search-found = { $count ->
    [one] { $count } Datensatz
   *[other] { $count } Datensätze
}
search-found-for = { $count ->
    [one] { $count } Datensatz für „{ $words }“
   *[other] { $count } Datensätze für „{ $words }“
}
search-sort-by = Sortieren nach
search-best-match = Relevanz
search-title = Titel
search-sort = Sortieren
search-filters-set = Gesetzte Filter
search-take-off = Filter aufheben:
search-take-all-off = Alle aufheben
search-no-word = Kein Datensatz enthält „{ $typed }“. Diese enthalten <strong>{ $taken }</strong>.
search-few-word = { $count ->
    [one] Nur { $count } Datensatz enthält „{ $typed }“. Auch nach <strong>{ $taken }</strong> wurde gesucht.
   *[other] Nur { $count } Datensätze enthalten „{ $typed }“. Auch nach <strong>{ $taken }</strong> wurde gesucht.
}
search-did-you-mean = { $count ->
    [one] Meinten Sie <a>{ $words }</a>? Das findet { $count } Datensatz.
   *[other] Meinten Sie <a>{ $words }</a>? Das findet { $count } Datensätze.
}
search-some-words = Kein Datensatz enthält alle diese Wörter. Diese enthalten einige davon.
search-with-all = { $count ->
    [one] { $count } Datensatz enthält alle diese Wörter. Die anderen enthalten einige davon.
   *[other] { $count } Datensätze enthalten alle diese Wörter. Die anderen enthalten einige davon.
}
search-none = Kein Datensatz passt.
search-none-words = Kein Datensatz passt zu „{ $words }“.
search-none-filters = Kein Datensatz passt zu diesen Filtern.
search-none-both = Kein Datensatz passt zu „{ $words }“ und diesen Filtern.
search-without-filters = Ohne Filter suchen
search-fewer-words = Versuchen Sie weniger oder allgemeinere Wörter.
search-spelling = Prüfen Sie die Schreibweise oder versuchen Sie eine andere Sprache: Viele Titel stehen in der ihres Anbieters.
search-browse = Stöbern: <a>{ $topic }</a>
search-ask = <a>Diese Daten anfragen</a>: Anbieter sehen, was gesucht und nicht gefunden wird.
search-nearest = Was am nächsten kommt
search-range = { $first } bis { $last } von { $all }
search-has-api = Mit API
search-quality = { $rating ->
    [excellent] Ausgezeichnet
    [good] Gut
    [sufficient] Ausreichend
    [bad] Schwach
   *[other] { $rating }
}
search-follow = Dieser Suche folgen
search-ask-public = Eine öffentliche Anfrage daraus machen, die andere unterstützen können
