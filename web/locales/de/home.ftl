home-title = Öffentliche Daten für alle
home-browse = { $count ->
    [one] Den einen Datensatz ansehen
   *[other] In allen { $count } Datensätzen stöbern
}
home-browse-catalogue = Im Katalog stöbern
home-publishers = { $count ->
    [one] von { $count } Datenanbieter
   *[other] von { $count } Datenanbietern
}
home-topics = Nach Themen stöbern
home-empty = Noch ist nichts veröffentlicht. Sobald der Katalog einer Behörde abgerufen ist, erscheinen ihre Datensätze hier.
home-side = Datenanbieter und Entwickler
home-all-publishers = Alle Datenanbieter
home-building = Bauen Sie etwas?
home-building-text = Jeder Datensatz hier ist auch eine API. Probieren Sie sie ohne Schlüssel; ein kostenloser ist in weniger als einer Minute da.
home-what = Was Sie hier tun können
home-find = Finden und herunterladen
home-find-text = Durchsuchen Sie alle Kataloge auf einmal und sehen Sie, von wem die Daten sind, wie aktuell sie sind und was die Lizenz erlaubt. Kein Konto, keine Cookies.
home-build = Dienste bauen
home-build-text = Eine dokumentierte API für alles. Schlüssel gibt es sofort und kostenlos, die Grenzen sind ehrlich und stehen in jeder Antwort.
home-fair = Prüfen, ob es gerecht zugeht
home-fair-text = Ein öffentlicher Tarif für alle. <a>Jede Grenze und jede Änderung daran</a> ist öffentlich.
home-most-used = Am meisten genutzt
home-most-used-note = Anfragen der letzten dreißig Tage, sofern mindestens fünf Aufrufer dahinterstehen.
home-ask = Fragen und Antwort bekommen
home-ask-text = Fragen Sie die Stelle bei jedem Datensatz, und <a>bitten Sie um Daten</a>, die fehlen. Fragen und Antworten sind öffentlich.
home-follow = Auf dem Laufenden bleiben
home-follow-text = Folgen Sie einem Datensatz, einer Stelle oder einer Suche: per E-Mail, Webhook oder Feed. Ohne Konto, ein Klick beendet es.
home-requests = { $count ->
    [one] { $count } Anfrage
   *[other] { $count } Anfragen
}
